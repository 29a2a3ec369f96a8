//! What was said about a post, and the form to say more.

use domain::comment::{CHARS_MAX, Piece, pieces};
use maud::{Markup, html};
use store::comment::Comment;

use super::time;
use crate::elements::form::csrf;
use crate::visit::{Names, Visit};

/// What was said, the oldest first; and the form, with what was typed where it came back. `people`: ids and names.
pub fn thread(
    visit: &Visit,
    post_id: &str,
    said: &[Comment],
    people: &[(String, String)],
    names: &Names,
    zone: &str,
) -> Markup {
    html! {
        section.comments aria-labelledby="comments-title" #comments {
            h2.as-h3 #comments-title { "Comments" }
            @if said.is_empty() { p.soft.small { "Nobody has said anything yet." } }
            ol role="list" {
                @for one in said {
                    li {
                        p.by { b { (names.name(&one.author)) } span.soft.small { " on version " (one.version) ", " (time::at(one.at, zone)) } }
                        p.text { (shown(&one.text, people)) }
                    }
                }
            }
            @if visit.may(domain::Action::Discuss) { (say(visit, post_id, people)) }
        }
    }
}

/// The words, with the members whom they mention marked.
fn shown(text: &str, people: &[(String, String)]) -> Markup {
    html! {
        @for piece in pieces(text, people) {
            @match piece { Piece::Words(words) => (words), Piece::Person(words, _) => b.mention { (words) } }
        }
    }
}

fn say(visit: &Visit, post_id: &str, people: &[(String, String)]) -> Markup {
    html! {
        form method="post" action={ "/posts/" (post_id) "/comments" } {
            (csrf(&visit.caller))
            div.field {
                label for="comment-text" { "Say something" }
                p.hint id="comment-hint" {
                    "To tell somebody, write @ and their name"
                    @if let Some((_, name)) = people.first() { ", such as @" (name) }
                    "."
                }
                textarea.control #comment-text name="text" required maxlength=(CHARS_MAX) aria-describedby="comment-hint" data-key="c" {}
            }
            button.button type="submit" { "Comment" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_mentioned_is_marked_and_all_of_it_is_escaped() {
        let people = [("1".to_string(), "Ada <b>".to_string())];
        let said = shown("<i> @Ada <b>: look", &people).into_string();
        assert_eq!(said, "&lt;i&gt; <b class=\"mention\">@Ada &lt;b&gt;</b>: look");
    }
}
