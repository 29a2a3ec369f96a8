//! Hostile text in every field of every form, and in every text of the database: whatever page shows it, it is text.

use std::collections::BTreeSet;

use futures::executor::block_on;
use serve::{Body, Method, Reply, Request};
use web::routes::{ROUTES, Route, find};

use super::browser::{self, Form, Upload, as_sent};
use super::matrix::{self, Caller, Worlds};
use super::{World, answer, ask};

/// In every payload, so that what comes of it is known.
pub(super) const MARK: &str = "zqx7";

/// What people with bad intentions, or with a spreadsheet, put into fields.
const PAYLOADS: &[(&str, &str)] = &[
    ("script", "<script>zqx7()</script>"),
    ("double quote", "\"><img src=zqx7 onerror=zqx7()>"),
    ("single quote", "'><svg onload='zqx7()"),
    ("bare attribute", "zqx7 onfocus=zqx7() autofocus zqx7="),
    ("end of text", "</textarea></title></style></script></template><zqx7>"),
    ("script address", "javascript:zqx7()//"),
    ("script address, hidden", "java\tscript:zqx7()"),
    ("data address", "data:text/html,<script>zqx7()</script>"),
    ("svg", "<svg><script href=zqx7 /><animate onbegin=zqx7()></svg>"),
    (
        "mutation",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=zqx7 onerror=zqx7()&gt;\">",
    ),
    ("template", "{{zqx7}} ${zqx7} <%= zqx7 %> #{zqx7} {%zqx7%}"),
    ("comment", "--><zqx7><!--]]><zqx7>"),
    ("entities", "&lt;zqx7&gt; &#60;zqx7&#62; &zqx7; &amp;amp;"),
    ("json", "\"},{\"zqx7\":\"</script><script>zqx7()//"),
    ("markdown", "[zqx7](javascript:zqx7()) ![zqx7](x\"onerror=\"zqx7) <zqx7@zqx7>"),
    ("equals", "=HYPERLINK(\"http://zqx7.example\";\"x\")"),
    ("plus", "+zqx7+cmd|' /C calc'!A0"),
    ("minus", "-zqx7+cmd|' /C calc'!A0"),
    ("at", "@SUM(zqx7)"),
    ("tab", "zqx7\t=zqx7"),
    ("header", "zqx7\r\nSet-Cookie: zqx7=1\r\n\r\n<zqx7>"),
    ("right to left", "zqx7 \u{202e}txt.exe\u{2066}\u{200f}"),
    ("zero width", "zq\u{200b}x7\u{feff}\u{2060}\u{200d} zqx7"),
    ("emoji", "zqx7 👩‍👩‍👧‍👦🏳️‍🌈🇩🇪"),
    ("combining", "zqx7 Z\u{351}\u{36b}\u{343}\u{36a}\u{302}\u{36b}\u{33d}\u{34f}\u{334}\u{319}\u{324}"),
    ("lines", "zqx7\u{2028}zqx7\u{2029}zqx7\u{85}zqx7"),
    ("path", "../../etc/passwd%00 zqx7"),
    ("sql", "'; drop table post; -- zqx7"),
    ("null", "zqx7\0zqx7"),
    ("control", "zqx7\u{1b}[31m\u{8}\u{c}\u{ffff}"),
];

/// The payload that is looked for on every page.
const DEEP: &str = "\"><img src=zqx7 onerror=zqx7()>";

/// Those whose first letter counts, or that are always refused, one by one; all others at once.
fn payloads() -> Vec<(&'static str, String)> {
    let alone = |name: &str| ["equals", "plus", "minus", "at", "header", "null", "control"].contains(&name);
    let (mut all, rest): (Vec<_>, Vec<_>) =
        PAYLOADS.iter().map(|(name, text)| (*name, (*text).to_string())).partition(|(name, _)| alone(name));
    all.push(("double quote", DEEP.into()));
    let texts: Vec<String> = rest.into_iter().map(|(_, text)| text).collect();
    all.push(("all", texts.join(" ")));
    all
}

/// For fields that are too short for all at once.
const SHORT: &[&str] = &["script", "single quote", "end of text", "script address", "emoji"];

/// Forms that lead elsewhere, or need what a seeded world does not have: they have tests of their own.
const ELSEWHERE: &[&str] = &[
    "/sign-in/code",
    "/sign-in/elsewhere",
    "/sign-in/oidc/callback",
    "/settings/security/second-factor/confirmation",
    "/settings/security/second-factor/removal",
    "/settings/security/elsewhere",
    "/settings/security/elsewhere/removal",
    // A seeded world has no provider of models; `pages/providers.rs` has.
    "/settings/providers/{id}",
    "/settings/providers/{id}/check",
    "/settings/providers/{id}/pause",
    "/settings/providers/{id}/prices",
    "/settings/providers/{id}/removal",
    // One button each, seen only where there is something to press it for.
    "/campaigns/{id}/approvals",
    "/notifications/read",
    "/agents/{id}/wake",
    "/invitations/{secret}/acceptance",
    "/workspaces/{id}/entry",
];

