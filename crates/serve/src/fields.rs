//! What people type of themselves, names and addresses; and what they say of what they decide.

use domain::Decision;

use crate::Problem;

/// Longest name of a person, a workspace or a campaign, in characters.
pub const NAME_CHARS_MAX: usize = 200;
/// Longest e-mail address, in characters.
const EMAIL_CHARS_MAX: usize = 254;

/// Longest comment on a decision, in characters.
const COMMENT_CHARS_MAX: usize = 2_000;

/// Whoever sends something back says why: it is all that the writer has to go by.
pub fn check_comment(comment: Option<&str>, decision: Decision) -> Result<Option<&str>, Problem> {
    let comment = comment.map(str::trim).filter(|comment| !comment.is_empty());
    match comment {
        None if decision == Decision::SendBack => {
            Err(Problem::invalid("comment", "is missing; say what is to be different"))
        }
        Some(comment) if comment.chars().count() > COMMENT_CHARS_MAX => {
            Err(Problem::invalid("comment", format!("must have at most {COMMENT_CHARS_MAX} characters")))
        }
        _ => Ok(comment),
    }
}

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
