//! No key, secret or personal data where it does not belong: each is a word that stands nowhere else, a whole campaign
//! is played over calls that fail and repeat what they were sent, and then everything is searched for the words.

mod provider;

use std::path::{Path, PathBuf};
use std::process::Command;

use provider::{MARKER, Provider};
use reqwest::Method;
use serde_json::{Value, json};
use tests::app::{App, OPERATOR_TOKEN, SETUP_TOKEN, Setup, WAKE_SECRET};
use tests::campaign::{Campaign, STAGE, text};
use tests::database::Database;
use tests::http::Api;

const MODEL_KEY: &str = "sk-canary-operator-5f1c7a";
const OWN_KEY: &str = "sk-canary-workspace-8b2e4d";
const RELAY_TOKEN: &str = "canary-relay-93ac01";
const SEAL_KEY: &str = "ca0a71e5ca0a71e5ca0a71e5ca0a71e5ca0a71e5ca0a71e5ca0a71e5ca0a71e5";
const OIDC_SECRET: &str = "canary-oidc-40bb9e";
/// What [`App::claim`] types.
const PASSWORD: &str = "three unrelated words";
const EMAIL: &str = "owner@rondo.example";
const GUEST: &str = "canary-guest@people.example";
const UNWANTED: &str = "canary-unwanted@people.example";
/// A sentence that no model is asked to repeat.
const PROMPT: &str =
    "It will be checked by rules, reviewed by an editor and approved by a person, and then it is public.";
/// A line of somebody else's text that no fact is typed from.
const STRANGERS: &str = "The canary of a leaflet hums at midnight";
/// A copy of the database, beside it.
const BACKUP: &str = "copy.db";

/// A word, and the tables that hold it because that is what they are for.
struct Canary {
    what: &'static str,
    word: String,
    at_home: &'static [&'static str],
}

fn canary(what: &'static str, word: impl Into<String>) -> Canary {
    Canary { what, word: word.into(), at_home: &[] }
}

#[tokio::test]
async fn no_secret_and_no_address_of_a_person_stands_where_it_does_not_belong() {
    let provider = Provider::start().await;
    let app = setup(&provider).start().await;
    let owner = in_a_browser(&app).await;
    let mut canaries = vec![
        canary("the operator's key of a model", MODEL_KEY),
        canary("the workspace's own key of a model", OWN_KEY),
        canary("the relay's token", RELAY_TOKEN),
        canary("the key that seals", SEAL_KEY),
        canary("the secret at the provider of sign-in", OIDC_SECRET),
        canary("the password", PASSWORD),
        canary("the operator's token", OPERATOR_TOKEN),
        canary("the setup's token", SETUP_TOKEN),
        canary("the wake secret", WAKE_SECRET),
        // Whom an account and an invitation are for; nothing else is to know an address.
        Canary { what: "the owner's address", word: EMAIL.into(), at_home: &["user", "claim"] },
        Canary { what: "a guest's address", word: GUEST.into(), at_home: &["invitation"] },
        Canary {
            what: "the address of a guest who is not wanted any more",
            word: UNWANTED.into(),
            at_home: &["invitation"],
        },
        canary("what the copywriter is told", PROMPT),
        Canary { what: "a text of strangers", word: STRANGERS.into(), at_home: &["reading"] },
    ];
    assert!(include_str!("../../crates/models/prompts/copywriter.md").contains(PROMPT));
    canaries.extend(plant(&app, &owner, &provider).await);
    let campaign = Campaign::rehearse(&app.api, BRIEF).await;
    let earlier = take_away_what_fails(&app, &owner).await;
    campaign.approve_strategy().await;
    have_a_text_read(&app).await;
    campaign.to_the_end().await;
    provoke(&app, &owner).await;

    let mut places = Places::of(&app, &owner, &campaign).await;
    places.texts.extend(earlier);
    let found: Vec<String> = canaries.iter().flat_map(|canary| places.hold(canary)).collect();
    assert!(found.is_empty(), "{}:\n{}", found.len(), found.join("\n"));
    // The control: the same answers that repeated the keys bore a word that is no secret. It was kept and is found, so
    // the search looks where a key would have been.
    let marked = places.hold(&canary("the marker", MARKER));
    assert!(provider.repeated() >= 3, "the provider repeated a key {} times", provider.repeated());
    assert!(
        marked.iter().any(|place| place.contains("table")),
        "what a provider says beside the key is kept: {marked:?}"
    );
    assert!(marked.iter().any(|place| place.contains("GET ")), "and shown: {marked:?}");
    assert!(marked.iter().any(|place| place.contains("the file") && place.contains(BACKUP)), "and copied: {marked:?}");
    places.are_all_searched();
}