/// Pages apart from those of the route table's own line in `ask`.
fn more_pages() -> Vec<String> {
    let mut pages: Vec<String> = [
        "/campaigns/new?from=file",
        "/campaigns/open",
        "/campaigns/open/policy",
        "/campaigns/planning",
        "/campaigns/finished",
        "/brand/edit?from=text",
        "/approvals?for=everyone&item=post:bakery-9",
        "/approvals?for=everyone&item=strategy:open:1",
        "/calendar?at=2027-03-01",
        "/calendar?view=week&at=2027-03-01",
        "/calendar?view=list&at=2027-03-01",
        "/imports",
        "/agents/strategist",
        "/agents/editor",
        "/history/export.json",
        "/export/everything.json",
    ]
    .map(Into::into)
    .into();
    pages.extend((1..=10).map(|slot| format!("/posts/bakery-{slot}")));
    pages.extend(store::export::TABLES.iter().map(|table| format!("/export/{}.csv", table.name)));
    pages.extend(
        ["head", "alerts", "strategy", "posts", "cost", "runs", "history"]
            .map(|part| format!("/campaigns/bakery/fragment/{part}")),
    );
    pages
}

pub(super) fn get(world: &World, target: &str, cookie: &str) -> Reply {
    let request = World::request(Method::GET, target);
    answer(world, &if cookie.is_empty() { request } else { request.with_header("cookie", cookie) })
}

/// Every page that there is to look at, without files and endless ones.
pub(super) fn pages(world: &World, owner: &Caller) -> Vec<String> {
    let endless = |path: &str| path.starts_with("/static/") || path.ends_with("events") || path.starts_with("/setup");
    let rows = ROUTES.iter().filter(|route| route.method == "GET" && !endless(route.path));
    let mut pages: Vec<String> = rows.map(|route| ask(world, route, owner).target).collect();
    pages.extend(more_pages());
    pages
}

/// A form, where it was found.
#[derive(Clone)]
pub(super) struct Place {
    pub page: Page,
    pub form: Form,
    pub route: &'static Route,
}

/// How one gets to a page.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Page {
    /// By looking.
    At(String),
    /// By looking, not signed in.
    Outside(String),
    /// By a form on another page.
    After(&'static str, &'static [(&'static str, &'static str)]),
}

/// Pages behind a form.
const AFTER: &[Page] = &[
    Page::After("/brand/edit?from=text", &[("pasted", "# Loop\nIt loops.")]),
    Page::After(
        "/brand/edit?from=text",
        &[("pasted", "Name: Loop\nWebsite: https://loop.example\nIn one sentence: It loops.")],
    ),
    Page::After("/imports/new", &[("file", "text,channel\nWe are open.,blog\n")]),
];

pub(super) fn look(world: &World, page: &Page, owner: &Caller) -> Reply {
    match page {
        Page::At(target) => get(world, target, &owner.cookie),
        Page::Outside(target) => get(world, target, ""),
        Page::After(before, filled) => {
            let text = get(world, before, &owner.cookie).text();
            let mut form =
                browser::forms(&text, before).into_iter().find(|form| form.control(filled[0].0).is_some()).unwrap();
            let mut files = Vec::new();
            for (name, value) in *filled {
                if form.control(name).unwrap().kind == "file" {
                    files.push(Upload { field: (*name).into(), name: "old.csv".into(), bytes: (*value).into() });
                } else {
                    form.fill(name, value);
                }
            }
            answer(world, &form.request(&owner.cookie, &files))
        }
    }
}

