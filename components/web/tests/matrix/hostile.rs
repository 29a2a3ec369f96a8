//! Hostile text in every field of every form: whatever page shows it, it is text, and nothing typed is lost.

use std::collections::BTreeSet;

use serve::Reply;
use web::routes::ROUTES;

use super::browser::{self, Form, as_sent};
use super::escaped::{check, whole};
use super::hostile_text::{DEEP, PAYLOADS, SHORT, long, payloads};
use super::matrix::{self, Worlds};
use super::places::{ELSEWHERE, Page, Place, get, look, pages, places};
use super::{answer, furnish};

/// The form as a list of what is typed in it: the row of the golden file.
fn row(place: &Place) -> Option<String> {
    let typed = place.form.typed();
    let words: Vec<String> = typed.iter().map(|(name, kind)| format!("{name} ({kind})")).collect();
    (!words.is_empty()).then(|| format!("{} {}\n", place.route.path, words.join(", ")))
}

#[test]
fn every_form_is_known_with_all_that_is_typed_in_it() {
    let worlds = Worlds::with("web-forms", furnish);
    let world = worlds.copy();
    let places = places(&world, &worlds.callers[1]);
    for (place, control) in places.iter().flat_map(|place| place.form.controls.iter().map(move |one| (place, one))) {
        let is_made_as_one = web::elements::form::Secret::named(&control.name).is_some();
        assert!(
            control.kind != "password" || is_made_as_one,
            "{} {}: make it with `Field::secret`",
            place.route.path,
            control.name
        );
    }
    let found: BTreeSet<&str> = places.iter().map(|place| place.route.path).collect();
    let posts = ROUTES.iter().filter(|route| route.method == "POST" && !route.path.starts_with("/setup"));
    let unseen: Vec<&str> =
        posts.map(|route| route.path).filter(|path| !found.contains(path) && !ELSEWHERE.contains(path)).collect();
    assert!(unseen.is_empty(), "no page that these tests look at has a form for {unseen:#?}");
    let rows: BTreeSet<String> = places.iter().filter_map(row).collect();
    let head = "# What is typed or chosen in the forms of the dashboard. Hostile text goes into each of these fields.\n\
                # `RONDO_UPDATE_GOLDEN=1 cargo test -p web --test matrix` writes this file.\n";
    matrix::hold(
        &format!("{head}{}", rows.into_iter().collect::<String>()),
        "tests/forms.txt",
        include_str!("../forms.txt"),
    );
}

/// Fields whose words no page shows again, and why.
fn is_silent(path: &str, field: &str) -> bool {
    field == "password"
        || matches!(
            (path, field),
            // An address is looked for, and told to nobody.
            ("/sign-in", _)
            // A pasted text is read by rules: what they understand is shown, and what not, in parts.
            | ("/brand/reading", "pasted")
            // Read as a brief, and shown by its parts; or only for those who write.
            | ("/campaigns", "brief" | "facts" | "style.guide" | "style.good" | "style.bad")
            // Parted at its equals sign.
            | ("/brand", "facts")
            // The new workspace is opened at once, by another cookie.
            | ("/workspaces", _)
        )
}

/// One field, one payload: what is wrong with what happens. `is_bold`: everything else is typed otherwise than it came as well. Says whether it was refused.
fn try_out(worlds: &Worlds, place: &Place, (field, is_bold): (&str, bool), payload: &str) -> Result<bool, String> {
    let (world, owner) = (worlds.copy(), &worlds.callers[1]);
    let fresh = look(&world, &place.page, owner);
    let at = &place.form.action;
    // Its hidden fields are of this world.
    let mut form = browser::forms(&fresh.text(), at)
        .into_iter()
        .find(|form| form.action == *at && form.typed() == place.form.typed())
        .ok_or("the form is not there")?;
    for one in place.form.controls.iter().filter(|one| one.is_typed() && !one.name.is_empty()) {
        if form.control(&one.name).is_some_and(|now| now.value.is_empty()) {
            form.fill(&one.name, &one.value);
        }
    }
    if is_bold {
        form.change_all_but(field);
    }
    form.fill(field, payload);
    let cookie = if matches!(place.page, Page::Outside(_)) { "" } else { &owner.cookie };
    let reply = answer(&world, &form.request(cookie, &[]));
    check(&reply)?;
    let control = place.form.control(field).unwrap();
    if control.kind == "password" && reply.text().contains(payload) {
        return Err("a secret comes back".into());
    }
    if reply.status.is_client_error() {
        return keeps(&form, control, &reply).map(|()| true);
    }
    if !control.is_text() || is_bold || is_silent(place.route.path, field) {
        return Ok(false);
    }
    let mut shown = browser::shows(&reply.text(), payload);
    for page in reply.header("location").map(|to| Page::At(to.into())).into_iter().chain([place.page.clone()]) {
        let seen = whole(&world, look(&world, &page, owner));
        check(&seen)?;
        shown |= browser::shows(&seen.text(), payload);
    }
    // Elsewhere one payload shows what all would.
    for page in if payload == DEEP { pages(&world, owner) } else { Vec::new() } {
        if shown {
            break;
        }
        let seen = whole(&world, get(&world, &page, &owner.cookie));
        check(&seen)?;
        shown |= browser::shows(&seen.text(), payload);
    }
    if shown || payload != DEEP { Ok(false) } else { Err("it was taken, and no page shows it whole".into()) }
}

