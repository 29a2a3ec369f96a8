//! What stands where there is nothing yet: it says what will be here, and what to do for it.

use maud::{Markup, html};

/// A heading, a sentence that teaches, and where there is one, the way on.
pub fn state(heading: &str, teaches: &str, way_on: Option<(&str, &str)>) -> Markup {
    html! {
        section.empty {
            h2.as-h3 { (heading) }
            p { (teaches) }
            @if let Some((label, href)) = way_on { div.acts { a.button href=(href) { (label) } } }
        }
    }
}