/// Every form that any page has, once; and what a person fills in who has nothing to hide.
pub(super) fn places(world: &World, owner: &Caller) -> Vec<Place> {
    let inside = pages(world, owner).into_iter().map(Page::At);
    let doors = [
        "/sign-in".to_string(),
        format!("/invitations/{}", matrix::INVITATION),
        format!("/password-resets/{}", matrix::RESET),
    ];
    let all = inside.chain(doors.map(Page::Outside)).chain(AFTER.iter().cloned());
    let mut found: Vec<Place> = Vec::new();
    for page in all {
        let reply = look(world, &page, owner);
        let at = match &page {
            Page::At(target) | Page::Outside(target) => target.clone(),
            Page::After(before, _) => (*before).into(),
        };
        // What the gallery shows leads nowhere.
        if at == "/gallery" || !reply.header("content-type").unwrap_or_default().starts_with("text/html") {
            continue;
        }
        for mut form in
            browser::forms(&reply.text(), &at).into_iter().filter(|form| form.is_post && form.action != "/calendar")
        {
            let path = form.action.clone();
            let request = Request::new(Method::POST, &path).unwrap();
            let (route, _) =
                find("POST", &request.segments()).unwrap_or_else(|| panic!("{at}: nothing answers {path}"));
            if found.iter().any(|one| one.route.path == route.path && one.form.typed() == form.typed()) {
                continue;
            }
            for (name, value) in ask(world, route, owner).fields {
                if form.control(name).is_some_and(|one| one.is_typed() && one.value.is_empty()) {
                    form.fill(name, &value);
                }
            }
            found.push(Place { page: page.clone(), form, route });
        }
    }
    found
}

/// The form as a list of what is typed in it: the row of the golden file.
fn row(place: &Place) -> Option<String> {
    let typed = place.form.typed();
    let words: Vec<String> = typed.iter().map(|(name, kind)| format!("{name} ({kind})")).collect();
    (!words.is_empty()).then(|| format!("{} {}\n", place.route.path, words.join(", ")))
}

