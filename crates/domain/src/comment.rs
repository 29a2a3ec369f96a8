//! Comments, and whom they mention.

/// Longest comment in characters.
pub const CHARS_MAX: usize = 4_000;
/// Most people that one comment may mention.
pub const MENTIONS_MAX: usize = 20;

/// A piece of a comment: words, or a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// As they were written.
    Words(&'a str),
    /// `@Ada Okafor`: the text as it was written, and whom it means.
    Person(&'a str, &'a str),
}

/// Takes a comment apart. A mention is an `@` at the start of a word, and then a member's whole name, or a first name
/// that only one member has; upper and lower case are alike. `people`: ids and names.
pub fn pieces<'a>(text: &'a str, people: &'a [(String, String)]) -> Vec<Piece<'a>> {
    let mut found = Vec::new();
    let (mut start, mut from) = (0, 0);
    while let Some(offset) = text[from..].find('@') {
        let at = from + offset;
        from = at + 1;
        if text[..at].chars().next_back().is_some_and(char::is_alphanumeric) {
            continue;
        }
        if let Some((id, length)) = person(&text[at + 1..], people) {
            if start < at {
                found.push(Piece::Words(&text[start..at]));
            }
            from = at + 1 + length;
            found.push(Piece::Person(&text[at..from], id));
            start = from;
        }
    }
    if start < text.len() {
        found.push(Piece::Words(&text[start..]));
    }
    found
}

/// The ids of those whom a comment mentions, each once.
pub fn mentioned<'a>(text: &'a str, people: &'a [(String, String)]) -> Vec<&'a str> {
    let mut ids = Vec::new();
    for piece in pieces(text, people) {
        if let Piece::Person(_, id) = piece
            && !ids.contains(&id)
            && ids.len() < MENTIONS_MAX
        {
            ids.push(id);
        }
    }
    ids
}

/// Whom the text begins with: the longest name that fits.
fn person<'a>(text: &str, people: &'a [(String, String)]) -> Option<(&'a str, usize)> {
    let whole = people.iter().filter_map(|(id, name)| Some((id.as_str(), begins_with(text, name)?)));
    if let Some(found) = whole.max_by_key(|(_, length)| *length) {
        return Some(found);
    }
    let first = |name: &str| name.split_whitespace().next().unwrap_or_default().to_string();
    let mut fits = people.iter().filter_map(|(id, name)| Some((id.as_str(), begins_with(text, &first(name))?)));
    let found = fits.next()?;
    fits.next().is_none().then_some(found)
}

/// How many bytes of the text are this name, if it ends there as well.
fn begins_with(text: &str, name: &str) -> Option<usize> {
    let mut rest = text.chars();
    for wanted in name.chars() {
        let is_same = rest.next().is_some_and(|found| found.to_lowercase().eq(wanted.to_lowercase()));
        if !is_same {
            return None;
        }
    }
    let ends = !name.is_empty() && !rest.clone().next().is_some_and(|next| next.is_alphanumeric() || next == '_');
    ends.then(|| text.len() - rest.as_str().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let people = [("1", "Ada Okafor"), ("2", "Ben"), ("3", "Ada Lund"), ("4", "Zoë Ünal")]
            .map(|(id, name)| (id.to_string(), name.to_string()));
        assert_eq!(mentioned(text, &people), expect, "{text}");
        let whole: String = pieces(text, &people)
            .iter()
            .map(|piece| match piece {
                Piece::Words(words) => *words,
                Piece::Person(words, _) => words,
            })
            .collect();
        assert_eq!(whole, text, "nothing is lost");
    }

    #[test]
    fn a_mention_is_a_whole_name_or_a_first_name_that_only_one_has() {
        check("@Ada Okafor, please look", &["1"]);
        check("@ada lund and @BEN: @ben?", &["3", "2"]);
        check("@Ada, please", &[]);
        check("@zoë!", &["4"]);
        check("@Benjamin is nobody, nor is ben@example.com", &[]);
        check("@", &[]);
        check("(@Ben)", &["2"]);
        check("@Ada Okafors", &[]);
    }
}
