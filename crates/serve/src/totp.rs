//! Time-based one-time passwords (RFC 6238), as every authenticator app makes them: SHA-1, 30 seconds, 6 digits.

use hmac::{Hmac, KeyInit, Mac};
use ports::Entropy;
use sha1::Sha1;
use subtle::ConstantTimeEq;

/// A code holds so long, in seconds.
pub const PERIOD_S: i64 = 30;
/// Digits of a code.
pub const DIGITS: usize = 6;
/// Periods before and after the present one whose codes count: clocks differ.
const PERIODS_ASIDE: i64 = 1;
/// Bytes of a secret: as many as SHA-1 has.
const SECRET_BYTES: usize = 20;

/// A new secret.
pub fn new_secret(entropy: &dyn Entropy) -> Vec<u8> {
    let mut secret = vec![0; SECRET_BYTES];
    entropy.fill(&mut secret);
    secret
}

/// The code of a period.
pub fn code(secret: &[u8], step: i64) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return String::new() };
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 0x0f);
    let number = u32::from_be_bytes([hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]]);
    format!("{:0DIGITS$}", number % 10_u32.pow(DIGITS as u32))
}

/// The period whose code this is, near the present one.
pub fn step_of(secret: &[u8], given: &str, now_ms: i64) -> Option<i64> {
    let now = now_ms.div_euclid(1000).div_euclid(PERIOD_S);
    let near = now - PERIODS_ASIDE..=now + PERIODS_ASIDE;
    // All are compared, each in constant time.
    near.fold(None, |found, step| {
        let is_it: bool = code(secret, step).as_bytes().ct_eq(given.as_bytes()).into();
        if is_it { Some(step) } else { found }
    })
}

/// What an app is told, as a link or a picture of it.
pub fn uri(secret: &[u8], account: &str) -> String {
    let account: String = url::form_urlencoded::byte_serialize(account.as_bytes()).collect();
    let account = account.replace('+', "%20");
    format!("otpauth://totp/Rondo:{account}?secret={}&issuer=Rondo&digits={DIGITS}&period={PERIOD_S}", base32(secret))
}

/// RFC 4648, without padding: as apps take it, and as people can type it.
pub fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(held >> bits) as usize & 31]));
        }
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(held << (5 - bits)) as usize & 31]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B; its last six digits.
        for (second, digits) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(b"12345678901234567890", second / PERIOD_S), digits);
        }
    }

    #[test]
    fn a_code_counts_in_its_period_and_the_ones_beside_it() {
        let secret = b"12345678901234567890";
        let given = code(secret, 100);
        for (step, expect) in [(98, None), (99, Some(100)), (100, Some(100)), (101, Some(100)), (102, None)] {
            assert_eq!(step_of(secret, &given, step * PERIOD_S * 1000), expect);
        }
        assert_eq!(step_of(secret, "", 100), None);
        assert_eq!(step_of(secret, &given[..5], 100 * PERIOD_S * 1000), None);
    }

    #[test]
    fn base32_is_that_of_the_rfc() {
        for (bytes, text) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn the_link_names_us_and_the_account() {
        let link = uri(b"foobar", "ada lovelace@example.com");
        assert_eq!(
            link,
            "otpauth://totp/Rondo:ada%20lovelace%40example.com?secret=MZXW6YTBOI&issuer=Rondo&digits=6&period=30"
        );
    }
}
