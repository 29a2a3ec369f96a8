//! Secrets that we must read again, sealed in envelopes: an authenticator's secret, a provider's key.
//!
//! Each secret is sealed with a key of its own, and that key with the install's, both by
//! XChaCha20-Poly1305. What it belongs to (table, column, row) is authenticated with it, so that a sealed value that is
//! copied into another row does not open. The install's key is the variable `seal_key`: 64 hexadecimal digits, or
//! several such, separated by commas: the first seals, all open, so that a key can be replaced. Where it is not set,
//! it is one that the install made; that one lies in the same database as what it seals, and protects a dump of
//! single tables alone.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use ports::{Db, DbError, Entropy};
use sha2::{Digest, Sha256};

use crate::people::install;

/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// Bytes of a nonce: long enough to be random.
const NONCE_BYTES: usize = 24;
/// Bytes that tell which of the install's keys sealed.
const KEY_ID_BYTES: usize = 4;
/// Bytes of a sealed key: with its tag.
const SEALED_KEY_BYTES: usize = KEY_BYTES + 16;
/// What every sealed value begins with: how it is built.
const FORMAT: u8 = 1;

/// Why something cannot be sealed or opened. It never holds a secret.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum EnvelopeError {
    /// The variable `seal_key` is something else than it must be.
    #[error("`seal_key` must be 64 hexadecimal digits, or several such, separated by commas")]
    Key,
    /// Sealed with a key that is no longer there, changed, or put where it does not belong.
    #[error("it was sealed with another `seal_key`, or was changed since")]
    Broken,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What a sealed value belongs to. The same is needed to open it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The row: its key, led by the workspace or the user.
    pub row: &'a str,
}

impl Place<'_> {
    fn bytes(self) -> Vec<u8> {
        // Table and column are names of ours: no colon.
        format!("rondo:{}:{}:{}", self.table, self.column, self.row).into_bytes()
    }
}

/// Seals and opens with the install's keys.
pub struct Envelopes(Vec<[u8; KEY_BYTES]>);

impl Envelopes {
    /// With the keys that the operator set, else with the one that the install made.
    pub async fn of(db: &dyn Db, configured: Option<&str>) -> Result<Self, EnvelopeError> {
        match configured {
            Some(text) => Self::with(text),
            None => Self::with(&install::seal_key(db).await?),
        }
    }

    /// With these.
    pub fn with(text: &str) -> Result<Self, EnvelopeError> {
        text.split(',').map(|key| key_of(key.trim())).collect::<Option<Vec<_>>>().map(Self).ok_or(EnvelopeError::Key)
    }

    /// Seals a secret for its place.
    pub fn seal(&self, entropy: &dyn Entropy, place: Place<'_>, secret: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
        let master = self.0.first().ok_or(EnvelopeError::Key)?;
        let (mut key, mut key_nonce, mut nonce) = ([0; KEY_BYTES], [0; NONCE_BYTES], [0; NONCE_BYTES]);
        for bytes in [&mut key[..], &mut key_nonce[..], &mut nonce[..]] {
            entropy.fill(bytes);
        }
        let place = place.bytes();
        let mut sealed = vec![FORMAT];
        sealed.extend(key_id(master));
        sealed.extend(key_nonce);
        sealed.extend(encrypt(master, &key_nonce, &place, &key)?);
        sealed.extend(nonce);
        sealed.extend(encrypt(&key, &nonce, &place, secret)?);
        Ok(sealed)
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
        let place = place.bytes();
        let mut rest = sealed;
        let mut take = |count: usize| -> Result<&[u8], EnvelopeError> {
            let (taken, left) = rest.split_at_checked(count).ok_or(EnvelopeError::Broken)?;
            rest = left;
            Ok(taken)
        };
        if take(1)? != [FORMAT] {
            return Err(EnvelopeError::Broken);
        }
        let id = take(KEY_ID_BYTES)?;
        let (key_nonce, sealed_key, nonce) = (take(NONCE_BYTES)?, take(SEALED_KEY_BYTES)?, take(NONCE_BYTES)?);
        let master = self.0.iter().find(|key| key_id(key) == id).ok_or(EnvelopeError::Broken)?;
        let key = decrypt(master, key_nonce, &place, sealed_key)?;
        decrypt(key.as_slice().try_into().map_err(|_| EnvelopeError::Broken)?, nonce, &place, rest)
    }
}

impl std::fmt::Debug for Envelopes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Envelopes(…)")
    }
}

