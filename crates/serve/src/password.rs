//! Passwords: Argon2id with OWASP's minimum: 19 MiB, two passes, one lane.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use ports::Entropy;
use store::secret;
use subtle::ConstantTimeEq;

use crate::Problem;

/// Shortest password in characters.
pub const CHARS_MIN: usize = 12;
/// Longest password in characters.
pub const CHARS_MAX: usize = 256;

/// Memory in KiB.
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over it.
const PASSES: u32 = 2;
/// Lanes.
const LANES: u32 = 1;

/// The hash of a password that nobody has, with our parameters: what an unknown user's is compared with, so that
/// both take the same time.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn argon2() -> Result<Argon2<'static>, Problem> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| Problem::Internal(error.into()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Whether a new password will do. Length is all that is asked for: rules about signs make worse ones.
pub fn check(field: &str, password: &str) -> Result<(), Problem> {
    match password.chars().count() {
        count if count < CHARS_MIN => Err(Problem::invalid(
            field,
            format!("has {count} characters; it needs at least {CHARS_MIN}. Three or four unrelated words will do"),
        )),
        count if count > CHARS_MAX => {
            Err(Problem::invalid(field, format!("has {count} characters; the most is {CHARS_MAX}")))
        }
        _ => Ok(()),
    }
}

/// What is stored for somebody who has no password: nothing matches it.
pub const NONE: &str = "none";

/// The PHC string to store.
pub fn hash(entropy: &dyn Entropy, password: &str) -> Result<String, Problem> {
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    let hash = argon2()?
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| Problem::Internal(anyhow::anyhow!("hashing: {error}")))?;
    Ok(hash.to_string())
}

/// Whether this is the password. `None` for an unknown user takes as long and is false.
pub fn is_right(stored: Option<&str>, password: &str) -> bool {
    // A password that nobody can have costs no hashing, whoever it is for.
    if password.is_empty() || password.chars().count() > CHARS_MAX {
        return false;
    }
    // So does somebody who has none, because they sign in elsewhere.
    let known = stored.and_then(|stored| PasswordHash::new(stored).ok());
    let is_known = known.is_some();
    let (Some(hash), Ok(argon2)) = (known.or_else(|| PasswordHash::new(NOBODY).ok()), argon2()) else { return false };
    argon2.verify_password(password.as_bytes(), &hash).is_ok() && is_known
}

/// Compares secrets without telling by time where they differ.
pub(crate) fn same_secret(one: &str, other: &str) -> bool {
    // Of equal length whatever was sent.
    secret::sha256(one).as_bytes().ct_eq(secret::sha256(other).as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use ports::native::SeededEntropy;

    use super::*;

    #[test]
    fn the_right_password_is_right_and_every_other_is_wrong() {
        let entropy = SeededEntropy::new(1);
        let stored = hash(&entropy, "correct horse battery").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(is_right(Some(&stored), "correct horse battery"));
        assert!(!is_right(Some(&stored), "correct horse batterz"));
        assert!(!is_right(Some(&stored), ""));
        assert_ne!(stored, hash(&entropy, "correct horse battery").unwrap(), "each has its own salt");
    }

    #[test]
    fn an_unknown_user_costs_the_same_hashing_as_a_known_one() {
        let stored = hash(&SeededEntropy::new(1), "correct horse battery").unwrap();
        let (known, nobody) = (PasswordHash::new(&stored).unwrap(), PasswordHash::new(NOBODY).unwrap());
        assert_eq!(known.params, nobody.params);
        assert_eq!(known.algorithm, nobody.algorithm);
        assert_eq!(known.hash.unwrap().len(), nobody.hash.unwrap().len());
        assert!(!is_right(None, "correct horse battery"));
        assert!(!is_right(Some(NONE), "correct horse battery") && !is_right(Some(NONE), NONE));
    }

    #[test]
    fn a_new_password_has_twelve_characters_at_least() {
        assert!(check("password", "elf zeichen").unwrap_err().to_string().contains("at least 12"));
        assert!(check("password", "zwölf zeichn").is_ok());
        assert!(check("password", &"x".repeat(CHARS_MAX)).is_ok());
        assert!(check("password", &"x".repeat(CHARS_MAX + 1)).is_err());
    }
}
