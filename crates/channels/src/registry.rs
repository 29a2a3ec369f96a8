//! From a channel's row and its secrets to the channel.

use crate::relay::RelayConfig;
use crate::{Channel, Relay, Secrets, Shelf, Stage};

/// Every platform that can be connected.
pub const PLATFORMS: [&str; 2] = ["stage", "relay"];

/// Why a channel's row gives no channel; a sentence for whoever connected it.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unusable {
    /// No file here is about it.
    #[error("`{0}` is no platform that Rondo can publish to; it can publish to {list}", list = PLATFORMS.join(", "))]
    UnknownPlatform(String),
    /// Its config does not fit.
    #[error("the {platform} channel's config {complaint}")]
    Config {
        /// The platform.
        platform: &'static str,
        /// What is wrong and what would be right.
        complaint: String,
    },
    /// A secret is missing or cannot be sent.
    #[error("the {platform} channel's secret `{name}` {complaint}")]
    Secret {
        /// The platform.
        platform: &'static str,
        /// The secret's name.
        name: &'static str,
        /// What is wrong and what would be right.
        complaint: String,
    },
}

/// The channel of a row: its platform, its config (JSON; empty means none), its secrets, and the shelf that the
/// stage stands on.
pub fn channel<'a>(
    platform: &str,
    config: &str,
    secrets: &dyn Secrets,
    shelf: &'a dyn Shelf,
) -> Result<Box<dyn Channel + 'a>, Unusable> {
    match platform {
        "stage" => Ok(Box::new(Stage { shelf })),
        "relay" => Ok(Box::new(Relay::new(RelayConfig::parse(config)?, secrets.secret(RELAY_TOKEN))?)),
        other => Err(Unusable::UnknownPlatform(other.into())),
    }
}

/// The name of the relay's secret.
pub const RELAY_TOKEN: &str = "relay_token";

#[cfg(test)]
mod tests {
    use ports::DbError;

    use super::*;
    use crate::{Publication, Secret, Shelved};

    struct NoShelf;

    #[async_trait::async_trait(?Send)]
    impl Shelf for NoShelf {
        async fn put(&self, _entry: &Publication) -> Result<Shelved, DbError> {
            Err(DbError::Full)
        }

        async fn find(&self, _workspace_id: &str, _key: &str) -> Result<Option<Shelved>, DbError> {
            Ok(None)
        }
    }

    fn complaint(platform: &str, config: &str, token: Option<&str>) -> String {
        let secrets = |_: &str| token.map(Secret::new);
        match channel(platform, config, &secrets, &NoShelf) {
            Ok(_) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    const RELAY: &str = r#"{"relay_url":"https://cms.example/hook","relay_oracle":"search"}"#;

    #[test]
    fn every_platform_on_the_list_can_be_made() {
        for platform in PLATFORMS {
            assert_eq!(complaint(platform, RELAY, Some("t0ken")), "", "{platform}");
        }
    }

    #[test]
    fn people_can_connect_every_platform_but_the_stage_which_is_there_already() {
        let connectable = domain::channel::CONNECTABLE.iter().map(|(name, _)| *name);
        assert_eq!(std::iter::once(domain::channel::STAGE).chain(connectable).collect::<Vec<_>>(), PLATFORMS);
    }

    #[test]
    fn an_unknown_platform_gives_a_sentence() {
        assert_eq!(
            complaint("myspace", "", None),
            "`myspace` is no platform that Rondo can publish to; it can publish to stage, relay"
        );
    }

    #[test]
    fn a_relay_without_a_token_or_with_one_that_breaks_a_header_is_refused() {
        assert!(complaint("relay", RELAY, None).contains("`relay_token` is missing"));
        let broken = complaint("relay", RELAY, Some("a\r\nx: y"));
        assert!(broken.contains("visible ASCII") && !broken.contains("x: y"), "{broken}");
    }

    #[test]
    fn a_relay_url_must_be_plain_http_or_https() {
        for url in [
            "ftp://x.example",
            "https://me:pw@x.example",
            "https://me@x.example",
            "https://x.example?a=b",
            "https://x.example/#f",
            "x.example",
            "javascript:alert(1)",
            "",
        ] {
            let config = serde_json::json!({"relay_url": url, "relay_oracle": "keyed"}).to_string();
            let complaint = complaint("relay", &config, Some("t"));
            assert!(complaint.contains("relay_url"), "{url}: {complaint}");
            assert!(!complaint.contains("pw"), "a complaint must not repeat a password: {complaint}");
        }
    }

    #[test]
    fn a_misspelt_setting_or_oracle_is_refused_and_not_ignored() {
        let misspelt = r#"{"relay_url":"https://x.example","relay_oracel":"keyed"}"#;
        assert!(complaint("relay", misspelt, Some("t")).contains("relay_oracel"));
        let unknown = r#"{"relay_url":"https://x.example","relay_oracle":"maybe"}"#;
        assert!(complaint("relay", unknown, Some("t")).contains("maybe"));
    }
}