/// That a refused form comes back with everything that was typed in it.
fn keeps(sent: &Form, wrong: &browser::Control, reply: &Reply) -> Result<(), String> {
    let back = browser::forms(&reply.text(), &sent.action);
    let mut lost = Vec::new();
    for one in
        sent.controls.iter().filter(|one| one.on && one.is_typed() && !matches!(one.kind.as_str(), "password" | "file"))
    {
        let readable: String =
            as_sent(&one.value).replace("\r\n", "\n").chars().filter(|c| !domain::text::is_unwritable(*c)).collect();
        // What cannot be chosen is not offered again.
        let offered = one.is_text() || one.name != wrong.name;
        let normal = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let same = |now: &browser::Control| now.name == one.name && now.on && normal(&now.value) == normal(&readable);
        // What must be decided anew stands there to be read.
        let is_told = reply.status.as_u16() == 409 && browser::shows(&reply.text(), &readable);
        if offered && !one.name.is_empty() && !is_told && !back.iter().any(|form| form.controls.iter().any(same)) {
            lost.push(one.name.clone());
        }
    }
    lost.dedup();
    if !lost.is_empty() {
        return Err(format!("{} loses what was typed in {lost:?}", reply.status));
    }
    let marked = back.iter().flat_map(|form| &form.controls).any(|one| one.wrong);
    if reply.status.as_u16() == 422 && wrong.is_text() && !marked {
        return Err("422 and no field is marked as wrong".into());
    }
    Ok(())
}

/// Field by field, with each payload: what went wrong.
fn tried(worlds: &Worlds, payloads: &[(&str, String)], is_meant: impl Fn(&browser::Control) -> bool) -> Vec<String> {
    let mut faults = Vec::new();
    for place in places(&worlds.copy(), &worlds.callers[1]) {
        let mut done = BTreeSet::new();
        for control in place.form.controls.iter().filter(|one| one.is_typed() && is_meant(one)) {
            if !done.insert(&control.name) {
                continue;
            }
            let mut again = Vec::new();
            // To hash takes its time, and hides what it was.
            let is_enough = |name: &str| control.kind != "password" || name == "all";
            for (name, payload) in payloads.iter().filter(|(name, _)| is_enough(name)) {
                match try_out(worlds, &place, (&control.name, false), payload) {
                    Ok(true) if *name == "all" && control.is_text() => again = SHORT.to_vec(),
                    Ok(_) => {}
                    Err(fault) => faults.push(format!("{} {} ({name}): {fault}", place.route.path, control.name)),
                }
            }
            for (name, payload) in PAYLOADS.iter().filter(|(name, _)| again.contains(name)) {
                if let Err(fault) = try_out(worlds, &place, (&control.name, false), payload) {
                    faults.push(format!("{} {} ({name}): {fault}", place.route.path, control.name));
                }
            }
        }
    }
    faults
}

#[test]
fn whatever_is_typed_is_only_text() {
    let worlds = Worlds::with("web-hostile", furnish);
    let faults = tried(&worlds, &payloads(), |control| control.kind != "file");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_very_long_text_is_kept_or_refused_and_comes_back() {
    let worlds = Worlds::with("web-long", furnish);
    let long = long();
    let faults = tried(&worlds, &[("100 KB", long)], browser::Control::is_text);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A value that is none for this kind of control.
fn wrong(kind: &str) -> &'static str {
    match kind {
        "number" => "many",
        "date" | "datetime-local" => "31 February",
        "url" => "not an address",
        "email" => "not an address",
        "select" | "checkbox" | "radio" => "0nothing",
        _ => " ",
    }
}

#[test]
fn a_form_with_one_wrong_field_comes_back_with_all_others_as_they_were_typed() {
    let worlds = Worlds::with("web-typed", furnish);
    let mut faults = Vec::new();
    for place in places(&worlds.copy(), &worlds.callers[1]) {
        for (name, kind) in
            place.form.typed().into_iter().filter(|(_, kind)| !matches!(kind.as_str(), "file" | "password"))
        {
            if let Err(fault) = try_out(&worlds, &place, (&name, true), wrong(&kind)) {
                faults.push(format!("{} {name}: {fault}", place.route.path));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