/// The owner, as the pages of the app send what was typed into them.
async fn in_a_browser(app: &App) -> Api {
    let owner = app.claim().await.with("origin", &app.url).with("sec-fetch-site", "same-origin");
    let page = owner.get("/brand/edit").await.expect(200).body;
    let token = page.split_once("name=\"csrf\" value=\"").and_then(|(_, rest)| rest.split('"').next());
    owner.with("x-csrf-token", token.expect("every form has the token"))
}

fn setup(provider: &Provider) -> Setup {
    let base = format!("http://{}", provider.address);
    Setup::local()
        .set("model_provider", "openai")
        .set("model_base_url", format!("{base}/operator/v1"))
        .set("model_hosts", base.clone())
        .set("model_key", MODEL_KEY)
        .set("model_name", "canary")
        .set("seal_key", SEAL_KEY)
        .set("relay_url", format!("{base}/relay"))
        .set("relay_hosts", base)
        .set("relay_token", RELAY_TOKEN)
        .set("oidc_client_secret", OIDC_SECRET)
}

/// A provider of the workspace's own, a token, an invitation, a second factor, a relay that is tried.
async fn plant(app: &App, owner: &Api, provider: &Provider) -> Vec<Canary> {
    let own = json!({ "name": "Ours", "kind": "openai", "models": ["canary"], "key": OWN_KEY,
                      "base_url": format!("http://{}/own/v1", provider.address) });
    let made = app.api.post("/api/v1/providers", &own).await.expect(201).json();
    let check = format!("/api/v1/providers/{}/check", text(&made["id"]));
    app.api.put(&check, &json!({})).await;
    let channel = json!({ "name": "Blog", "platform": "relay" });
    let made = app.api.post("/api/v1/channels", &channel).await.expect(201).json();
    app.api.put(&format!("/api/v1/channels/{}/check", text(&made["id"])), &json!({})).await;
    let token = json!({ "name": "A script", "role": "analyst" });
    let token = owner.post("/api/v1/tokens", &token).await.expect(201).json();
    let invitation = owner.post("/api/v1/invitations", &json!({ "role": "analyst", "email": GUEST })).await;
    let invitation = invitation.expect(201).json();
    let unwanted = owner.post("/api/v1/invitations", &json!({ "role": "editor", "email": UNWANTED })).await;
    let unwanted = unwanted.expect(201).json();
    owner
        .send(Method::DELETE, &format!("/api/v1/invitations/{}", text(&unwanted["id"])), "", Vec::new())
        .await
        .expect(204);
    let reset = app.api.post("/api/v1/password-resets", &json!({ "email": EMAIL })).await.expect(201).json();
    let session = owner.anonymous().form("/sign-in", &[("email", EMAIL), ("password", PASSWORD)]).await;
    let session = session.header("set-cookie").split([';', '=']).nth(1).map(str::to_owned);
    let factor = owner.post("/api/v1/me/second-factor", &json!({ "password": PASSWORD })).await;
    let mut planted = vec![canary("a program's token", text(&token["secret"]))];
    planted.extend(secret_of(&invitation).map(|word| canary("an invitation's link", word)));
    planted.extend(secret_of(&unwanted).map(|word| canary("the link of an invitation that was taken back", word)));
    planted.extend(secret_of(&reset).map(|word| canary("a link for another password", word)));
    planted.extend(session.filter(|word| word.len() >= 16).map(|word| canary("a session", word)));
    planted.extend(secret_of(&factor.json()).map(|word| canary("the second factor's secret", word)));
    assert_eq!(planted.len(), 6, "{invitation} {reset} {factor:?}");
    planted
}

/// Waits until the workspace's own provider has failed a job, and takes it away: the operator's is next. Gives what was
/// shown of it.
async fn take_away_what_fails(app: &App, owner: &Api) -> Vec<(String, String)> {
    let failed = async |api: &Api| {
        let jobs = api.get("/api/v1/jobs").await.expect(200).json();
        jobs["items"][0]["last_error"].is_string().then_some(())
    };
    app.api.until("a call fails", STAGE, failed).await;
    let mut shown = Vec::new();
    for path in ["/settings/providers", "/api/v1/providers"] {
        shown.push((format!("GET {path}, with a provider"), owner.get(path).await.expect(200).body));
    }
    let own = app.api.get("/api/v1/providers").await.expect(200).json();
    let own = format!("/api/v1/providers/{}", text(&own["items"][0]["id"]));
    let own = app.api.send(Method::DELETE, &own, "", Vec::new()).await;
    assert!(own.status < 300, "{own:?}");
    shown
}

