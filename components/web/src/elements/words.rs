//! A post's words, as a reader of the stage meets them, and what reviewers found in them.

use domain::{Content, Finding, Severity};
use maud::{Markup, html};

use super::scores::dimension;

/// A sentence of ours; what stands between backticks in it is code.
pub fn with_code(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// Title and paragraphs.
pub fn preview(content: &Content) -> Markup {
    html! {
        div.words lang=(content.language) {
            p.title { (content.title) }
            (paragraphs(&content.text))
        }
    }
}

/// Plain text as paragraphs; web addresses in it can be followed.
pub fn paragraphs(text: &str) -> Markup {
    html! { @for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) { p { (linked(paragraph)) } } }
}

/// Only what is plainly a web address becomes a link, and no search engine counts it as ours.
fn linked(text: &str) -> Markup {
    html! {
        @for piece in text.split_inclusive(char::is_whitespace) {
            @let word = piece.trim_end();
            @let bare = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '”', '"']);
            @if is_web_address(bare) {
                a href=(bare) rel="nofollow ugc noopener" { (bare) }
                (piece[bare.len()..])
            } @else { (piece) }
        }
    }
}

fn is_web_address(word: &str) -> bool {
    (word.starts_with("https://") || word.starts_with("http://"))
        && url::Url::parse(word).is_ok_and(|url| url.has_host())
}

/// What reviewers found, the gravest first.
pub fn findings<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Markup {
    let mut findings: Vec<&Finding> = findings.into_iter().collect();
    findings.sort_by_key(|finding| finding.severity);
    html! {
        @if findings.is_empty() { p.soft.small { "The reviewers found nothing to mend." } }
        @else {
            ul.findings role="list" {
                @for finding in findings {
                    li.(finding.severity.as_str()) {
                        b { (dimension(&finding.rule)) } span.soft.small { " · " (weight(finding.severity)) }
                        @if !finding.quote.is_empty() { p { q { (finding.quote) } } }
                        p.advice { (finding.advice) }
                    }
                }
            }
        }
    }
}

fn weight(severity: Severity) -> &'static str {
    match severity {
        Severity::Blocker => "blocks: must be mended",
        Severity::Major => "should be mended",
        Severity::Minor => "a remark",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(paragraphs(text).into_string(), expect, "{text}");
    }

    #[test]
    fn text_is_escaped_and_only_web_addresses_become_links() {
        check("<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>");
        check(
            "See https://a.example/x?y=1&z=2.",
            "<p>See <a href=\"https://a.example/x?y=1&amp;z=2\" rel=\"nofollow ugc noopener\">https://a.example/x?y=1&amp;z=2</a>.</p>",
        );
        check("javascript:alert(1) \"https://", "<p>javascript:alert(1) &quot;https://</p>");
        check("one\n\ntwo\nthree", "<p>one</p><p>two\nthree</p>");
    }
}
