//! JSON Feed 1.1.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use store::stage::StageEntry;

use super::{Stage, content_html};
use crate::elements::time::rfc3339;

/// The feed.
pub fn feed(stage: &Stage, entries: &[StageEntry], zones: &BTreeMap<String, String>) -> String {
    let items: Vec<Value> = entries
        .iter()
        .map(|entry| {
            json!({
                "id": stage.tag(&stage.entry_path(entry)),
                "url": stage.url(&stage.entry_path(entry)),
                "title": entry.title,
                "content_html": content_html(stage, entry, zones),
                "content_text": entry.text,
                "date_published": rfc3339(entry.published_at),
                "language": entry.language,
            })
        })
        .collect();
    json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": stage.title(),
        "home_page_url": stage.url(""),
        "feed_url": stage.url("/feed.json"),
        "authors": [{ "name": stage.workspace.name }],
        "items": items,
    })
    .to_string()
}
