//! Small charts in plain SVG: bars by day, and a line of scores. Each says in words what it shows.

use maud::{Markup, html};

/// How many went out on each of so many days; `by_day`: how many days ago, and how many. The newest at the right.
pub fn days(by_day: &[(i64, i64)], days: i64) -> Markup {
    let most = by_day.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let said = match by_day.iter().map(|(_, count)| count).sum::<i64>() {
        0 => format!("None in the last {days} days"),
        all => format!("{all} in the last {days} days, at most {most} a day"),
    };
    html! {
        svg.chart viewBox={ "0 0 " (days * 4) " 24" } preserveAspectRatio="none" role="img" aria-label=(said) {
            line.axis x1="0" x2=(days * 4) y1="23.5" y2="23.5" {}
            @for (ago, count) in by_day.iter().filter(|(ago, _)| (0..days).contains(ago)) {
                @let height = (count * 22 / most).max(2);
                rect x=((days - 1 - ago) * 4) y=(23 - height) width="3" height=(height) {}
            }
        }
    }
}

/// Mean scores in tenths, the oldest first, against what is needed to pass.
pub fn scores(tenths: &[i64], needed: i64) -> Markup {
    let last = i64::try_from(tenths.len()).unwrap_or(1).max(2) - 1;
    let height = |score: i64| 23 - (score.clamp(20, 100) - 20) * 22 / 80;
    let points: Vec<String> =
        (0_i64..).zip(tenths).map(|(at, score)| format!("{},{}", at * 120 / last, height(*score))).collect();
    let said = match (tenths.first(), tenths.last()) {
        (Some(first), Some(last)) => format!("From {}.{} to {}.{}", first / 10, first % 10, last / 10, last % 10),
        _ => "No scores yet".into(),
    };
    html! {
        svg.chart viewBox="0 0 120 24" preserveAspectRatio="none" role="img" aria-label=(said) {
            line.axis x1="0" x2="120" y1=(height(needed)) y2=(height(needed)) {}
            polyline points=(points.join(" ")) fill="none" stroke="currentColor" stroke-width="1.5" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_say_what_they_show_and_stand_empty_series() {
        assert!(days(&[(0, 2), (3, 1)], 30).into_string().contains("3 in the last 30 days, at most 2 a day"));
        assert!(days(&[], 30).into_string().contains("None in the last 30 days"));
        assert!(scores(&[55, 81], 70).into_string().contains("From 5.5 to 8.1"));
        assert!(scores(&[], 70).into_string().contains("No scores yet"));
        assert!(scores(&[70], 70).into_string().contains("points=\"0,"));
    }
}