/// A model reads a text of strangers: it is kept as what it is, and shown nowhere but by its facts.
async fn have_a_text_read(app: &App) {
    let sent = json!({ "text": format!("Open: 22:00 to 04:00\n{STRANGERS}"), "copied_from": "a leaflet" });
    let begun = app.api.post("/api/v1/brand/readings", &sent).await.expect(201).json();
    let path = format!("/api/v1/brand/readings/{}", text(&begun["id"]));
    let done = async |api: &Api| (api.get(&path).await.expect(200).json()["state"] == "done").then_some(());
    app.api.until("the text is read", STAGE, done).await;
}

/// The secret of an answer, whatever it is called: a link's last part, or the field itself.
fn secret_of(answer: &Value) -> Option<String> {
    let of = |name: &str| answer[name].as_str().map(str::to_owned);
    let link = of("link").or_else(|| of("url"));
    let last = link.and_then(|link| link.rsplit('/').next().map(str::to_owned));
    of("secret").or(last).filter(|word| word.len() >= 16)
}

/// Requests that are refused, with secrets in them: nothing is said back.
async fn provoke(app: &App, owner: &Api) {
    let bad = json!({ "name": "Ours", "kind": "openai", "models": [], "key": OWN_KEY, "base_url": "ftp://x" });
    let refused = [
        app.api.post("/api/v1/providers", &bad).await,
        app.api.anonymous().with_token("wrong").get("/api/v1/campaigns").await,
        owner.anonymous().form("/sign-in", &[("email", GUEST), ("password", PASSWORD)]).await,
        app.api.anonymous().post("/api/v1/setup", &json!({ "setup_token": SETUP_TOKEN, "email": GUEST })).await,
        owner.form("/settings/providers", &[("name", ""), ("kind", "openai"), ("key", OWN_KEY)]).await,
    ];
    for answer in refused {
        for secret in [OWN_KEY, PASSWORD, SETUP_TOKEN] {
            assert!(!answer.body.contains(secret), "a refusal repeats what was typed: {answer:?}");
        }
    }
}

/// Where the app's own lines are.
const SAID: &str = "what the app says";

/// Everything that is searched, with a name for each place.
struct Places {
    texts: Vec<(String, String)>,
    tables: Vec<(String, String)>,
    database: Database,
    files: Vec<PathBuf>,
}

/// Pages and answers whose very purpose is to show a member's address.
const SHOWS_ADDRESSES: [&str; 8] = [
    "GET /settings/members",
    "GET /settings/security",
    "GET /settings",
    "GET /api/v1/me",
    "GET /api/v1/members",
    "GET /api/v1/members/{id}",
    "GET /api/v1/invitations",
    "GET /sign-in",
];

