//! What one does with campaigns beside approving: add posts, rewrite, use templates, duplicate, put away, bring posts
//! from elsewhere, and take everything away.

#[path = "support/seed.rs"]
mod seed;

use futures::executor::block_on;
use seed::World;
use serve::{Method, Reply, StatusCode};
use store::{campaign, import, post};

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    Some(text.split_once(before)?.1.split_once(after)?.0.into())
}

fn get(world: &World, target: &str) -> Reply {
    let request = World::request(Method::GET, target).with_header("cookie", &world.cookie);
    block_on(web::answer(world.app(), &request)).unwrap()
}

fn send(world: &World, target: &str, fields: &[(&str, &str)]) -> Reply {
    let csrf = between(&get(world, "/settings").text(), "name=\"csrf\" value=\"", "\"").unwrap();
    let body =
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).append_pair("csrf", &csrf).finish();
    let request = World::request(Method::POST, target).with_header("cookie", &world.cookie);
    block_on(web::answer(world.app(), &request.with_body("application/x-www-form-urlencoded", body))).unwrap()
}

fn bakery(world: &World) -> campaign::Campaign {
    block_on(campaign::find(&world.db, &world.workspace_id(), "bakery")).unwrap().unwrap()
}

fn post_of(world: &World, id: &str) -> post::Post {
    block_on(post::find(&world.db, &world.workspace_id(), id)).unwrap().unwrap()
}

#[test]
fn a_post_by_hand_from_a_template_is_reviewed_like_any_other() {
    let world = World::full();
    let refused = send(&world, "/templates", &[("name", "Offer"), ("title", "{{produkt}}"), ("text", "x")]);
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("`{{produkt}}`") && refused.text().contains("value=\"Offer\""));
    let text = "On {{date}} at {{time}}: {{fact.hours}}.";
    assert_eq!(
        send(&world, "/templates", &[("name", "Offer"), ("title", "{{product}} on {{channel}}"), ("text", text)])
            .status,
        StatusCode::SEE_OTHER
    );
    let taken = send(&world, "/templates", &[("name", "Offer"), ("title", "x"), ("text", "y")]);
    assert!(taken.text().contains("is taken"));
    let template = between(&get(&world, "/templates").text(), "href=\"/templates/", "\"").unwrap();

    let typed =
        [("channel", "stage"), ("local", "2027-04-20T09:30"), ("template", template.as_str()), ("angle", "The offer")];
    let filled = send(&world, "/campaigns/bakery/posts", &[&typed[..], &[("act", "fill")]].concat()).text();
    assert!(
        filled.contains("Night Shift Bakery on stage")
            && filled.contains("On 2027-04-20 at 09:30: Tuesday to Saturday"),
        "{filled}"
    );

    let words = [("title", "A hand-made post"), ("text", "Bread at night."), ("act", "add")];
    let past = [("channel", "stage"), ("local", "2020-01-01T09:30"), ("angle", "The offer")];
    let refused = send(&world, "/campaigns/bakery/posts", &[&past[..], &words].concat());
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("A hand-made post"), "what was typed is still there");
    let added = send(&world, "/campaigns/bakery/posts", &[&typed[..], &words].concat());
    assert_eq!(added.header("location"), Some("/posts/bakery-11?done=post-added"), "{}", added.text());
    assert_eq!(post_of(&world, "bakery-11").state, domain::PostState::InReview);
    assert!(get(&world, &format!("/templates/{template}")).text().contains("Delete the template"));
    assert_eq!(send(&world, &format!("/templates/{template}/deletion"), &[]).status, StatusCode::SEE_OTHER);
    assert_eq!(get(&world, &format!("/templates/{template}")).status, StatusCode::NOT_FOUND);
}

