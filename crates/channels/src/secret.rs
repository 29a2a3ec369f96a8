//! Secrets: they go into a header and nowhere else.

/// A token. It has no `Display`, and its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps it.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for a header.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where a channel's secrets come from: `relay_token` gives the relay's. They must belong to the same hands as
/// the channel's config; otherwise whoever sets the address is sent another's token.
pub trait Secrets {
    /// The secret of this name.
    fn secret(&self, name: &str) -> Option<Secret>;
}

impl<F: Fn(&str) -> Option<Secret>> Secrets for F {
    fn secret(&self, name: &str) -> Option<Secret> {
        self(name)
    }
}
