//! `/history/seal`: how far history is sealed, and how anybody checks it without us.

use domain::seal::Seal;
use maud::{Markup, html};
use serve::{Problem, Reply};
use store::seal::{self, Verdict};

use crate::elements::time;
use crate::layout::{self, Nav};
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// The newest seals that the page itself checks; the command line checks all.
const SEALS_CHECKED: u32 = 150;
/// Most events in them.
const EVENTS_CHECKED: i64 = 5_000;
/// Seals that are listed.
const SEALS_SHOWN: usize = 20;

/// The page.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let db = call.app.ports.db;
    let mut newest = seal::newest(db, &visit.workspace.id, SEALS_CHECKED).await?;
    let mut events = 0;
    let checked = newest.iter().take_while(|seal| {
        events += seal.count;
        events <= EVENTS_CHECKED
    });
    let checked = u32::try_from(checked.count().max(1)).unwrap_or(SEALS_CHECKED);
    let verdict = seal::verify_newest(db, &visit.workspace.id, checked).await?;
    newest.truncate(SEALS_SHOWN);
    let url = call.request.header("host").map_or_else(|| "URL".into(), |host| format!("https://{host}"));
    let body = html! {
        div.head { div {
            p.crumb { a href="/history" { "History" } " / Seal" }
            h1 { "The seal over history" }
            p.lead { "Every tick hashes what happened since the last one, in order, together with the hash before it. Whoever keeps one hash can tell later that nothing up to it was changed, deleted, inserted or moved." }
        } }
        (found(&verdict))
        @if let Some(head) = newest.first() { (the_head(head)) }
        (by_yourself(&url, newest.first()))
        @if !newest.is_empty() { (list(&newest)) }
    };
    Ok(page(layout::page(visit, Nav::History, "The seal over history", &body)))
}

fn found(verdict: &Verdict) -> Markup {
    let chain = &verdict.chain;
    html! {
        @if let Some(broken) = &verdict.broken {
            div.notice.bad role="alert" {
                h2.as-h3 { "History was changed" }
                p { "The first thing that does not fit: " (broken.to_string()) ". Somebody wrote into the database by hand. Compare it with a backup." }
            }
        } @else if chain.number == 0 {
            div.notice.wait { p { "Nothing is sealed yet. The next tick does it; without a tick nothing is sealed." } }
        } @else {
            div.notice.good {
                h2.as-h3 { "It fits" }
                p { "Checked just now: events " (chain.seq_from) " to " (chain.seq_to) ", " (chain.events) " of them in this workspace. " @if verdict.unsealed.events > 0 { (verdict.unsealed.events) " since are not sealed yet." } @else { "Nothing waits to be sealed." } }
            }
        }
    }
}

fn the_head(head: &Seal) -> Markup {
    html! {
        section.section aria-labelledby="head-title" {
            div.top { h2 #head-title { "The last seal" } }
            dl.facts.card.flat {
                dt { "Number" } dd.figures { (head.number) }
                dt { "Made" } dd { (time::at(head.at, "UTC")) " UTC" }
                dt { "Up to event" } dd.figures { (head.seq_to) }
                dt { "Hash" } dd.row { code.hash #head-hash { (head.hash) } copy-button for="head-hash" {} }
            }
            p.soft.small.gap.measure { "Keep this hash where nobody who can write the database can: in a mail to yourself, in a notary's log, on paper. Without a hash that was kept, the end of history could be cut off and nobody could tell." }
        }
    }
}

fn by_yourself(url: &str, head: Option<&Seal>) -> Markup {
    let hash = head.map_or("HASH", |seal| seal.hash.as_str());
    html! {
        section.section aria-labelledby="check-title" {
            div.top { h2 #check-title { "Check it yourself" } }
            p.measure { "The command line computes everything again from what the API gives, and ends with 1 and the first event that does not fit:" }
            pre.card.flat tabindex="0" { code { "RONDO_TOKEN=… rondo audit verify --url " (url) " \\\n  --head " (hash) } }
            details.more.gap {
                summary { "Or without any of our programs" }
                p.measure.gap { code { "GET /api/v1/seals/lines" } " gives what is hashed of each event, " code { "GET /api/v1/seals" } " the seals. Fields are netstrings: their length in bytes, a colon, the bytes, a comma. A seal's hash is SHA-256 over its own fields and the SHA-256 of each of its events' lines:" }
                pre.card.flat tabindex="0" { code { (PYTHON) } }
            }
        }
    }
}

/// A whole check of one seal.
pub const PYTHON: &str = r#"import hashlib

def netstring(text):
    data = str(text).encode()
    return str(len(data)).encode() + b":" + data + b","

def hash_of(workspace_id, seal, lines):  # lines: of its events, in order
    fields = ["rondo.seal.1", workspace_id, seal["number"], seal["previous"],
              seal["seq_from"], seal["seq_to"], seal["count"], seal["at"]]
    hashed = b"".join(netstring(field) for field in fields)
    for line in lines:
        hashed += hashlib.sha256(line.encode()).digest()
    return hashlib.sha256(hashed).hexdigest()  # must be seal["hash"]
"#;

fn list(seals: &[Seal]) -> Markup {
    html! {
        section.section aria-labelledby="seals-title" {
            div.top { h2 #seals-title { "The newest seals" } }
            div.scroll tabindex="0" role="region" aria-labelledby="seals-title" {
                table.seals {
                    thead { tr { th scope="col" { "Seal" } th scope="col" { "Made (UTC)" } th scope="col" { "Events" } th scope="col" { "Hash" } } }
                    tbody {
                        @for seal in seals {
                            tr {
                                td.figures { (seal.number) }
                                td { (time::at(seal.at, "UTC")) }
                                td.figures { (seal.count) " · " (seal.seq_from) "–" (seal.seq_to) }
                                td { code title=(seal.hash) { (seal.hash.get(..16).unwrap_or_default()) "…" } }
                            }
                        }
                    }
                }
            }
        }
    }
}
