//! What an ID token says, once it was held to what we asked for (OpenID Connect Core, 3.1.3.7).

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::Value;

use super::provider::Provider;
use crate::Problem;
use crate::fields::{NAME_CHARS_MAX, check_email};
use crate::password::same_secret;

/// Clocks may differ by so much, in seconds.
const CLOCKS_DIFFER_S: i64 = 60;
/// Longest subject, in characters, as OpenID Connect has it.
const SUBJECT_CHARS_MAX: usize = 255;

/// Who somebody is at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Stable, and never given to another.
    pub subject: String,
    /// An address that the provider says it has verified.
    pub verified_email: Option<String>,
    /// What they are called.
    pub name: Option<String>,
}

fn wrong(complaint: &'static str) -> Problem {
    Problem::ProviderFailed { complaint }
}

impl Claims {
    /// Reads an ID token.
    pub(super) fn read(token: &str, provider: &Provider, nonce: &str, now_s: i64) -> Result<Self, Problem> {
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(wrong("its ID token cannot be read"));
        };
        let (header, claims) = (decode(header)?, decode(payload)?);
        let text = |name: &str| claims[name].as_str();
        if header["alg"].as_str().is_none_or(|alg| alg.eq_ignore_ascii_case("none")) {
            return Err(wrong("its ID token is not signed"));
        }
        if text("iss") != Some(&provider.issuer) {
            return Err(wrong("its ID token names another issuer"));
        }
        if !is_for(&claims, &provider.client_id) {
            return Err(wrong("its ID token is for another client"));
        }
        if claims["exp"].as_f64().is_none_or(|exp| (exp as i64) + CLOCKS_DIFFER_S <= now_s) {
            return Err(wrong("its ID token has expired"));
        }
        if claims["iat"].as_f64().is_none_or(|iat| iat as i64 > now_s + CLOCKS_DIFFER_S) {
            return Err(wrong("its ID token comes from the future"));
        }
        if !text("nonce").is_some_and(|found| same_secret(found, nonce)) {
            return Err(wrong("its ID token answers another request"));
        }
        Self::of(&claims)
    }

    /// Who a set of claims speaks of.
    pub(super) fn of(claims: &Value) -> Result<Self, Problem> {
        let subject = claims["sub"].as_str().filter(|sub| !sub.is_empty() && sub.len() <= SUBJECT_CHARS_MAX);
        let subject = subject.ok_or_else(|| wrong("it does not say who signed in"))?;
        let is_verified = claims["email_verified"] == Value::Bool(true);
        let email = claims["email"].as_str().filter(|email| is_verified && check_email("email", email).is_ok());
        let name = claims["name"].as_str().map(str::trim).filter(|name| !name.is_empty());
        Ok(Self {
            subject: subject.into(),
            verified_email: email.map(|email| email.trim().into()),
            name: name.map(|name| name.chars().take(NAME_CHARS_MAX).collect()),
        })
    }
}

/// The audience is us; where there are several, we are the one that it was issued to.
fn is_for(claims: &Value, client_id: &str) -> bool {
    let audience: Vec<&str> = match &claims["aud"] {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let party = claims.get("azp").map(|azp| azp.as_str() == Some(client_id));
    audience.contains(&client_id) && party.unwrap_or(audience.len() == 1)
}

fn decode(part: &str) -> Result<Value, Problem> {
    let bytes = Base64UrlUnpadded::decode_vec(part).map_err(|_| wrong("its ID token cannot be read"))?;
    serde_json::from_slice(&bytes).map_err(|_| wrong("its ID token cannot be read"))
}
