//! A post as its platform shows it, in our own lines and colours, and how long it is there.

use domain::length::Measure;
use domain::{Content, Platform};
use maud::{Markup, html};

use super::{picture, words};

/// Who posts it.
#[derive(Clone, Copy, Debug)]
pub struct Poster<'a> {
    /// The brand.
    pub name: &'a str,
    /// When it is planned, in words.
    pub when: &'a str,
}

/// The post, and under it what the platform counts. A channel that has no look of its own shows it as the stage does.
pub fn post(channel_platform: &str, poster: Poster<'_>, content: &Content) -> Markup {
    let platform = Platform::of(channel_platform);
    html! {
        figure.preview {
            @match platform {
                None | Some(Platform::Stage) => (words::preview(content)),
                Some(Platform::Email) => (email(poster, content)),
                Some(platform) => (card(platform, poster, content)),
            }
            figcaption {
                (counters(platform.unwrap_or(Platform::Stage), content))
                @if let Some(image) = &content.image {
                    @if !matches!(platform, None | Some(Platform::Stage)) { (picture::idea(image, &content.language)) }
                    p.small.soft { (picture::sent(channel_platform)) }
                }
            }
        }
    }
}

fn email(poster: Poster<'_>, content: &Content) -> Markup {
    html! {
        article.platform.as-email lang=(content.language) aria-label="As an e-mail" {
            dl.envelope {
                dt { "From" } dd { (poster.name) }
                dt { "Subject" } dd { strong { (content.title) } }
            }
            div.body { (words::paragraphs(&content.text)) @if let Some(image) = &content.image { (picture::frame(image)) } }
        }
    }
}

fn card(platform: Platform, poster: Poster<'_>, content: &Content) -> Markup {
    let initial: String = poster.name.chars().next().into_iter().collect();
    html! {
        article.platform.{ "as-" (platform) } lang=(content.language) aria-label={ "As on " (platform.name()) } {
            header {
                span.face aria-hidden="true" { (initial) }
                div { b { (poster.name) } @if let Some(handle) = handle(platform, poster.name) { " " span.soft { (handle) } } br; span.soft.small { (poster.when) } }
                span.mark aria-hidden="true" { (platform.name()) }
            }
            @match (&content.image, platform) {
                (Some(image), Platform::Instagram) => { div.picture { (picture::frame(image)) } div.body { (words::paragraphs(&content.text)) } },
                (None, Platform::Instagram) => { div.picture { span.soft { "Picture" } } div.body { (words::paragraphs(&content.text)) } },
                (Some(image), _) => { div.body { (words::paragraphs(&content.text)) } (picture::frame(image)) },
                (None, _) => div.body { (words::paragraphs(&content.text)) },
            }
            footer aria-hidden="true" { @for one in deeds(platform) { span { (one) } } }
        }
    }
}

/// As the platform would write the account; made up from the name, for the look alone.
fn handle(platform: Platform, name: &str) -> Option<String> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    match platform {
        Platform::X | Platform::Instagram => Some(format!("@{plain}")),
        Platform::Bluesky => Some(format!("@{plain}.bsky.social")),
        Platform::Mastodon => Some(format!("@{plain}@mastodon.social")),
        Platform::Stage | Platform::LinkedIn | Platform::Facebook | Platform::Email => None,
    }
}

fn deeds(platform: Platform) -> &'static [&'static str] {
    match platform {
        Platform::X => &["Reply", "Repost", "Like", "View"],
        Platform::Bluesky => &["Reply", "Repost", "Like"],
        Platform::Mastodon => &["Reply", "Boost", "Favourite"],
        Platform::LinkedIn => &["Like", "Comment", "Repost", "Send"],
        Platform::Instagram => &["Like", "Comment", "Share"],
        Platform::Facebook => &["Like", "Comment", "Share"],
        Platform::Stage | Platform::Email => &[],
    }
}

/// How long it is, by the platform's own count.
pub fn counters(platform: Platform, content: &Content) -> Markup {
    html! {
        ul.counters role="list" aria-label={ "Length on " (platform.name()) } {
            @for measure in platform.measures(content) { li.over[measure.is_over()] { (counter(&measure)) } }
        }
    }
}

fn counter(measure: &Measure) -> Markup {
    let share = (measure.used * 100 / measure.max.max(1)).min(100);
    html! {
        svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" {
            rect.ground width="100" height="6" {} rect.used width=(share) height="6" {}
        }
        span.figures { (measure.used) " of " (measure.max) " " (measure.what) }
        @if measure.is_over() { strong { " too long by " (measure.used - measure.max) } }
        @else if let Some(advised) = measure.advised.filter(|advised| measure.used > *advised) {
            span.soft { " (cut off on telephones after about " (advised) ")" }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::Image;

    use super::*;

    #[test]
    fn every_platform_shows_the_words_escaped_and_what_it_counts() {
        let image = Some(Image { prompt: "Buns<script>".into(), alt: "A tray<script>".into(), drawn: None });
        let content = Content { language: "en".into(), title: "A <b>".into(), text: "x<script>".repeat(50), image };
        for platform in Platform::ALL {
            let poster = Poster { name: "Night <i>Shift", when: "tomorrow" };
            let shown = post(platform.as_str(), poster, &content).into_string();
            assert_eq!(shown.matches("A tray&lt;script&gt;").count(), 1, "{platform}");
            assert_eq!(shown.matches("Buns&lt;script&gt;").count(), 1, "{platform}: it is approved with the words");
            assert!(!shown.contains("<script>") && !shown.contains("<i>") && !shown.contains("<b> "), "{platform}");
            assert!(shown.contains(" of "), "{platform}: {shown}");
        }
        let long = post("x", Poster { name: "N", when: "" }, &content).into_string();
        assert!(long.contains("450 of 280 characters") && long.contains("too long by 170"), "{long}");
    }
}
