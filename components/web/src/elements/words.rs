//! A post's words, as a reader of the stage meets them, and what reviewers found in them.

use domain::{Content, Finding, Part, Severity};
use maud::{Markup, html};

use super::picture;
use super::scores::dimension;

/// A sentence of ours; what stands between backticks in it is code.
pub fn with_code(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// Title and paragraphs, and the idea for a picture.
pub fn preview(content: &Content) -> Markup {
    html! {
        div.words lang=(content.language) {
            p.title { (content.title) }
            (paragraphs(&content.text))
            @if let Some(image) = &content.image { (picture::frame(image)) (picture::idea(image, &content.language)) }
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

/// Title, text and a picture's words as they are, with what reviewers found marked where it stands. Of two that overlap
/// the graver one is marked; the list of findings has both.
pub fn highlighted(content: &Content, findings: &[&Finding]) -> Markup {
    html! {
        div.words.marked lang=(content.language) {
            p.title { (marked(&content.title, Part::Title, findings)) }
            p.as-typed { (marked(&content.text, Part::Text, findings)) }
            @if let Some(image) = &content.image {
                p.as-typed { b lang="en" { "Alternative text: " } (marked(&image.alt, Part::Alt, findings)) }
                p.as-typed { b lang="en" { "The picture is to show: " } (marked(&image.prompt, Part::Picture, findings)) }
            }
        }
    }
}

fn marked(text: &str, part: Part, findings: &[&Finding]) -> Markup {
    let mut gravest_first: Vec<&Finding> = findings.to_vec();
    gravest_first.sort_by_key(|finding| finding.severity);
    let mut places: Vec<(usize, usize, &Finding)> = Vec::new();
    for finding in gravest_first {
        let Some(span) = finding.at.filter(|span| span.part == part) else { continue };
        let (start, end) = (span.start as usize, span.end as usize);
        // What does not fit the text is not marked: it is of another version, or made up.
        let fits = start < end && text.get(start..end).is_some();
        if fits && places.iter().all(|(from, to, _)| end <= *from || *to <= start) {
            places.push((start, end, finding));
        }
    }
    places.sort_by_key(|(start, ..)| *start);
    let mut at = 0;
    html! {
        @for (start, end, finding) in &places {
            (text[at..*start])
            mark.(finding.severity.as_str()) title={ (dimension(&finding.rule)) ": " (finding.advice) } {
                (text[*start..*end])
                span.unseen { " (" (dimension(&finding.rule)) ": " (finding.advice) ") " }
            }
            @let () = { at = *end; };
        }
        (text[at..])
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
    fn findings_are_marked_where_they_stand_and_text_is_escaped() {
        let content =
            Content { language: "en".into(), title: "T".into(), text: "Grüße <b> and more".into(), image: None };
        let find = |quote: &str, severity| Finding::new("hook", severity, quote, "No.").anchored(&content);
        let found =
            [find("<b>", Severity::Major), find("Grüße <b>", Severity::Minor), find("absent", Severity::Blocker)];
        let shown = highlighted(&content, &found.iter().collect::<Vec<_>>()).into_string();
        assert!(shown.contains("Grüße <mark class=\"major\" title=\"Hook: No.\">&lt;b&gt;<span"), "{shown}");
        assert_eq!(shown.matches("<mark").count(), 1, "{shown}");
        let mut wrong = find("<b>", Severity::Major);
        wrong.at = wrong.at.map(|span| domain::Span { start: 3, ..span });
        assert!(!highlighted(&content, &[&wrong]).into_string().contains("<mark"), "in the middle of a character");
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
