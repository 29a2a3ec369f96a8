//! What is asked of the index of words. Words come from briefs, models and people: each is quoted, so that none can be
//! an operator.

/// From so many characters on, the last one may be another: `posts` finds `post`.
const PREFIX_CHARS_MIN: usize = 5;

/// Any of these words, in this workspace; none where there is no word.
pub(super) fn expression(workspace_id: &str, words: &[String]) -> Option<String> {
    let terms: Vec<String> = words.iter().map(|word| term(word)).collect();
    let any = terms.join(" OR ");
    (!terms.is_empty()).then(|| format!("workspace_id : {} AND {{about text}} : ({any})", quoted(workspace_id)))
}

fn term(word: &str) -> String {
    match word.char_indices().next_back() {
        Some((last, _)) if word.chars().count() >= PREFIX_CHARS_MIN => format!("{} *", quoted(&word[..last])),
        _ => quoted(word),
    }
}

/// A string of FTS5. It ends at no quote of its own, and holds no NUL, where SQLite would end it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\0', "").replace('"', "\"\""))
}
