//! What changed between two versions of a plan, line by line.

use domain::Strategy;
use maud::{Markup, html};
use similar::{ChangeTag, TextDiff};

/// The newer one's lines, with what is new underlined and what is gone struck out; what stayed is left out.
pub fn lines(older: &Strategy, newer: &Strategy) -> Markup {
    let (older, newer) = (outline(older), outline(newer));
    let diff = TextDiff::from_lines(&older, &newer);
    let changes: Vec<_> = diff.iter_all_changes().filter(|change| change.tag() != ChangeTag::Equal).collect();
    html! {
        @if changes.is_empty() { p.soft.small { "Nothing: the two say the same." } }
        @else {
            ul.diff.plain {
                @for change in changes {
                    li { @if change.tag() == ChangeTag::Insert { ins { (change.value().trim_end()) } } @else { del { (change.value().trim_end()) } } }
                }
            }
        }
    }
}

/// Every statement of a plan on a line of its own.
fn outline(plan: &Strategy) -> String {
    let mut lines = vec![format!("Positioning: {}", plan.positioning)];
    lines.extend(plan.pillars.iter().map(|pillar| format!("Pillar {}: {}", pillar.name, pillar.why)));
    lines.push(format!("Cadence: {}", plan.cadence));
    lines.extend(
        plan.calendar
            .iter()
            .map(|one| format!("Post {}: {} ({}, on {})", one.slot, one.angle, one.pillar, one.channel)),
    );
    lines.extend(plan.channel_mix.iter().map(|one| format!("Channel {}, {} %: {}", one.channel, one.percent, one.why)));
    lines.extend(plan.measures.iter().map(|measure| format!("Measure: {measure}")));
    lines.iter().map(|line| format!("{}\n", line.replace('\n', " "))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_shown_and_it_is_escaped() {
        let plan = |positioning: &str| -> Strategy {
            serde_json::from_value(serde_json::json!({
                "positioning": positioning, "pillars": [{ "name": "Proof", "why": "It convinces." }],
                "channel_mix": [], "cadence": "Daily.", "calendar": [], "measures": [],
            }))
            .unwrap()
        };
        let shown = lines(&plan("For <b> readers."), &plan("For writers.")).into_string();
        assert!(
            shown.contains("<del>Positioning: For &lt;b&gt; readers.</del>")
                && shown.contains("<ins>Positioning: For writers.</ins>"),
            "{shown}"
        );
        assert!(!shown.contains("Proof"));
        assert!(lines(&plan("x"), &plan("x")).into_string().contains("the same"));
    }
}
