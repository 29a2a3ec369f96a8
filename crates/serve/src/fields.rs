//! What people type of themselves: names and addresses.

use crate::Problem;

/// Longest name of a person or a workspace, in characters.
pub const NAME_CHARS_MAX: usize = 200;
/// Longest e-mail address, in characters.
const EMAIL_CHARS_MAX: usize = 254;

/// Whether it will do as the name of a person, a workspace, a token.
pub fn check_name<'a>(field: &str, name: &'a str) -> Result<&'a str, Problem> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(Problem::invalid(field, format!("must have 1 to {NAME_CHARS_MAX} characters")));
    }
    Ok(name)
}

/// Whether it can be an address. Only a mail that arrives would tell.
pub fn check_email(field: &str, email: &str) -> Result<(), Problem> {
    let email = email.trim();
    let could_be = email.chars().count() <= EMAIL_CHARS_MAX
        && !email.contains(char::is_whitespace)
        && email
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if could_be { Ok(()) } else { Err(Problem::invalid(field, "is no e-mail address; it needs an `@` in between")) }
}