#[test]
fn a_rewrite_ends_an_approval_and_says_so() {
    let world = World::full();
    let page = get(&world, "/posts/bakery-6").text();
    assert!(page.contains("It is approved. A new version ends that"), "{page}");
    let form = between(&page, "Have it rewritten", "Shorter").unwrap();
    let value = |name: &str| between(&form, &format!("name=\"{name}\" value=\""), "\"").unwrap();
    let (seen, comment) = (value("seen"), value("comment"));
    let sent =
        send(&world, "/posts/bakery-6/decision", &[("seen", &seen), ("decision", "send_back"), ("comment", &comment)]);
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    let post = post_of(&world, "bakery-6");
    assert_eq!(
        (post.state, post.approval, post.comment.as_deref()),
        (domain::PostState::Writing, None, Some(comment.as_str()))
    );
}

#[test]
fn the_same_post_is_written_for_another_channel() {
    let world = World::full();
    assert!(get(&world, "/posts/bakery-3").text().contains("For another channel"));
    let same = send(&world, "/posts/bakery-3/elsewhere", &[("channel", "stage"), ("local", "2027-04-20T09:30")]);
    assert_eq!(same.status, StatusCode::UNPROCESSABLE_ENTITY);
    let added = send(&world, "/posts/bakery-3/elsewhere", &[("channel", "blog"), ("local", "2027-04-20T09:30")]);
    assert_eq!(added.header("location"), Some("/posts/bakery-11?done=post-added"), "{}", added.text());
    let (new, old) = (post_of(&world, "bakery-11"), post_of(&world, "bakery-3"));
    assert_eq!((new.channel_name.as_str(), new.angle, new.state), ("blog", old.angle, domain::PostState::Writing));
}

#[test]
fn a_campaign_is_duplicated_and_put_away_and_taken_back() {
    let world = World::full();
    let past = send(&world, "/campaigns/finished/copies", &[("start", "2020-01-01")]);
    assert_eq!(past.status, StatusCode::UNPROCESSABLE_ENTITY);
    let copy = send(&world, "/campaigns/finished/copies", &[("start", "2027-05-03"), ("name", "Once more")]);
    let path = copy.header("location").unwrap().split('?').next().unwrap().to_string();
    let page = get(&world, &path).text();
    assert!(page.contains("Once more") && page.contains("2027-05-03"));

    // Of one of the bakery's posts nobody knows whether it went out.
    let revision = bakery(&world).revision.to_string();
    let refused = send(&world, "/campaigns/bakery/archive", &[("archived", "1"), ("revision", &revision)]);
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let id = path.trim_start_matches("/campaigns/");
    let away = send(&world, &format!("{path}/archive"), &[("archived", "1"), ("revision", "1")]);
    assert_eq!(away.status, StatusCode::SEE_OTHER, "{}", away.text());
    assert!(!get(&world, "/campaigns").text().contains("Once more"));
    assert!(get(&world, "/campaigns?archived=1").text().contains("Once more"));
    assert!(get(&world, &path).text().contains("nothing of it runs"));
    let now = block_on(campaign::find(&world.db, &world.workspace_id(), id)).unwrap().unwrap();
    let back = send(&world, &format!("{path}/archive"), &[("archived", "0"), ("revision", &now.revision.to_string())]);
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    assert!(get(&world, "/campaigns").text().contains("Once more"));
}

/// A thousand rows, of which fifty cannot be posts: no text, no zone, no address, too few cells, in turn.
fn thousand() -> String {
    let mut file = "text,title,channel,published_at,url\r\n".to_string();
    for row in 1..=1_000 {
        let line = match (row % 20, row / 20 % 4) {
            (0, 0) => format!(",T{row},blog,,\r\n"),
            (0, 1) => format!("x{row},T{row},blog,2026-01-01T10:00:00,\r\n"),
            (0, 2) => format!("x{row},T{row},blog,,javascript:alert(1)\r\n"),
            (0, _) => format!("x{row}\r\n"),
            _ => format!(
                "\"=SUM(A{row}), <b>\"\"{row}\"\"</b>\",T{row},blog,2026-01-01T10:00:00+01:00,https://blog.example/{row}\r\n"
            ),
        };
        file.push_str(&line);
    }
    file
}

