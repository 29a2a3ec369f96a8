//! `/campaigns/new`: by form and by file.

use serve::{Method, StatusCode};

use super::seed::World;

#[test]
fn a_campaign_is_created_by_form_and_every_error_stands_beside_its_field() {
    let world = World::claimed();
    let good = [
        ("goal.text", "Sell more rye"),
        ("goal.channels", "stage"),
        ("goal.posts_per_week", "3"),
        ("goal.weeks", "2"),
        ("goal.timezone", "Europe/Berlin"),
        ("goal.start", "2027-03-08"),
        ("brand.name", "Night Shift"),
        ("brand.url", "https://nightshift.example"),
        ("brand.one_line", "A bakery for the night"),
        ("facts", "hours = 22:00 to 04:00"),
        ("mode", "rehearsal"),
    ];
    let with = |field: &str, value: &'static str| -> Vec<(&str, &str)> {
        good.iter().map(|(name, text)| (*name, if *name == field { value } else { *text })).collect()
    };
    for (field, value, complaint) in [
        ("goal.timezone", "Mars/Olympus", "is no IANA time zone"),
        ("goal.start", "2026-01-01", "in the past"),
        ("goal.channels", "fax", "is not connected"),
        ("goal.weeks", "0", "must be from 1 to"),
        ("facts", "no equals sign", "is not `name = value`"),
    ] {
        let reply = world.post("/campaigns", &with(field, value));
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        let page = reply.text();
        assert!(
            page.contains(complaint) && page.contains("Sell more rye") && page.contains("22:00 to 04:00")
                || field == "facts",
            "{field}: {page}"
        );
    }
    let reply = world.post("/campaigns", &good);
    assert_eq!(
        (reply.status, reply.wakes.clone()),
        (StatusCode::SEE_OTHER, vec![domain::Step::Strategize]),
        "{}",
        reply.text()
    );
    let page = world.get(reply.header("location").unwrap()).text();
    assert!(page.contains("Night Shift, from 2027-03-08") && page.contains("REHEARSAL"));
}

#[test]
fn a_campaign_is_created_by_a_brief_file_and_a_broken_one_comes_back() {
    let world = World::claimed();
    let csrf = world.csrf();
    let upload = |toml: &str| {
        let part = |name: &str, more: &str, text: &str| {
            format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n{text}\r\n")
        };
        let body = [
            part("csrf", "", &csrf),
            part("from", "", "file"),
            part("brief", "", ""),
            part("brief_file", "; filename=\"b.toml\"", toml),
            "--b--\r\n".into(),
        ]
        .concat();
        let request = World::request(Method::POST, "/campaigns").with_header("cookie", &world.cookie);
        world.answer(&request.with_body("multipart/form-data; boundary=b", body))
    };
    let broken = upload("[brand]\nname = \"Only a name\"");
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(broken.text().contains("Only a name"));
    let good = toml_of(&super::seed::brief("2027-03-08", 3, 2));
    let reply = upload(&good);
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
}

fn toml_of(brief: &domain::Brief) -> String {
    format!(
        "[brand]\nname = {:?}\nurl = {:?}\none_line = {:?}\n[goal]\ntext = {:?}\nposts_per_week = 3\nweeks = 2\ntimezone = \"Europe/Berlin\"\nstart = \"{}\"\n",
        brief.brand.name, brief.brand.url, brief.brand.one_line, brief.goal.text, brief.goal.start
    )
}
