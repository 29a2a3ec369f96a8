//! A brief from the fields of a form.

use domain::Brief;
use domain::brief::{Complaint, Goal};
use serve::Form;

use crate::pages::brand::typed;

/// Reads it, with every complaint at once.
pub fn read(sent: &Form) -> Result<Brief, Vec<Complaint>> {
    let text = |field: &str| sent.get(field).unwrap_or_default().trim().to_string();
    let (book, mut complaints) = typed::read(sent);
    let mut complain = |field: &str, complaint: String| complaints.push(Complaint { field: field.into(), complaint });
    let mut number = |field: &str| {
        text(field).parse().unwrap_or_else(|_| {
            complain(field, "is no whole number".into());
            1
        })
    };
    let (posts_per_week, weeks) = (number("goal.posts_per_week"), number("goal.weeks"));
    let start = text("goal.start").parse().unwrap_or_else(|_| {
        complain("goal.start", "is no date; write it as 2027-03-29".into());
        jiff::civil::Date::constant(9999, 1, 1)
    });
    let brief = book.with_goal(Goal {
        text: text("goal.text"),
        channels: sent.all("goal.channels").into_iter().map(ToString::to_string).collect(),
        posts_per_week,
        weeks,
        timezone: text("goal.timezone"),
        start,
    });
    complaints.extend(brief.complaints());
    if complaints.is_empty() { Ok(brief) } else { Err(complaints) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_is_wrong_is_named_at_once() {
        let sent = Form { fields: vec![("goal.weeks".into(), "x".into())], files: vec![] };
        let fields: Vec<String> = read(&sent).unwrap_err().into_iter().map(|one| one.field).collect();
        for field in [
            "goal.weeks",
            "goal.posts_per_week",
            "goal.start",
            "goal.text",
            "brand.name",
            "brand.url",
            "goal.timezone",
            "goal.channels",
        ] {
            assert!(fields.iter().any(|found| found == field), "{field} in {fields:?}");
        }
    }
}