impl Places {
    async fn of(app: &App, owner: &Api, campaign: &Campaign<'_>) -> Self {
        // `rondo up` shows whoever started it the link to begin by, on purpose: it is spent by the first use.
        let said = app.output.text();
        let said: Vec<&str> = said.lines().filter(|line| !line.contains("Begin here:")).collect();
        let mut texts = vec![(SAID.to_owned(), said.join("\n"))];
        let mut answered = 0;
        let post = campaign.posts().await.remove(0);
        let names = [("{id}", campaign.id.as_str()), ("{version}", "1"), ("{slug}", "home"), ("{part}", "posts")];
        let mut ids = Vec::new();
        for list in ["members", "channels", "memory", "jobs"] {
            let page = owner.get(&format!("/api/v1/{list}?limit=1")).await.expect(200).json();
            let of = ["id", "user_id"].iter().find_map(|name| page["items"][0][*name].as_str());
            ids.extend(of.map(|id| (list, id.to_owned())));
        }
        let reading = Database::open(app.state()).texts("select id from reading").remove(0);
        let gets = |golden: &'static str| {
            let rows = golden.lines().filter_map(|line| line.strip_prefix("GET "));
            rows.filter_map(|row| row.split_whitespace().next())
                .filter(|path| !path.contains("stream"))
                .collect::<Vec<_>>()
        };
        let pages = gets(include_str!("../../components/web/tests/matrix.txt")).into_iter().map(|path| ("", path));
        let answers =
            gets(include_str!("../../components/api/src/tests/matrix.txt")).into_iter().map(|path| ("/api/v1", path));
        for (base, path) in pages.chain(answers) {
            // What takes a secret in its path, and what never ends.
            if path.contains("{token}") || path.contains("{secret}") || path.ends_with("/events") && base.is_empty() {
                continue;
            }
            let mut target = path.replace("/static/...", "/static/css/base.css");
            if path.starts_with("/posts/{id}") {
                target = target.replace("{id}", text(&post["id"]));
            }
            for (list, id) in &ids {
                target = target.replace(&format!("/{list}/{{id}}"), &format!("/{list}/{id}"));
            }
            target = target
                .replace("/readings/{id}", &format!("/readings/{reading}"))
                .replace("/agents/{id}", "/agents/copywriter")
                .replace("{file}", "posts.csv")
                .replace("{slug}", if path.starts_with("/problems") { "not-found" } else { "{slug}" });
            for (name, value) in names {
                target = target.replace(name, value);
            }
            let target = format!("{base}{target}");
            let answer = owner.get(&target).await;
            answered += usize::from(answer.status == 200);
            texts.push((format!("GET {base}{path}"), format!("{:?} {}", answer.headers, answer.body)));
        }
        println!("{answered} of {} pages and answers were read", texts.len() - 1);
        assert!(answered > 100, "only {answered} pages and answers are there to be searched");
        let copy = app.state().join(BACKUP);
        let mut backup = Command::new(tests::build::rondo());
        backup.arg("backup").arg("--state-dir").arg(app.state()).arg(&copy);
        let backup = backup.output().expect("it can be started");
        assert!(backup.status.success(), "{backup:?}");
        texts.push(("what a backup says".to_owned(), String::from_utf8_lossy(&backup.stdout).into_owned()));
        let database = Database::open(app.state());
        let columns = database.texts(
            "select m.name || ' ' || c.name from sqlite_master m join pragma_table_info(m.name) c
            where m.type = 'table' and m.name not like 'sqlite_%'",
        );
        let split = |pair: String| pair.split_once(' ').map(|(table, column)| (table.into(), column.into()));
        Self { texts, tables: columns.into_iter().filter_map(split).collect(), database, files: files(app.state()) }
    }

    /// The control of the search itself: a word that does stand in a place is found there, for each place.
    fn are_all_searched(&self) {
        let said = self.hold(&canary("the app's own line", "Serving "));
        assert!(said.iter().any(|place| place.ends_with(SAID)), "{said:?}");
        let named = self.hold(&canary("the brand", "Night Shift Bakery"));
        for place in ["/campaigns/{id}", "/api/v1/campaigns/{id}"] {
            let place = format!("stands in GET {place}");
            assert!(named.iter().any(|one| one.ends_with(&place)), "{place}: {named:?}");
        }
        for (address, place) in [(EMAIL, "table user"), (GUEST, "table invitation"), (UNWANTED, "table invitation")] {
            let found = self.hold(&canary("an address", address));
            assert!(found.iter().any(|one| one.contains(place)), "{place}: {found:?}");
        }
        let mut searched = 0;
        for (table, column) in &self.tables {
            let sql = format!(
                "select cast(\"{column}\" as text) from \"{table}\" where typeof(\"{column}\") = 'text' and length(\"{column}\") > 3 limit 1"
            );
            for word in self.database.texts(&sql) {
                let found = self.hold(&canary("a word", word));
                let place = format!("table {table}, column {column}");
                assert!(found.iter().any(|one| one.contains(&place)), "{place} is not searched");
                searched += 1;
            }
        }
        println!("{searched} columns hold texts, and each is searched");
        assert!(searched > 100, "{searched}");
    }

    /// Where a canary stands that it must not.
    fn hold(&self, canary: &Canary) -> Vec<String> {
        let is_address = canary.word.contains('@');
        let mut found = Vec::new();
        for (place, said) in &self.texts {
            let may = is_address && SHOWS_ADDRESSES.contains(&place.as_str());
            if said.contains(&canary.word) && !may {
                found.push(format!("{} stands in {place}", canary.what));
            }
        }
        for (table, column) in self.tables.iter().filter(|(table, _)| !canary.at_home.contains(&table.as_str())) {
            let word = canary.word.replace('\'', "''");
            let sql = format!(
                "select count(*) from \"{table}\" where instr(cast(\"{column}\" as blob), cast('{word}' as blob)) > 0"
            );
            if self.database.number(&sql) > 0 {
                found.push(format!("{} stands in table {table}, column {column}", canary.what));
            }
        }
        // A secret is in no file at all, not even in a page of the database that is free again.
        for file in self.files.iter().filter(|_| !is_address && canary.at_home.is_empty()) {
            let bytes = std::fs::read(file).unwrap_or_default();
            if bytes.windows(canary.word.len()).any(|part| part == canary.word.as_bytes()) {
                found.push(format!("{} stands in the file {}", canary.what, file.display()));
            }
        }
        found
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder can be read").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

const BRIEF: &str = r#"[brand]
name = "Night Shift Bakery"
url = "https://nightshift.example"
one_line = "A bakery that opens at 22:00, for people who work nights."
[facts]
hours = "22:00 to 04:00"
[goal]
text = "Sell bread to those who work at night."
posts_per_week = 3
weeks = 1
timezone = "UTC"
start = "2027-03-29"
"#;
