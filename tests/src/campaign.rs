//! A campaign, as a person drives it through the API.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::http::Api;

/// One stage of a campaign, the app's own pace: the rehearsal model answers at once, and a tick is a second away.
pub const STAGE: Duration = Duration::from_secs(120);

/// A campaign of one app.
pub struct Campaign<'a> {
    /// As whoever may decide.
    pub api: &'a Api,
    /// Its id.
    pub id: String,
}

impl<'a> Campaign<'a> {
    /// Begins a rehearsal in time-lapse from a brief's text.
    pub async fn rehearse(api: &'a Api, brief: &str) -> Self {
        let body = json!({ "brief_toml": brief, "mode": "rehearsal", "time_lapse": true });
        let made = api.post("/api/v1/campaigns", &body).await.expect(201).json();
        Self { api, id: made["id"].as_str().expect("an id").into() }
    }

    /// The campaign, as it is now.
    pub async fn now(&self) -> Value {
        self.api.get(&format!("/api/v1/campaigns/{}", self.id)).await.expect(200).json()
    }

    /// Its posts, as they are now, by slot.
    pub async fn posts(&self) -> Vec<Value> {
        let page = self.api.get(&format!("/api/v1/campaigns/{}/posts?limit=200", self.id)).await.expect(200).json();
        page["items"].as_array().expect("a list").clone()
    }

    /// Waits for a proposed strategy, and gives it.
    pub async fn strategy(&self) -> Value {
        let stage = async |_: &Api| (self.now().await["stage"] == "strategy_approval").then_some(());
        self.api.until("a strategy is proposed", STAGE, stage).await;
        let page = self.api.get(&format!("/api/v1/campaigns/{}/strategies", self.id)).await.expect(200).json();
        page["items"][0].clone()
    }

    /// Approves the strategy that waits.
    pub async fn approve_strategy(&self) {
        let version = self.strategy().await["version"].clone();
        let path = format!("/api/v1/campaigns/{}/strategies/{version}/decision", self.id);
        self.api.put(&path, &json!({ "decision": "approve" })).await.expect(200);
    }

    /// Decides on a post as it was read.
    pub async fn decide(&self, post: &Value, decision: &str, comment: Option<&str>) -> crate::http::Answer {
        let body = json!({ "version": post["version"], "decision": decision, "comment": comment });
        self.api.post(&format!("/api/v1/posts/{}/approvals", text(&post["id"])), &body).await
    }

    /// Approves what passed review and sends back what did not, until the campaign is finished. Gives how many posts
    /// a person had to send back.
    pub async fn to_the_end(&self) -> usize {
        let mut sent_back = BTreeSet::new();
        let round = async |_: &Api| {
            for post in self.posts().await {
                match text(&post["state"]) {
                    "awaiting_approval" => self.decide(&post, "approve", None).await.expect(201),
                    "needs_person" => {
                        sent_back.insert(text(&post["id"]).to_owned());
                        self.decide(&post, "send_back", Some("Keep to the facts, and be plain.")).await.expect(201)
                    }
                    _ => continue,
                };
            }
            (self.now().await["stage"] == "finished").then_some(())
        };
        self.api.until("every post is published", 3 * STAGE, round).await;
        sent_back.len()
    }
}

/// A text in JSON.
#[track_caller]
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}