fn multipart(world: &World, target: &str, file: &str, name: &str, fields: &[(String, String)]) -> Reply {
    let csrf = between(&get(world, "/settings").text(), "name=\"csrf\" value=\"", "\"").unwrap();
    let mut body = String::new();
    for (name, value) in fields.iter().filter(|(name, _)| name != "csrf").chain([&("csrf".to_string(), csrf)]) {
        body += &format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    if !name.is_empty() {
        body += &format!(
            "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv\r\n\r\n{file}\r\n"
        );
    }
    body += "--x--\r\n";
    let request = World::request(Method::POST, target).with_header("cookie", &world.cookie);
    block_on(web::answer(world.app(), &request.with_body("multipart/form-data; boundary=x", body))).unwrap()
}

/// The hidden fields of the form that imports.
fn hidden(page: &str) -> Vec<(String, String)> {
    let form = between(page, "action=\"/imports\"", "</form>").unwrap();
    let plain =
        |text: String| text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    form.split("<input")
        .skip(1)
        .map(|tag| (between(tag, "name=\"", "\"").unwrap(), plain(between(tag, "value=\"", "\"").unwrap())))
        .collect()
}

#[test]
fn a_thousand_rows_with_fifty_bad_ones_are_tried_out_and_then_imported_once() {
    let world = World::full();
    let (us, file) = (world.workspace_id(), thousand());
    let count =
        || world.db.run("select count(*) as n from imported_post", &[]).unwrap().first().unwrap().int("n").unwrap();
    let jobs = || world.db.run("select count(*) as n from job", &[]).unwrap().first().unwrap().int("n").unwrap();
    let jobs_before = jobs();
    let trial = multipart(&world, "/imports/trial", &file, "../../<old>.csv", &[]);
    let page = trial.text();
    assert_eq!(trial.status, StatusCode::OK);
    assert_eq!(count(), 0, "a trial imports nothing");
    assert!(
        page.contains("<b>950</b> are imported") && page.contains("<b>50</b> cannot be read"),
        "{}",
        &page[..4_000]
    );
    for told in [
        "<b>Row 80</b>: text is empty",
        "<b>Row 20</b>: published_at <code>2026-01-01T10:00:00</code> has no zone",
        "<b>Row 40</b>: url <code>javascript:alert(1)</code> is no http or https address",
        "<b>Row 60</b>: has 1 cells; the first line names 5",
    ] {
        assert!(page.contains(told), "{told}");
    }
    assert_eq!(page.matches("<b>Row ").count(), 50);
    assert!(page.contains("&lt;old&gt;.csv") && !page.contains("<b>&quot;1"), "names and cells are text");

    let fields = hidden(&page);
    let forged = fields
        .iter()
        .map(|(name, value)| {
            (name.clone(), if name == "file_text" { value.replace("T1,", "U1,") } else { value.clone() })
        })
        .collect::<Vec<_>>();
    assert_eq!(
        multipart(&world, "/imports", "", "", &forged).status,
        StatusCode::PRECONDITION_FAILED,
        "not what was shown"
    );
    assert_eq!(count(), 0);
    // Browsers end the lines of a field as they like.
    let sent: Vec<(String, String)> =
        fields.iter().map(|(name, value)| (name.clone(), value.replace('\n', "\r\n"))).collect();
    let done = multipart(&world, "/imports", "", "", &sent);
    assert_eq!(done.header("location"), Some("/imports?done=imported&count=950"), "{}", done.text());
    assert_eq!((count(), jobs()), (950, jobs_before), "history, and nothing that could run");
    let again = multipart(&world, "/imports", "", "", &sent);
    assert_eq!(again.header("location"), Some("/imports?done=imported-before"));
    assert_eq!(count(), 950);
    assert!(
        multipart(&world, "/imports/trial", &file, "again.csv", &[])
            .text()
            .contains("Importing it again changes nothing")
    );
    assert!(get(&world, "/imports?q=SUM(A7)").text().contains("T7"));
    assert_eq!(block_on(import::search(&world.db, &us, "t999", None, 10)).unwrap().len(), 1);

    // What a spreadsheet would calculate leaves as text, and an export comes back as it was.
    let csv = get(&world, "/export/imported.csv").text();
    assert!(csv.contains("\"'=SUM(A1), <b>") && !csv.contains(",\"=SUM"), "{}", &csv[..500]);
    let round = multipart(&world, "/imports/trial", &csv, "round.csv", &[]).text();
    assert!(
        round.contains("<b>950</b> are here already") && round.contains("<b>0</b> cannot be read"),
        "every row is known again"
    );
}

#[test]
fn the_posts_of_an_export_are_imported_elsewhere_word_for_word() {
    let (world, elsewhere) = (World::full(), World::claimed());
    for name in ["posts.csv", "posts.json", "everything.json"] {
        let file = get(&world, &format!("/export/{name}"));
        assert_eq!(file.status, StatusCode::OK);
        assert!(file.header("content-disposition").unwrap().starts_with("attachment"));
        let known = multipart(&world, "/imports/trial", &file.text(), name, &[]).text();
        assert!(known.contains("<b>0</b> are imported"), "{name}: they are here already");
        let page = multipart(&elsewhere, "/imports/trial", &file.text(), name, &[]).text();
        if name == "posts.csv" {
            let done = multipart(&elsewhere, "/imports", "", "", &hidden(&page));
            assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
        } else {
            assert!(page.contains("<b>0</b> are imported"), "{name}: the same posts");
        }
    }
    let theirs = block_on(import::search(&elsewhere.db, &elsewhere.workspace_id(), "", None, 200)).unwrap();
    for one in block_on(post::list(&world.db, &world.workspace_id(), "bakery", None, 200)).unwrap() {
        let Some(current) = one.current else { continue };
        // A picture is not imported, and the words have a hash of their own.
        let words = domain::Content { image: None, ..current.content.clone() }.sha256();
        let found = theirs.iter().find(|post| post.sha256 == words);
        assert_eq!(found.map(|post| &post.text), Some(&current.content.text), "post {}", one.slot);
    }
}

#[test]
fn what_is_taken_away_is_the_own_workspaces_and_whole() {
    let world = World::full();
    let everything = get(&world, "/export/everything.json").text();
    let document: serde_json::Value = serde_json::from_str(&everything).unwrap();
    assert_eq!(document["next"], serde_json::Value::Null);
    for table in store::export::TABLES {
        assert!(document["tables"][table.name].is_array(), "{}", table.name);
        assert_eq!(get(&world, &format!("/export/{}.csv", table.name)).status, StatusCode::OK);
    }
    for secret in ["$argon2", "sid=", &world.cookie[4..]] {
        assert!(!everything.contains(secret));
    }
    let one: serde_json::Value =
        serde_json::from_str(&get(&world, "/export/everything.json?campaign=finished").text()).unwrap();
    assert_eq!(one["tables"]["posts"].as_array().unwrap().len(), 2);
    assert!(!one.to_string().contains("bakery-1"));
    for target in [
        "/export/nothing.csv",
        "/export/posts.exe",
        "/export/posts",
        "/export?campaign=theirs",
        "/export/posts.csv?campaign=theirs",
    ] {
        assert_eq!(get(&world, target).status, StatusCode::NOT_FOUND, "{target}");
    }
    assert!(!get(&world, "/export/posts.csv?after=x").status.is_success());
}

#[test]
fn every_new_page_answers_without_anything_inline() {
    let world = World::full();
    for target in [
        "/brand",
        "/brand/edit",
        "/templates",
        "/imports",
        "/imports/new",
        "/export",
        "/export?campaign=bakery",
        "/campaigns?archived=1",
        "/campaigns/bakery/posts/new",
        "/campaigns/bakery/fragment/runs",
    ] {
        let reply = get(&world, target);
        assert_eq!(reply.status, StatusCode::OK, "{target}");
        for forbidden in ["style=\"", "<style", "onclick=", "javascript:", "<script>"] {
            assert!(!reply.text().contains(forbidden), "{target} holds {forbidden}");
        }
    }
}
