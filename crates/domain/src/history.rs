//! History in words: what an event says, and what it changed.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::MicroUsd;
use crate::weekly::DAYS;

/// What happened, as the rest of a sentence that begins with who did it: `approved version 2`. `whom`: the name of
/// the person that it is about, where it is about one.
pub fn told(kind: &str, data: &Value, whom: Option<&str>) -> String {
    let version = || data["version"].as_i64().map(|number| format!("version {number}")).unwrap_or_else(|| "it".into());
    let name = || data["name"].as_str().map(|name| format!(" “{name}”")).unwrap_or_default();
    let statement = || data["statement"].as_str().map(|text| format!(" “{text}”")).unwrap_or_default();
    let whom = whom.unwrap_or("a former member");
    match kind {
        "campaign.created" => format!("began the campaign{}", name()),
        "campaign.changed" => "changed the campaign".into(),
        "campaign.planning" => "sent the campaign back to planning".into(),
        "campaign.strategy_approval" => "finished planning".into(),
        "campaign.producing" => "let production begin".into(),
        "campaign.finished" => "finished the campaign".into(),
        "campaign.cancelled" => "cancelled the campaign".into(),
        "strategy.proposed" => format!("proposed the plan, {}", version()),
        "strategy.approved" => format!("approved the plan, {}", version()),
        "strategy.sent_back" => format!("sent the plan back, {}", version()),
        "strategy.overdue" | "post.overdue" => "reminded of a decision that is overdue".into(),
        "strategy.escalated" | "post.escalated" => "passed an overdue decision on".into(),
        "version.written" => format!("wrote {}", version()),
        "review.approve" => format!("passed {} in review", version()),
        "review.revise" => format!("asked for {} to be revised", version()),
        "review.reject" => format!("rejected {} in review", version()),
        "approval.approve" => format!("approved {}", version()),
        "approval.send_back" => format!("sent {} back", version()),
        "approval.reject" => format!("rejected {}", version()),
        "approval.void" => format!("voided the approval of {}", version()),
        "comment.written" => "wrote a comment".into(),
        "post.writing" => "sent the post to writing".into(),
        "post.in_review" => "sent the post to review".into(),
        "post.awaiting_approval" => "put the post up for approval".into(),
        "post.scheduled" => "scheduled the post".into(),
        "post.publishing" => "began to send the post".into(),
        "post.published" => "published the post".into(),
        "post.missed" => "found that the post missed its time".into(),
        "post.needs_person" => "stopped: the post needs a person".into(),
        "post.rejected" => "dropped the post".into(),
        "post.cancelled" => "cancelled the post".into(),
        "post.rescheduled" => "gave the post another time".into(),
        "post.picture_wanted" => format!("had the picture of {} drawn", version()),
        "post.held" => "held the post back".into(),
        "post.released" => "let the post go".into(),
        "post.assigned" if data["to"].is_null() => "took the assignment of the post away".into(),
        "post.assigned" => format!("assigned the post to {whom}"),
        "policy.changed" => "changed who has to approve".into(),
        "autonomy.changed" => "changed what an earned rule needs".into(),
        "autonomy.accepted" => format!("let a rule approve “{}”", data["pillar"].as_str().unwrap_or_default()),
        "autonomy.ended" => {
            let fault = data["reason"].as_str().and_then(|reason| reason.parse::<crate::autonomy::Fault>().ok());
            let why = fault.map_or("earned rules were turned off", crate::autonomy::Fault::told);
            format!("ended the rule for “{}”: {why}", data["pillar"].as_str().unwrap_or_default())
        }
        "workspace.created" => format!("made the workspace{}", name()),
        "workspace.paused" => "stopped everything".into(),
        "workspace.resumed" => "let everything go on".into(),
        "workspace.renamed" => "renamed the workspace".into(),
        "workspace.rehearsal" => "switched the workspace to rehearsal".into(),
        "workspace.performance" => "switched the workspace to performance".into(),
        "workspace.restored" => "restored everything from a backup".into(),
        "member.joined" => "joined".into(),
        "member.left" => "left".into(),
        "member.invited" => format!("invited somebody as {}", data["role"].as_str().unwrap_or("a member")),
        "member.removed" => format!("took {whom} out"),
        "member.role_changed" => format!("gave {whom} another role"),
        "member.password_changed" => "changed their password".into(),
        "member.second_factor_on" => "turned the second factor on".into(),
        "member.second_factor_off" => format!("turned the second factor of {whom} off"),
        "member.reset_link_made" => format!("made a link with which {whom} can choose another password"),
        "invitation.revoked" => "took an invitation back".into(),
        "token.made" => format!("made the API token{}", name()),
        "token.revoked" => format!("ended the API token{}", name()),
        "session.revoked" => "ended a session".into(),
        "channel.connected" => format!("connected the channel{}", name()),
        "channel.paused" => format!("paused the channel{}", name()),
        "channel.resumed" => format!("let the channel{} go on", name()),
        "channel.renamed" => format!("renamed a channel to{}", name()),
        "channel.slot_added" => format!("added {} to the channel{}", slot(data), name()),
        "channel.slot_removed" => format!("took {} away from the channel{}", slot(data), name()),
        "channel.slot_rested" => format!("let {} of the channel{} rest", slot(data), name()),
        "channel.slot_resumed" => format!("let {} of the channel{} count again", slot(data), name()),
        "channel.checked" => format!("checked the channel{}", name()),
        "memory.forgotten" => "had something forgotten that agents were reminded of".into(),
        "agent.paused" => "paused the agent".into(),
        "agent.resumed" => "let the agent go on".into(),
        "agent.changed" => "changed the agent".into(),
        "learning.proposed" => format!("proposed the learning{}", statement()),
        "learning.trying" => format!("began to try the learning{}", statement()),
        "learning.tried" => "tried a learning once more".into(),
        "learning.adopted" if data["by_hand"] == 1 => format!("adopted by hand the learning{}", statement()),
        "learning.adopted" => format!("adopted the learning{}", statement()),
        "learning.dropped" => format!("dropped the learning{}", statement()),
        "learning.retired" => format!("retired the learning{}", statement()),
        "learning.changed" => format!("changed a learning to{}", statement()),
        "learning.limits_changed" => "changed how much may be tried in a day".into(),
        "reading.asked" => "asked a model to read a text of somebody else's".into(),
        "reading.done" => "read a text of somebody else's for its facts".into(),
        "reading.failed" => "could not read a text of somebody else's".into(),
        "agent.commanded" => "told the agent what to do".into(),
        "job.ready" => "queued a job".into(),
        "job.leased" => "took a job up".into(),
        "job.armed" => "armed a job: from here on it may be out".into(),
        "job.unknown" => "does not know what came of a job".into(),
        "job.reconciling" => "looks what came of a job".into(),
        "job.needs_human" => "asks a person what came of a job".into(),
        "job.done" => "finished a job".into(),
        "job.dead" => "gave a job up".into(),
        "job.cancelled" => "cancelled a job".into(),
        other => other.replace(['.', '_'], " "),
    }
}

