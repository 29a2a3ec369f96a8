//! An interval in plain SVG: which shares of wins the pairs leave possible, against the half that must be exceeded.

use domain::learning::proof::{RATE_MIN, Tally};
use maud::{Markup, html};

/// Where a share stands in a picture that is a hundred wide.
fn place(share: f64) -> String {
    format!("{:.1}", 100.0 * share)
}

/// A share in percent, for people.
pub fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// The interval in words.
pub fn words(tally: Tally) -> String {
    let (low, high) = tally.interval();
    match tally.rate() {
        None => "No pair has decided anything yet".into(),
        Some(rate) => format!(
            "Better with it in {} of {} decided pairs ({}); the true share lies between {} and {}",
            tally.wins,
            tally.decided(),
            percent(rate),
            percent(low),
            percent(high)
        ),
    }
}

/// The bar, from 0 to 100 percent, with a line at the half and a mark where the pairs are.
pub fn bar(tally: Tally) -> Markup {
    let (low, high) = tally.interval();
    let tone = if low > RATE_MIN {
        "helps"
    } else if high < RATE_MIN {
        "harms"
    } else {
        "undecided"
    };
    html! {
        svg.interval.(tone) viewBox="0 0 100 12" preserveAspectRatio="none" role="img" aria-label=(words(tally)) {
            rect.ground x="0" y="4" width="100" height="4" rx="2" {}
            @if let Some(rate) = tally.rate() {
                rect.span x=(place(low)) y="3" width=(place((high - low).max(0.01))) height="6" rx="2" {}
                rect.rate x=(place(rate.clamp(0.01, 0.99) - 0.005)) y="1" width="1.2" height="10" {}
            }
            line.half x1="50" x2="50" y1="0" y2="12" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_says_what_it_shows_and_whether_it_proves_anything() {
        let shown = |wins, losses| bar(Tally { wins, losses, ties: 0 }).into_string();
        assert!(shown(9, 0).contains("helps") && shown(9, 0).contains("9 of 9 decided pairs (100 %)"));
        assert!(shown(0, 9).contains("harms"));
        assert!(shown(3, 2).contains("undecided"));
        assert!(shown(0, 0).contains("No pair has decided anything yet"));
    }
}
