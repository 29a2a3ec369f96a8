//! `/settings`: tokens and members.

use futures::executor::block_on;
use serve::StatusCode;

use super::between;
use super::seed::World;

#[test]
fn a_token_is_shown_once_and_can_be_revoked() {
    let world = World::claimed();
    let reply = world.post("/settings/tokens", &[("name", "CI"), ("role", "analyst")]);
    let token = between(&reply.text(), "id=\"shown-once\">", "<").unwrap();
    assert!(token.starts_with("rondo_") && reply.secret);
    let page = world.get("/settings/tokens").text();
    assert!(page.contains("CI") && !page.contains(&token));
    let id = between(&page, "action=\"/settings/tokens/", "/revocation").unwrap();
    assert_eq!(world.post(&format!("/settings/tokens/{id}/revocation"), &[]).status, StatusCode::SEE_OTHER);
    assert!(world.get("/settings/tokens").text().contains("Revoked"));
    assert_eq!(
        world.post("/settings/tokens", &[("name", ""), ("role", "analyst")]).status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[test]
fn members_and_tokens_come_in_pages() {
    let world = World::full();
    for number in 0..4 {
        let new = store::people::member::NewMember {
            workspace_id: world.workspace_id(),
            user_id: format!("user-{number}"),
            email: format!("{number}@nightshift.example"),
            name: format!("Member {number}"),
            password_hash: "-".into(),
            role: domain::Role::Analyst,
        };
        block_on(store::people::member::add(&world.db, 1, &new)).unwrap();
        world.post("/settings/tokens", &[("name", &format!("Script {number}")), ("role", "analyst")]);
    }
    for (path, name) in [("/settings/members", "Member"), ("/settings/tokens", "Script")] {
        let (mut target, mut found) = (Some(format!("{path}?limit=2")), Vec::new());
        while let Some(path) = target {
            let page = world.get(&path).text();
            found.extend((0..4).filter(|number| page.contains(&format!("<strong>{name} {number}</strong>"))));
            target = world.next(&path).map(|next| format!("{next}&limit=2"));
        }
        found.sort_unstable();
        assert_eq!(found, [0, 1, 2, 3], "{path}: each once");
    }
    assert_eq!(world.get("/settings/members?cursor=x").status, StatusCode::BAD_REQUEST);
}

#[test]
fn who_is_invited_comes_in_pages_and_who_no_longer_is_takes_no_room() {
    let world = World::claimed();
    for number in 0..4 {
        let email = format!("{number}@guests.example");
        world.post("/settings/invitations", &[("email", &email), ("invite-role", "analyst"), ("role", "analyst")]);
    }
    let page = world.get("/settings/members").text();
    let gone = between(&page, "action=\"/settings/invitations/", "/revocation").unwrap();
    assert_eq!(world.post(&format!("/settings/invitations/{gone}/revocation"), &[]).status, StatusCode::SEE_OTHER);
    let (mut target, mut pages) = (Some("/settings/members?limit=1".to_string()), Vec::new());
    while let Some(path) = target {
        pages.push(world.get(&path).text().matches("@guests.example</strong>").count());
        target = world.next(&path).map(|next| format!("{next}&limit=1"));
    }
    assert_eq!(pages, [1, 1, 1]);
    assert_eq!(world.get("/settings/members?invited=x").status, StatusCode::BAD_REQUEST);
}

#[test]
fn templates_brands_and_files_come_in_pages() {
    let world = World::full();
    for number in 0..3 {
        let name = format!("Template {number}");
        world.post("/templates", &[("name", &name), ("title", "Rye"), ("text", "Today.")]);
    }
    let second = world.next("/templates?limit=2").unwrap();
    assert!(world.get(&second).text().contains("Template 2") && !world.get(&second).text().contains("Template 0"));
    let (mut book, home) = (domain::BrandBook::empty(), world.workspace_id());
    for base in 0..22 {
        book.brand.one_line = format!("It, {base}.");
        block_on(store::brand::save(&world.db, None, (&home, base), &book, "ada")).unwrap();
    }
    assert!(!world.get("/brand").text().contains("/brand?version=1\""));
    assert!(world.get(&world.next("/brand").unwrap()).text().contains("/brand?version=1\""));
    for number in 0..21 {
        let upload = serve::importing::Upload::new(
            &format!("file-{number}."),
            &format!("text,channel\nNumber {number}.,blog\n"),
            domain::import::Choices::default(),
        );
        let caller = serve::Caller {
            workspace_id: home.clone(),
            actor: "ada".into(),
            name: "Ada".into(),
            role: domain::Role::Owner,
            via: serve::Via::Operator,
        };
        world.clock.advance(1);
        block_on(serve::importing::bring(world.app(), &caller, &upload)).unwrap();
    }
    let first = world.get("/imports").text();
    let link = between(&first, "href=\"/imports?files=", "\"").unwrap();
    let older = world.get(&format!("/imports?files={link}")).text();
    assert!(first.contains("file-20.:") && !first.contains("file-0.:") && older.contains("file-0.:"), "{older}");
}
