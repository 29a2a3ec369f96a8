//! Two tabs, or two people: who saves second what both have opened is told so, keeps their own words, and sees the others'.

use super::browser::{self, Control, Form};
use super::matrix::{Caller, Worlds};
use super::places::{Page, Place, look, places};
use super::{World, answer};

/// What a person types over a value: another one that will do.
fn over(control: &Control, word: &str) -> String {
    let is_mine = word == "mine";
    match (control.kind.as_str(), control.name.as_str()) {
        ("number", "mean_tenths_min") => if is_mine { "81" } else { "82" }.into(),
        ("number", _) => if is_mine { "3" } else { "4" }.into(),
        (_, "budget_usd") => if is_mine { "7" } else { "8" }.into(),
        ("datetime-local", _) => if is_mine { "2027-05-03T09:30" } else { "2027-05-04T09:30" }.into(),
        _ => format!("{} {word}", control.value),
    }
}

/// A form that names the version it was made from, with something to type.
fn versioned(form: &Form) -> Option<Control> {
    let is_version = |one: &Control| one.kind == "hidden" && one.value.parse::<i64>().is_ok();
    form.controls.iter().find(|one| matches!(one.name.as_str(), "revision" | "base" | "seen") && is_version(one))?;
    let suits = |one: &&Control| one.is_text() && one.kind != "url" && !one.name.contains("needed");
    form.controls.iter().find(suits).cloned()
}

fn opened(world: &World, place: &Place, owner: &Caller) -> Form {
    let text = look(world, &place.page, owner).text();
    let same = |form: &Form| form.action == place.form.action && form.typed() == place.form.typed();
    browser::forms(&text, &place.form.action).into_iter().find(same).unwrap()
}

#[test]
fn who_saves_second_is_told_and_keeps_their_words_beside_the_others() {
    let worlds = Worlds::new("web-tabs");
    let owner = &worlds.callers[1];
    let mut seen = Vec::new();
    let mut faults = Vec::new();
    for mut place in places(&worlds.copy(), owner) {
        let Some(control) = versioned(&place.form).filter(|_| matches!(place.page, Page::At(_))) else { continue };
        match place.form.action.as_str() {
            // Reads, and saves nothing.
            "/brand/reading" => continue,
            // Of one of its posts nobody knows whether it went out; until then its policy stays.
            "/campaigns/bakery/policy" => {
                place.form.action = "/campaigns/open/policy".into();
                place.page = Page::At("/campaigns/open/policy".into());
            }
            _ => {}
        }
        let world = worlds.copy();
        let [mut theirs, mut mine] = [(); 2].map(|()| opened(&world, &place, owner));
        for (name, value) in super::ask(&world, place.route, owner).fields {
            for form in [&mut theirs, &mut mine] {
                // The seed offers a rule after one approval, for which nobody can ask.
                let is_seeds = name == "streak_needed";
                if form.control(name).is_some_and(|one| one.is_typed() && (one.value.is_empty() || is_seeds)) {
                    form.fill(name, &value);
                }
            }
        }
        let (first, second) = (over(&control, "theirs"), over(&control, "mine"));
        theirs.fill(&control.name, &first);
        mine.fill(&control.name, &second);
        let saved = answer(&world, &theirs.request(&owner.cookie, &[]));
        let late = answer(&world, &mine.request(&owner.cookie, &[]));
        let kept = browser::forms(&late.text(), &mine.action)
            .iter()
            .any(|form| form.controls.iter().any(|one| one.name == control.name && one.value.trim() == second.trim()));
        let path = place.route.path;
        seen.push(path);
        if !saved.status.is_redirection() {
            faults.push(format!("{path}: the first is not saved: {}", saved.status));
        } else if !late.status.is_client_error() {
            faults.push(format!("{path}: the second is not told: {}", late.status));
        } else if !kept {
            faults.push(format!("{path}: `{second}` is lost"));
        } else if !browser::shows(&late.text(), &first) {
            faults.push(format!("{path}: `{first}` is not shown beside it"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for path in [
        "/agents/{id}",
        "/templates/{id}",
        "/posts/{id}/versions",
        "/posts/{id}/time",
        "/campaigns/{id}/budget",
        "/approvals/policy",
        "/campaigns/{id}/policy",
        "/settings/channels/{id}/name",
        "/workspace/name",
        "/brand",
    ] {
        assert!(seen.contains(&path), "{path} names no version");
    }
}