/// A weekly slot in words: `Monday 09:30 Europe/Berlin`.
fn slot(data: &Value) -> String {
    let day = data["weekday"].as_u64().and_then(|day| usize::try_from(day).ok()?.checked_sub(1));
    let day = day.and_then(|index| DAYS.get(index)).copied().unwrap_or("a day");
    let text = |field: &str| data[field].as_str().unwrap_or_default().to_string();
    format!("{day} {} {}", text("local_time"), text("timezone"))
}

/// One thing that an event changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What it is called.
    pub what: String,
    /// Before.
    pub before: Option<String>,
    /// After.
    pub after: Option<String>,
}

/// What an event changed, before and after; times as the clocks of this zone show them.
pub fn changes(kind: &str, data: &Value, zone: &str) -> Vec<Change> {
    if let (Value::Object(before), Value::Object(after)) = (&data["before"], &data["after"]) {
        let mut fields: Vec<&String> = before.keys().chain(after.keys()).collect();
        fields.sort_unstable();
        fields.dedup();
        // The instant says it, and in which zone.
        fields.retain(|field| *field != "planned_local");
        return fields.into_iter().map(|field| change(field, before.get(field), after.get(field), zone)).collect();
    }
    let (area, state) = kind.split_once('.').unwrap_or((kind, ""));
    match (&data["from"], &data["was"]) {
        (Value::String(_), _) if data["to"].is_null() => {
            vec![change("state", data.get("from"), Some(&Value::from(state)), zone)]
        }
        (Value::String(_), _) => {
            let field = if kind.ends_with("role_changed") { "role" } else { "name" };
            vec![change(field, data.get("from"), data.get("to"), zone)]
        }
        // Who it was is an id; the line names who it is.
        (_, Value::String(_)) if kind != "post.assigned" => {
            let field = if area == "policy" { "kind" } else { "name" };
            vec![change(field, data.get("was"), data.get(field), zone)]
        }
        _ => Vec::new(),
    }
}

