//! Secrets that we hand out and keep only the hash of: session cookies, API tokens.

use ports::Entropy;
use sha2::{Digest, Sha256};

/// A new secret: 256 random bits, in hexadecimal.
pub fn new(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    hex(&bytes)
}

/// What is stored in its place. Fit for secrets with 256 random bits only; passwords need a slow hash.
pub fn sha256(secret: &str) -> String {
    sha256_bytes(secret.as_bytes())
}

/// The same of any bytes.
pub fn sha256_bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}

#[cfg(test)]
mod tests {
    use ports::native::SeededEntropy;

    use super::*;

    #[test]
    fn a_secret_has_256_bits_and_its_hash_is_sha_256() {
        let entropy = SeededEntropy::new(7);
        assert_eq!(new(&entropy).len(), 64);
        assert_ne!(new(&entropy), new(&entropy));
        assert_eq!(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