#[test]
fn every_form_is_known_with_all_that_is_typed_in_it() {
    let worlds = Worlds::new("web-forms");
    let world = worlds.copy();
    let places = places(&world, &worlds.callers[1]);
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

/// What is wrong with an answer, whatever was asked.
pub(super) fn check(reply: &Reply) -> Result<(), String> {
    browser::headers_are_whole(reply)?;
    if reply.status.is_server_error() {
        return Err(format!("it broke: {}", reply.status));
    }
    let kind = reply.header("content-type").unwrap_or_default();
    match &reply.body {
        Body::Bytes(bytes) if kind.starts_with("text/html") => {
            let found = browser::not_ours(std::str::from_utf8(bytes).map_err(|error| error.to_string())?, MARK);
            if found.is_empty() { Ok(()) } else { Err(found.join("; ")) }
        }
        Body::Bytes(bytes) if kind.starts_with("application/json") => {
            serde_json::from_slice::<serde_json::Value>(bytes).map(drop).map_err(|error| error.to_string())
        }
        Body::Bytes(bytes) if kind.starts_with("text/csv") => cells_are_text(&String::from_utf8_lossy(bytes)),
        Body::Bytes(bytes) if kind.contains("atom") || kind.contains("feed") => {
            feed_rs::parser::parse(&bytes[..]).map(drop).map_err(|error| error.to_string())
        }
        Body::Bytes(_) | Body::Events(_) | Body::Pieces(_) => Ok(()),
    }
}

/// That no cell of a CSV file is a formula.
fn cells_are_text(csv: &str) -> Result<(), String> {
    let (mut begins, mut quoted, mut rest) = (true, false, csv.trim_start_matches('\u{feff}').chars().peekable());
    while let Some(letter) = rest.next() {
        if begins {
            let first = if letter == '"' { rest.peek().copied().unwrap_or('"') } else { letter };
            let number = |text: &str| text.parse::<f64>().is_ok();
            let cell: String = rest.clone().take_while(|c| !matches!(c, ',' | '\r' | '\n' | '"')).collect();
            if matches!(first, '=' | '+' | '@' | '\t') || (first == '-' && !number(&cell)) || (first == '\r' && quoted)
            {
                return Err(format!("a cell begins with {first:?}: {cell}"));
            }
        }
        if letter == '"' {
            quoted = !quoted;
        }
        begins = !quoted && matches!(letter, ',' | '\n');
    }
    Ok(())
}

/// All of an answer, as text: what is sent in pieces as well.
pub(super) fn whole(world: &World, reply: Reply) -> Reply {
    let Reply { status, headers, body, .. } = reply;
    let bytes = match body {
        Body::Bytes(bytes) => bytes,
        Body::Events(_) => Vec::new(),
        Body::Pieces(mut source) => {
            let mut all = Vec::new();
            while let Some(piece) = block_on(source.next(&world.db)).unwrap() {
                all.extend(piece);
            }
            all
        }
    };
    Reply { headers, ..Reply::bytes(status, "", bytes) }
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
            for (name, payload) in payloads {
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
    let worlds = Worlds::new("web-hostile");
    let faults = tried(&worlds, &payloads(), |control| !matches!(control.kind.as_str(), "password" | "file"));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_very_long_text_is_kept_or_refused_and_comes_back() {
    let worlds = Worlds::new("web-long");
    let long = "zqx7 and so on. ".repeat(100 * 1024 / 16);
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
    let worlds = Worlds::new("web-typed");
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

#[test]
fn bytes_that_are_no_text_are_refused() {
    let worlds = Worlds::new("web-bytes");
    let world = worlds.copy();
    let owner = &worlds.callers[1];
    for place in places(&world, owner) {
        for bytes in ["%ff%fe", "%ed%a0%80", "%c0%af", "%f4%90%80%80"] {
            let name = place.form.controls.iter().find(|one| one.is_text()).map_or("text", |one| one.name.as_str());
            let body = format!("csrf={}&{name}=zqx7{bytes}", owner.csrf);
            let request = World::request(Method::POST, &place.form.action)
                .with_header("cookie", &owner.cookie)
                .with_body("application/x-www-form-urlencoded", body);
            let reply = answer(&world, &request);
            assert!(reply.status.is_client_error(), "{} took {bytes}: {}", place.form.action, reply.status);
            check(&reply).unwrap();
        }
    }
}

#[test]
fn a_file_may_be_called_anything_and_hold_anything() {
    let worlds = Worlds::new("web-files");
    let long = "zqx7".repeat(250);
    let names = [
        "../../etc/zqx7",
        "..\\..\\zqx7.csv",
        "zqx7\".csv",
        "zqx7'.csv",
        "zqx7\r\nSet-Cookie: a=b.csv",
        "<script>zqx7()</script>.csv",
        "=zqx7.csv",
        "\u{202e}vsc.zqx7",
        "zqx7.csv\0.exe",
        "",
        "CON",
        &long,
    ];
    let contents: &[&[u8]] = &[
        b"text,channel\n\"<script>zqx7()</script>\",\"=zqx7()\"\n",
        b"zqx7\xff\xfe\xed\xa0\x80",
        b"zqx7\0,text\n1,2\n",
        b"[{\"text\":\"<zqx7>\",\"url\":\"javascript:zqx7()\",\"channel\":\"\\ud83d\"}]",
        b"[brand]\nname = \"<zqx7>\"\n",
        b"",
    ];
    let mut faults = Vec::new();
    for place in places(&worlds.copy(), &worlds.callers[1]) {
        for control in place.form.controls.iter().filter(|one| one.kind == "file") {
            for name in names {
                for content in contents {
                    let (world, owner) = (worlds.copy(), &worlds.callers[1]);
                    let files = [Upload { field: control.name.clone(), name: name.into(), bytes: content.to_vec() }];
                    let reply = answer(&world, &place.form.request(&owner.cookie, &files));
                    let said = check(&reply).and_then(|()| {
                        // A trial leads on to the form that imports.
                        let next = browser::forms(&reply.text(), &place.form.action).into_iter();
                        for form in next.filter(|form| form.action == "/imports" && form.is_post) {
                            check(&answer(&world, &form.request(&owner.cookie, &[])))?;
                            check(&get(&world, "/imports", &owner.cookie))?;
                            check(&get(&world, "/export/imported_posts.csv", &owner.cookie))?;
                        }
                        Ok(())
                    });
                    if let Err(fault) = said {
                        faults.push(format!("{} {}: {name:?}: {fault}", place.route.path, control.name));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn text_that_is_not_escaped_is_found_out() {
    let contexts: &[fn(&str) -> String] = &[
        |text| format!("<p>{text}</p>"),
        |text| format!("<input value=\"{text}\">"),
        |text| format!("<input value='{text}'>"),
        |text| format!("<input value={text}>"),
        |text| format!("<a href=\"{}\">x</a>", text.replace('"', "&quot;")),
        |text| format!("<textarea>{text}</textarea>"),
        |text| format!("<title>{text}</title>"),
        |text| format!("<style>{text}</style>"),
        |text| format!("<script src=/static/a.js></script><script>var a = '{text}'</script>"),
        |text| format!("<!-- {text} -->"),
        |text| format!("<svg><text>{text}</text></svg>"),
    ];
    for (at, context) in contexts.iter().enumerate() {
        let caught = PAYLOADS.iter().filter(|(_, payload)| !browser::not_ours(&context(payload), MARK).is_empty());
        assert!(caught.count() > 0, "the unescaped rendering {at} is not seen");
        let harmless = context("Anna &amp; Bertolt");
        assert!(at == 8 || browser::not_ours(&harmless, MARK).is_empty(), "{harmless} is ours");
    }
    assert!(cells_are_text("a,b\n1,\"=zqx7\"\n").is_err() && cells_are_text("a,b\n1,+1\n").is_err());
    assert!(cells_are_text("a,b\n-1,\"'=zqx7, +1\"\n").is_ok());
    let split = Reply::html(serve::StatusCode::OK, "").with_header("location", "/a\r\nb: c");
    assert!(browser::headers_are_whole(&split).is_err());
}