fn key_of(text: &str) -> Option<[u8; KEY_BYTES]> {
    if text.len() != 2 * KEY_BYTES || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut key = [0; KEY_BYTES];
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(key)
}

fn key_id(key: &[u8; KEY_BYTES]) -> [u8; KEY_ID_BYTES] {
    let hash = Sha256::digest([b"rondo seal key id", &key[..]].concat());
    std::array::from_fn(|at| hash[at])
}

fn encrypt(key: &[u8; KEY_BYTES], nonce: &[u8], place: &[u8], text: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    let nonce = XNonce::try_from(nonce).map_err(|_| EnvelopeError::Broken)?;
    let payload = Payload { msg: text, aad: place };
    XChaCha20Poly1305::new(key.into()).encrypt(&nonce, payload).map_err(|_| EnvelopeError::Broken)
}

fn decrypt(key: &[u8; KEY_BYTES], nonce: &[u8], place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    let nonce = XNonce::try_from(nonce).map_err(|_| EnvelopeError::Broken)?;
    let payload = Payload { msg: sealed, aad: place };
    XChaCha20Poly1305::new(key.into()).decrypt(&nonce, payload).map_err(|_| EnvelopeError::Broken)
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use ports::native::{NativeDb, SeededEntropy};

    use super::*;

    const PLACE: Place<'static> = Place { table: "totp", column: "sealed", row: "ada" };

    fn keys(digits: &[&str]) -> Envelopes {
        Envelopes::with(&digits.iter().map(|digit| digit.repeat(64)).collect::<Vec<_>>().join(", ")).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_again_and_shows_nothing() {
        let (envelopes, entropy) = (keys(&["1"]), SeededEntropy::new(1));
        let sealed = envelopes.seal(&entropy, PLACE, b"the secret").unwrap();
        assert!(!sealed.windows(6).any(|bytes| bytes == b"secret"));
        assert_eq!(envelopes.open(PLACE, &sealed).unwrap(), b"the secret");
        assert_ne!(sealed, envelopes.seal(&entropy, PLACE, b"the secret").unwrap());
    }

    #[test]
    fn it_opens_in_its_place_alone() {
        let (envelopes, entropy) = (keys(&["1"]), SeededEntropy::new(1));
        let sealed = envelopes.seal(&entropy, PLACE, b"x").unwrap();
        for place in
            [Place { row: "bob", ..PLACE }, Place { column: "other", ..PLACE }, Place { table: "provider", ..PLACE }]
        {
            assert_eq!(envelopes.open(place, &sealed), Err(EnvelopeError::Broken));
        }
    }

    #[test]
    fn a_single_changed_or_missing_byte_is_noticed() {
        let (envelopes, entropy) = (keys(&["1"]), SeededEntropy::new(1));
        let sealed = envelopes.seal(&entropy, PLACE, b"x").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(envelopes.open(PLACE, &changed), Err(EnvelopeError::Broken), "byte {at}");
            assert_eq!(envelopes.open(PLACE, &sealed[..at]), Err(EnvelopeError::Broken), "cut at {at}");
        }
    }

    #[test]
    fn a_key_is_replaced_by_putting_a_new_one_before_it() {
        let entropy = SeededEntropy::new(1);
        let old = keys(&["1"]).seal(&entropy, PLACE, b"x").unwrap();
        let both = keys(&["2", "1"]);
        assert_eq!(both.open(PLACE, &old).unwrap(), b"x");
        let new = both.seal(&entropy, PLACE, b"x").unwrap();
        assert_eq!(keys(&["2"]).open(PLACE, &new).unwrap(), b"x");
        assert_eq!(keys(&["2"]).open(PLACE, &old), Err(EnvelopeError::Broken));
    }

    #[test]
    fn a_key_of_another_form_is_refused_and_without_one_the_install_has_its_own() {
        for text in ["", "abc", &"g".repeat(64), &"é".repeat(32), &format!("{},", "1".repeat(64))] {
            assert_eq!(Envelopes::with(text).unwrap_err(), EnvelopeError::Key, "{text}");
        }
        let db = NativeDb::in_memory().unwrap();
        block_on(crate::migrate::ensure(&db)).unwrap();
        let envelopes = block_on(Envelopes::of(&db, None)).unwrap();
        let sealed = envelopes.seal(&SeededEntropy::new(1), PLACE, b"x").unwrap();
        assert_eq!(block_on(Envelopes::of(&db, None)).unwrap().open(PLACE, &sealed).unwrap(), b"x");
    }
}