fn change(field: &str, before: Option<&Value>, after: Option<&Value>, zone: &str) -> Change {
    let shown = |value: Option<&Value>| value.and_then(|value| shown(field, value, zone));
    let what = match field {
        "due_at" => "time".into(),
        "budget_micro_usd" => "budget".into(),
        other => other.replace('_', " "),
    };
    Change { what, before: shown(before), after: shown(after) }
}

fn shown(field: &str, value: &Value, zone: &str) -> Option<String> {
    match (field, value) {
        (_, Value::Null) => None,
        ("due_at", Value::Number(at)) => at.as_i64().map(|at| instant(at, zone)),
        ("budget_micro_usd", Value::Number(amount)) => amount.as_i64().map(|amount| MicroUsd(amount).to_string()),
        ("paused" | "held", Value::Number(flag)) => Some(if flag.as_i64() == Some(0) { "no" } else { "yes" }.into()),
        (_, Value::String(text)) => Some(if field == "state" { text.replace('_', " ") } else { text.clone() }),
        (_, other) => Some(other.to_string()),
    }
}

/// A moment, as the clocks of this zone show it, and the zone.
pub fn instant(at_ms: i64, zone: &str) -> String {
    let Ok(at) = Timestamp::from_millisecond(at_ms) else { return at_ms.to_string() };
    let known = TimeZone::get(zone).ok().map(|zone| at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string());
    known.map_or_else(|| at.to_string(), |local| format!("{local} {zone}"))
}

/// A moment in UTC, as RFC 3339 has it.
pub fn rfc3339(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// Reads the end of a range of times: a time with its zone, or a day, which begins and ends where this zone's does.
/// `last`: the range ends with it, so that a whole day belongs to the range.
pub fn edge(text: &str, zone: &str, last: bool) -> Option<i64> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_millisecond());
    }
    // A date's parser would take a time without a zone for its day.
    let day: Date = text.parse().ok().filter(|_| text.len() == "2027-01-15".len())?;
    let day = if last { day.tomorrow().ok()? } else { day };
    let start = day.to_zoned(TimeZone::get(zone).ok()?).ok()?;
    Some(start.timestamp().as_millisecond())
}

/// Who acts that is no person: an agent, or Rondo itself. `None`: it may be a person's id.
pub fn agent(actor: &str) -> Option<&str> {
    match actor {
        "worker" | "conductor" | "sweep" | "rondo" => Some("Rondo"),
        "operator" | "member" => Some("the operator"),
        "structure" => Some("the structural checks"),
        "director" => Some("the director"),
        "strategist" | "copywriter" | "visual" | "editor" | "brand" | "compliance" | "conversion" | "seo"
        | "publisher" | "analyst" => Some(actor),
        _ => None,
    }
}

