//! Who must approve a post before it may go out: nobody, one, several of a group, or first ours and then the client.
//!
//! A policy is a list of rounds, one after the other; each needs so many different people. It is an approval's
//! business to say what it stands for: exactly one version, channel and time. The SQL of the store counts them.

use serde::{Deserialize, Serialize};

use crate::brief::Complaint;
use crate::words::words;

words! {
    /// What kind of policy it is.
    pub enum PolicyKind {
        /// A campaign's: whatever its workspace has.
        Inherit = "inherit",
        /// Nobody need look: a standing rule approves what has passed review.
        None = "none",
        /// One person.
        One = "one",
        /// So many different people of a group.
        Group = "group",
        /// Somebody of ours, then somebody of the client's.
        InternalThenClient = "internal_then_client",
    }
}

/// One round of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// How many different people.
    pub needed: u32,
    /// Which; nobody named: everyone who may approve.
    pub people: Vec<String>,
}

/// Who must approve, and when they are reminded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What kind it is.
    pub kind: PolicyKind,
    /// One after the other.
    pub rounds: Vec<Round>,
    /// Whether people may approve their own words, though somebody else could.
    pub author_may_approve: bool,
    /// An item that has waited so long is overdue, in hours.
    pub remind_after_h: Option<u32>,
    /// Owners and admins are told after so long, in hours.
    pub escalate_after_h: Option<u32>,
}

/// Most people that a round may need.
pub const NEEDED_MAX: u32 = 20;
/// Longest time to a reminder: a month, in hours.
pub const REMIND_AFTER_H_MAX: u32 = 720;
/// Longest time to an escalation: two months, in hours.
pub const ESCALATE_AFTER_H_MAX: u32 = 1_440;

impl Default for Policy {
    fn default() -> Self {
        Self {
            kind: PolicyKind::One,
            rounds: vec![Round { needed: 1, people: Vec::new() }],
            author_may_approve: false,
            remind_after_h: Some(24),
            escalate_after_h: Some(48),
        }
    }
}

impl Policy {
    /// Everything that is wrong with it. `may_approve`: the members who may.
    pub fn complaints(&self, may_approve: &[String]) -> Vec<Complaint> {
        let mut found = Vec::new();
        let mut add = |field: &str, complaint: String| found.push(Complaint { field: field.into(), complaint });
        let rounds_needed = match self.kind {
            PolicyKind::Inherit | PolicyKind::None => 0,
            PolicyKind::One | PolicyKind::Group => 1,
            PolicyKind::InternalThenClient => 2,
        };
        if self.rounds.len() != rounds_needed {
            add("rounds", format!("must be {rounds_needed} for `{}`", self.kind));
        }
        for (round, number) in self.rounds.iter().zip(1..) {
            let able = if round.people.is_empty() { may_approve.len() } else { round.people.len() };
            if !(1..=NEEDED_MAX).contains(&round.needed) {
                add("needed", format!("must be from 1 to {NEEDED_MAX}"));
            } else if round.needed as usize > able {
                add("needed", format!("is {}, but only {able} may approve in round {number}", round.needed));
            }
            if let Some(person) = round.people.iter().find(|person| !may_approve.contains(person)) {
                add("people", format!("names `{person}`, who is no member that may approve"));
            }
            if round.people.iter().enumerate().any(|(at, person)| round.people[..at].contains(person)) {
                add("people", format!("names somebody twice in round {number}"));
            }
        }
        if self.kind == PolicyKind::InternalThenClient {
            let [internal, client] = &self.rounds[..] else { return found };
            if client.people.is_empty() {
                found.push(Complaint {
                    field: "client".into(),
                    complaint: "is empty; say who decides for the client".into(),
                });
            } else if internal.people.iter().any(|person| client.people.contains(person)) {
                let complaint = "names somebody of the internal round; nobody counts in both".into();
                found.push(Complaint { field: "client".into(), complaint });
            }
        }
        found.extend(self.times());
        found
    }

    fn times(&self) -> Option<Complaint> {
        let complain = |field: &str, complaint: String| Some(Complaint { field: field.into(), complaint });
        match (self.remind_after_h, self.escalate_after_h) {
            (Some(hours), _) if !(1..=REMIND_AFTER_H_MAX).contains(&hours) => {
                complain("remind_after_h", format!("must be from 1 to {REMIND_AFTER_H_MAX} hours"))
            }
            (_, Some(hours)) if !(2..=ESCALATE_AFTER_H_MAX).contains(&hours) => {
                complain("escalate_after_h", format!("must be from 2 to {ESCALATE_AFTER_H_MAX} hours"))
            }
            (None, Some(_)) => complain("escalate_after_h", "needs a reminder before it".into()),
            (Some(remind), Some(escalate)) if escalate <= remind => {
                complain("escalate_after_h", "must be longer than the time to the reminder".into())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(policy: &Policy, expect: &[&str]) {
        let able = ["ann", "ben", "cyd"].map(String::from);
        let found: Vec<String> = policy.complaints(&able).into_iter().map(|one| one.field).collect();
        assert_eq!(found, expect, "{policy:?}");
    }

    fn round(needed: u32, people: &[&str]) -> Round {
        Round { needed, people: people.iter().map(ToString::to_string).collect() }
    }

    #[test]
    fn a_policy_that_nobody_could_satisfy_is_refused() {
        let group = |needed, people: &[&str]| Policy {
            kind: PolicyKind::Group,
            rounds: vec![round(needed, people)],
            ..Policy::default()
        };
        check(&Policy::default(), &[]);
        check(&group(2, &["ann", "ben"]), &[]);
        check(&group(3, &[]), &[]);
        check(&group(4, &[]), &["needed"]);
        check(&group(2, &["ann"]), &["needed"]);
        check(&group(0, &[]), &["needed"]);
        check(&group(1, &["eve"]), &["people"]);
        check(&group(2, &["ann", "ann"]), &["people"]);
    }

    #[test]
    fn a_client_is_named_and_nobody_counts_in_both_rounds() {
        let both = |internal: &[&str], client: &[&str]| Policy {
            kind: PolicyKind::InternalThenClient,
            rounds: vec![round(1, internal), round(1, client)],
            ..Policy::default()
        };
        check(&both(&["ann"], &["ben"]), &[]);
        check(&both(&[], &["ben"]), &[]);
        check(&both(&["ann"], &[]), &["client"]);
        check(&both(&["ann"], &["ann"]), &["client"]);
        check(&Policy { rounds: vec![], ..both(&[], &["ben"]) }, &["rounds"]);
    }

    #[test]
    fn an_escalation_comes_after_its_reminder() {
        let after = |remind_after_h, escalate_after_h| Policy { remind_after_h, escalate_after_h, ..Policy::default() };
        check(&after(Some(24), Some(24)), &["escalate_after_h"]);
        check(&after(None, Some(24)), &["escalate_after_h"]);
        check(&after(Some(0), None), &["remind_after_h"]);
        check(&after(Some(1), Some(2)), &[]);
        check(&after(None, None), &[]);
    }
}
