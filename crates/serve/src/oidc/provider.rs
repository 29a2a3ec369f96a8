//! The provider: what the operator set, what it says of itself, and the calls to it.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use ports::{HttpError, Response, Timeouts};
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::form_urlencoded::{Serializer, byte_serialize};
use url::{Host, Url};

use super::{Bound, Claims};
use crate::{App, Problem};

/// How long each phase of a call may take: a person waits.
const TIMEOUTS: Timeouts = Timeouts { connect_ms: 5_000, first_byte_ms: 8_000, between_bytes_ms: 5_000 };
/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// What is asked for.
const SCOPE: &str = "openid email profile";

/// What the operator set.
pub struct Provider {
    /// Exactly as the provider writes it.
    pub issuer: String,
    /// What it calls us.
    pub client_id: String,
    client_secret: Option<String>,
}

/// What it says of itself.
pub struct Known {
    issuer: String,
    authorization: Url,
    token: Url,
    userinfo: Option<Url>,
    says_issuer: bool,
    takes_secret_in_body: bool,
}

/// What it gave for a code.
pub struct Tokens {
    pub id_token: String,
    pub access_token: Option<String>,
}

fn failed(complaint: &'static str) -> Problem {
    Problem::ProviderFailed { complaint }
}

/// https, or anything on the machine itself.
fn trusted(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_local = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    (url.scheme() == "https" || (url.scheme() == "http" && is_local)).then_some(url)
}

impl Provider {
    /// The one that is set, if one is.
    pub fn set(app: App<'_>) -> Option<Self> {
        let (issuer, client_id) = (app.settings.get("oidc_issuer")?, app.settings.get("oidc_client_id")?);
        Some(Self { issuer, client_id, client_secret: app.settings.get("oidc_client_secret") })
    }

    /// Its host, for people.
    pub fn host(&self) -> String {
        Url::parse(&self.issuer).ok().and_then(|url| url.host_str().map(Into::into)).unwrap_or_default()
    }

    /// Asks it where its endpoints are.
    pub async fn discover(&self, app: App<'_>) -> Result<Known, Problem> {
        trusted(&self.issuer).ok_or_else(|| failed("`oidc_issuer` must begin with https://"))?;
        let url = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let answer = call(app, "GET", url, Vec::new(), Vec::new()).await?;
        let said = json(&answer)?;
        if said["issuer"].as_str() != Some(&self.issuer) {
            return Err(failed("it calls itself by another name than `oidc_issuer`"));
        }
        let endpoint = |name: &str| said[name].as_str().and_then(trusted);
        let methods = said["token_endpoint_auth_methods_supported"].as_array();
        let takes = |method: &str| methods.is_some_and(|all| all.iter().any(|one| one == method));
        Ok(Known {
            issuer: self.issuer.clone(),
            authorization: endpoint("authorization_endpoint").ok_or_else(|| failed("it has no place to sign in"))?,
            token: endpoint("token_endpoint").ok_or_else(|| failed("it has no place to redeem a code"))?,
            userinfo: endpoint("userinfo_endpoint"),
            says_issuer: said["authorization_response_iss_parameter_supported"] == Value::Bool(true),
            takes_secret_in_body: !takes("client_secret_basic") && takes("client_secret_post"),
        })
    }
}

impl Known {
    /// Where to send the browser.
    pub fn authorization_url(&self, provider: &Provider, redirect_uri: &str, state: &str, bound: &Bound) -> String {
        let challenge = Base64UrlUnpadded::encode_string(&Sha256::digest(bound.verifier.as_bytes()));
        let mut url = self.authorization.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &provider.client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("scope", SCOPE)
            .append_pair("state", state)
            .append_pair("nonce", &bound.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        url.into()
    }

    /// Holds the answer to the issuer that was asked (RFC 9207), so that no other provider's code is taken for its.
    pub fn check_issuer(&self, said: Option<&str>) -> Result<(), Problem> {
        match said {
            Some(issuer) if issuer != self.issuer => Err(failed("the answer comes from another provider")),
            None if self.says_issuer => Err(failed("the answer does not say which provider it comes from")),
            _ => Ok(()),
        }
    }

    /// Redeems a code.
    pub async fn redeem(
        &self,
        app: App<'_>,
        provider: &Provider,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
    ) -> Result<Tokens, Problem> {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("code_verifier", verifier);
        let mut headers = vec![("content-type".into(), "application/x-www-form-urlencoded".into())];
        match &provider.client_secret {
            Some(secret) if !self.takes_secret_in_body => {
                // RFC 6749, 2.3.1: both are form-encoded first.
                let pair: String = [&provider.client_id, secret]
                    .map(|text| byte_serialize(text.as_bytes()).collect::<String>())
                    .join(":");
                headers.push(("authorization".into(), format!("Basic {}", Base64::encode_string(pair.as_bytes()))));
            }
            secret => {
                form.append_pair("client_id", &provider.client_id);
                if let Some(secret) = secret {
                    form.append_pair("client_secret", secret);
                }
            }
        }
        let answer = call(app, "POST", self.token.to_string(), headers, form.finish().into_bytes()).await?;
        let said = json(&answer)?;
        let text = |name: &str| said[name].as_str().map(Into::into);
        Ok(Tokens {
            id_token: text("id_token").ok_or_else(|| failed("it gave no ID token"))?,
            access_token: text("access_token"),
        })
    }

    /// Adds the address from the userinfo endpoint, where the ID token has none, as many providers do it.
    pub async fn with_userinfo(
        &self,
        app: App<'_>,
        claims: Claims,
        access_token: Option<&str>,
    ) -> Result<Claims, Problem> {
        let (Some(url), Some(token), None) = (&self.userinfo, access_token, &claims.verified_email) else {
            return Ok(claims);
        };
        let headers = vec![("authorization".into(), format!("Bearer {token}"))];
        let answer = call(app, "GET", url.to_string(), headers, Vec::new()).await?;
        let more = Claims::of(&json(&answer)?)?;
        if more.subject != claims.subject {
            return Err(failed("it speaks of two different people"));
        }
        Ok(Claims { verified_email: more.verified_email, name: claims.name.or(more.name), ..claims })
    }
}

async fn call(
    app: App<'_>,
    method: &'static str,
    url: String,
    mut headers: Vec<(String, String)>,
    body: Vec<u8>,
) -> Result<Response, Problem> {
    headers.push(("accept".into(), "application/json".into()));
    let request =
        ports::Request { method, url, headers, body, timeouts: TIMEOUTS, response_bytes_max: ANSWER_BYTES_MAX };
    app.ports.http.send(request).await.map_err(|error| match error {
        HttpError::NotSent(reason) => {
            eprintln!("the provider of sign-in cannot be reached: {reason}");
            failed("it cannot be reached")
        }
        HttpError::Unknown(_) => failed("it did not answer in time"),
        HttpError::TooLarge { .. } => failed("its answer is too long"),
    })
}

fn json(answer: &Response) -> Result<Value, Problem> {
    if answer.status != 200 {
        return Err(failed("it refused"));
    }
    serde_json::from_slice(&answer.body).map_err(|_| failed("its answer cannot be read"))
}