/// Those of [`agent`] that history can be searched for, and what they are called.
pub const AGENTS: &[(&str, &str)] = &[
    ("strategist", "Strategist"),
    ("copywriter", "Copywriter"),
    ("editor", "Editor"),
    ("brand", "Brand"),
    ("compliance", "Compliance"),
    ("conversion", "Conversion"),
    ("seo", "Search"),
    ("structure", "Structural checks"),
    ("director", "The director"),
    ("publisher", "Publisher"),
    ("conductor", "Rondo"),
    ("operator", "The operator"),
];

/// The areas of history: what stands before the dot in an event's kind, and what they are called.
pub const AREAS: &[(&str, &str)] = &[
    ("approval", "Approvals"),
    ("version", "Versions"),
    ("review", "Reviews"),
    ("post", "Posts"),
    ("strategy", "Plans"),
    ("campaign", "Campaigns"),
    ("comment", "Comments"),
    ("policy", "Approval policies"),
    ("channel", "Channels"),
    ("agent", "Agents"),
    ("memory", "Memory"),
    ("member", "Members"),
    ("token", "API tokens"),
    ("workspace", "The workspace"),
    ("job", "Jobs"),
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_day_begins_and_ends_where_the_zones_does() {
        let at = |text: &str| Some(text.parse::<Timestamp>().unwrap().as_millisecond());
        assert_eq!(edge("2027-03-28", "Europe/Berlin", false), at("2027-03-27T23:00:00Z"));
        assert_eq!(edge("2027-03-28", "Europe/Berlin", true), at("2027-03-28T22:00:00Z"), "it has 23 hours");
        assert_eq!(edge("2027-03-28T09:00:00+02:00", "UTC", true), at("2027-03-28T07:00:00Z"));
        for wrong in ["", "tomorrow", "2027-02-30", "2027-03-28T09:00:00"] {
            assert_eq!(edge(wrong, "UTC", false), None, "{wrong}");
        }
    }

    #[test]
    fn a_line_is_a_sentence() {
        assert_eq!(told("approval.approve", &json!({ "version": 2 }), None), "approved version 2");
        assert_eq!(told("post.assigned", &json!({ "to": "u1" }), Some("Bea")), "assigned the post to Bea");
        let monday = json!({ "name": "blog", "weekday": 1, "local_time": "09:30", "timezone": "UTC" });
        assert_eq!(told("channel.slot_added", &monday, None), "added Monday 09:30 UTC to the channel “blog”");
        assert_eq!(told("garden.watered_twice", &json!({}), None), "garden watered twice");
    }

    #[test]
    fn a_change_is_shown_before_and_after_in_the_zone() {
        let data = json!({ "before": { "due_at": 1_800_000_000_000_i64, "planned_local": "x" },
                           "after": { "due_at": 1_800_003_600_000_i64, "planned_local": "y" } });
        let change = |what: &str, before: &str, after: &str| {
            vec![Change { what: what.into(), before: Some(before.into()), after: Some(after.into()) }]
        };
        let time = change("time", "2027-01-15 09:00 Europe/Berlin", "2027-01-15 10:00 Europe/Berlin");
        assert_eq!(changes("post.rescheduled", &data, "Europe/Berlin"), time);
        let data = json!({ "before": { "budget_micro_usd": 1_000_000 }, "after": { "budget_micro_usd": 2_500_000 } });
        assert_eq!(changes("campaign.changed", &data, "UTC"), change("budget", "$1.0000", "$2.5000"));
        let data = json!({ "before": { "paused": 0 }, "after": { "paused": 1 } });
        assert_eq!(changes("campaign.changed", &data, "UTC"), change("paused", "no", "yes"));
        let data = json!({ "from": "in_review", "reason": null });
        assert_eq!(changes("post.awaiting_approval", &data, "UTC"), change("state", "in review", "awaiting approval"));
        let data = json!({ "from": "editor", "to": "admin" });
        assert_eq!(changes("member.role_changed", &data, "UTC"), change("role", "editor", "admin"));
        assert_eq!(changes("version.written", &json!({ "version": 1 }), "UTC"), []);
    }
}
