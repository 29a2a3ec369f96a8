//! What the operator may set. Everything runs with nothing set.

use domain::MicroUsd;
use url::Url;

/// Reads variables when they are asked for: some come over the network, and few are needed by one request.
pub struct Settings(Box<Read>);

/// A variable's value by its name.
type Read = dyn Fn(&str) -> Option<String>;

/// A variable: its name, its default in words, and what it does.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// As in `spin.toml`.
    pub name: &'static str,
    /// Never to be shown.
    pub secret: bool,
    /// What holds when it is not set.
    pub default: &'static str,
    /// What it does.
    pub does: &'static str,
}

/// Every variable that is read here.
pub const VARIABLES: &[Variable] = &[
    Variable {
        name: "setup_token",
        secret: true,
        default: "none: the install cannot be claimed",
        does: "what `/setup/<token>` must hold to claim a fresh install",
    },
    Variable {
        name: "operator_token",
        secret: true,
        default: "none: off",
        does: "a bearer token with the owner's rights in the first workspace, for the command line on the same host",
    },
    Variable {
        name: "wake_secret",
        secret: true,
        default: "one made at the first start, in the database",
        does: "what step and tick routes ask for",
    },
    Variable {
        name: "wake_base",
        secret: false,
        default: "http://{step}.spin.internal",
        does: "where to wake a step over HTTP; the app's public URL where components cannot call each other; `off` wakes nobody",
    },
    Variable {
        name: "redis_address",
        secret: false,
        default: "none: off",
        does: "where to wake steps by Redis as well, `redis://host:port`",
    },
    Variable {
        name: "public_url",
        secret: false,
        default: "none: the request's `Host` counts",
        does: "how people reach the site; behind a proxy it must be set",
    },
    Variable {
        name: "client_address_header",
        secret: false,
        default: "none: the connection's peer",
        does: "the header that a trusted proxy puts the client's address into, such as `x-forwarded-for`",
    },
    Variable {
        name: "seal_key",
        secret: true,
        default: "one made at the first start, in the database",
        does: "what secrets are sealed with, 64 hexadecimal digits; to replace it, put the new one before it and a comma",
    },
    Variable {
        name: "oidc_issuer",
        secret: false,
        default: "none: off",
        does: "the issuer of an OpenID Connect provider that people may sign in with",
    },
    Variable { name: "oidc_client_id", secret: false, default: "none", does: "what that provider calls this install" },
    Variable {
        name: "oidc_client_secret",
        secret: true,
        default: "none: a public client",
        does: "what proves this install to that provider",
    },
    Variable {
        name: "model_provider",
        secret: false,
        default: "rehearsal",
        does: "the kind of the operator's model: whether there is one that may read a text",
    },
    Variable {
        name: "default_budget_usd",
        secret: false,
        default: "5",
        does: "the budget of a campaign that names none, and of a day's readings of copied texts, in US dollars",
    },
];

/// What a campaign may cost that names no budget: five dollars.
const DEFAULT_BUDGET: MicroUsd = MicroUsd(5_000_000);

impl Settings {
    /// Reads through this.
    pub fn new(read: impl Fn(&str) -> Option<String> + 'static) -> Self {
        Self(Box::new(read))
    }

    /// These, for tests.
    pub fn of(pairs: &[(&'static str, &str)]) -> Self {
        let pairs: Vec<(&str, String)> = pairs.iter().map(|(name, value)| (*name, (*value).into())).collect();
        Self::new(move |name| pairs.iter().find(|(found, _)| *found == name).map(|(_, value)| value.clone()))
    }

    /// A variable; blank counts as not set.
    pub fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).map(|value| value.trim().to_string()).filter(|value| !value.is_empty())
    }

    /// What claims a fresh install.
    pub fn setup_token(&self) -> Option<String> {
        self.get("setup_token")
    }

    /// What lets the operator in.
    pub fn operator_token(&self) -> Option<String> {
        self.get("operator_token")
    }

    /// What step routes ask for. `None`: the one in the database.
    pub fn wake_secret(&self) -> Option<String> {
        self.get("wake_secret")
    }

    /// Where steps are woken; empty: nowhere.
    pub fn wake_base(&self) -> String {
        match self.get("wake_base") {
            None => "http://{step}.spin.internal".into(),
            Some(off) if off == "off" => String::new(),
            Some(base) => base,
        }
    }

    /// Where steps are woken by Redis.
    pub fn redis_address(&self) -> Option<String> {
        self.get("redis_address")
    }

    /// How people reach the site; never ends with a slash.
    pub fn public_url(&self) -> Option<String> {
        self.get("public_url").map(|url| url.trim_end_matches('/').to_string())
    }

    /// Whether people reach it by https.
    pub fn is_https(&self) -> bool {
        self.public_url().is_some_and(|url| url.starts_with("https://"))
    }

    /// The public URL's host and port, as the header `Origin` has them.
    pub fn public_origin(&self) -> Option<String> {
        let url = Url::parse(&self.public_url()?).ok()?;
        Some(url.origin().ascii_serialization())
    }

    /// Where a proxy puts the client's address.
    pub fn client_address_header(&self) -> Option<String> {
        self.get("client_address_header").map(|name| name.to_ascii_lowercase())
    }

    /// What secrets are sealed with. `None`: the key in the database.
    pub fn seal_key(&self) -> Option<String> {
        self.get("seal_key")
    }

    /// The budget of a campaign that names none. One that cannot be read counts as not set, and is logged.
    pub fn default_budget(&self) -> MicroUsd {
        let Some(text) = self.get("default_budget_usd") else { return DEFAULT_BUDGET };
        match text.parse::<f64>() {
            Ok(dollars) if (0.0..=1_000_000.0).contains(&dollars) => MicroUsd((dollars * 1e6).round() as i64),
            _ => {
                eprintln!("`default_budget_usd` is no amount; {DEFAULT_BUDGET} holds");
                DEFAULT_BUDGET
            }
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Settings(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_a_default() {
        let settings = Settings::of(&[("operator_token", "  ")]);
        assert_eq!(settings.operator_token(), None);
        assert_eq!(settings.wake_base(), "http://{step}.spin.internal");
        assert_eq!(settings.default_budget(), MicroUsd(5_000_000));
        assert!(!settings.is_https());
    }

    #[test]
    fn what_is_set_holds() {
        let settings = Settings::of(&[
            ("wake_base", "off"),
            ("default_budget_usd", "2.50"),
            ("public_url", "https://rondo.example:8443/"),
        ]);
        assert_eq!(settings.wake_base(), "");
        assert_eq!(settings.default_budget(), MicroUsd(2_500_000));
        assert_eq!(settings.public_origin().as_deref(), Some("https://rondo.example:8443"));
        assert_eq!(Settings::of(&[("default_budget_usd", "lots")]).default_budget(), DEFAULT_BUDGET);
    }
}
