//! The seal: history, hashed in order into a chain, so that whoever keeps a hash can tell that nothing up to it was
//! changed, deleted, inserted or moved since.
//!
//! An event's line is its fields as netstrings (`<length in bytes>:<bytes>,`; `-` where there is none), so that it
//! can be made again with a few lines of any language. A seal's hash covers the seal before it and the SHA-256 of
//! each of its events' lines. Its marks only help to name the event that does not fit: they prove nothing.

use std::fmt::{Display, Formatter, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::post::hex;

/// What stands before the first seal.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// One event, with all that is sealed of it.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Its workspace.
    pub workspace_id: &'a str,
    /// Its number, which grows.
    pub seq: i64,
    /// Unix milliseconds.
    pub at: i64,
    /// Its campaign, where it has one.
    pub campaign_id: Option<&'a str>,
    /// What it is about.
    pub subject: &'a str,
    /// What happened.
    pub kind: &'a str,
    /// Who did it.
    pub actor: &'a str,
    /// What else there is to know: JSON, to the letter as it was written.
    pub data: &'a str,
}

impl Line<'_> {
    /// What is hashed.
    pub fn text(&self) -> String {
        let mut text = begin(self.workspace_id, self.seq);
        netstring(&mut text, &self.at.to_string());
        match self.campaign_id {
            Some(id) => netstring(&mut text, id),
            None => text.push('-'),
        }
        for field in [self.subject, self.kind, self.actor, self.data] {
            netstring(&mut text, field);
        }
        text
    }

    /// Its place in the chain.
    pub fn sealed(&self) -> Sealed {
        Sealed { seq: self.seq, digest: Sha256::digest(self.text().as_bytes()).into() }
    }
}

fn begin(workspace_id: &str, seq: i64) -> String {
    let mut text = String::new();
    netstring(&mut text, "rondo.event.1");
    netstring(&mut text, workspace_id);
    netstring(&mut text, &seq.to_string());
    text
}

fn netstring(text: &mut String, field: &str) {
    let _ = write!(text, "{}:{field},", field.len()); // writing to a String cannot fail
}

/// One event, as the chain knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Its number.
    pub seq: i64,
    /// The SHA-256 of its line.
    pub digest: [u8; 32],
}

impl Sealed {
    /// From a line that somebody else wrote out; `None` where it is not of this workspace and number.
    pub fn of_text(workspace_id: &str, seq: i64, text: &str) -> Option<Self> {
        let ours = text.starts_with(&begin(workspace_id, seq));
        ours.then(|| Self { seq, digest: Sha256::digest(text.as_bytes()).into() })
    }

    fn mark(&self) -> String {
        format!("{:016x}{}", self.seq, hex(&self.digest[..8]))
    }
}

/// How long the mark of one event is, in bytes.
const MARK_BYTES: usize = 32;

/// One link of the chain: some events of one workspace, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// Counted from 1.
    pub number: i64,
    /// The hash of the seal before it; [`GENESIS`] before the first.
    pub previous: String,
    /// Its first event.
    pub seq_from: i64,
    /// Its last event.
    pub seq_to: i64,
    /// How many events it holds. Numbers between them belong to other workspaces.
    pub count: i64,
    /// When it was made, Unix milliseconds.
    pub at: i64,
    /// SHA-256, in hexadecimal.
    pub hash: String,
    /// For each event its number and the first eight bytes of its digest, in hexadecimal.
    pub marks: String,
}

impl Seal {
    /// Seals these events after what is sealed; there must be at least one.
    pub fn after(head: &Chain, at: i64, events: &[Sealed]) -> Self {
        let mut seal = Self {
            number: head.number + 1,
            previous: head.hash.clone(),
            seq_from: events.first().map_or(0, |event| event.seq),
            seq_to: events.last().map_or(0, |event| event.seq),
            count: i64::try_from(events.len()).unwrap_or(i64::MAX),
            at,
            hash: String::new(),
            marks: events.iter().map(Sealed::mark).collect(),
        };
        seal.hash = seal.hash_over(&head.workspace_id, events);
        seal
    }

    fn hash_over(&self, workspace_id: &str, events: &[Sealed]) -> String {
        let mut text = String::new();
        let numbers = [self.seq_from, self.seq_to, self.count, self.at].map(|number| number.to_string());
        let fields = ["rondo.seal.1", workspace_id, &self.number.to_string(), &self.previous];
        for field in fields.into_iter().chain(numbers.iter().map(String::as_str)) {
            netstring(&mut text, field);
        }
        let mut hash = Sha256::new().chain_update(text.as_bytes());
        for event in events {
            hash.update(event.digest);
        }
        hex(&hash.finalize())
    }
}

/// Where the chain of a workspace does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Break {
    /// This event was sealed and is gone.
    Missing {
        /// Its number.
        seq: i64,
    },
    /// This event was never sealed and stands among those that were.
    Inserted {
        /// Its number.
        seq: i64,
    },
    /// This event is not what was sealed: it was changed, or others changed places with it.
    Changed {
        /// Its number.
        seq: i64,
    },
    /// This seal is gone.
    SealMissing {
        /// Its number.
        number: i64,
        /// The first event that nothing vouches for any more.
        seq: i64,
    },
    /// The seal itself was changed, or it and events of it were.
    SealChanged {
        /// Its number.
        number: i64,
        /// Its first event.
        seq: i64,
    },
    /// The chain does not hold the hash that somebody kept: its end was cut off, or all of it was made anew.
    HeadMissing,
}

impl Display for Break {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing { seq } => write!(f, "event {seq} was sealed and is missing"),
            Self::Inserted { seq } => write!(f, "event {seq} was put in after its neighbours were sealed"),
            Self::Changed { seq } => write!(f, "event {seq} is not what was sealed: it was changed, or moved"),
            Self::SealMissing { number, seq } => write!(f, "seal {number}, from event {seq} on, is missing"),
            Self::SealChanged { number, seq } => {
                write!(f, "seal {number}, from event {seq} on, is not what was made: it or its events were changed")
            }
            Self::HeadMissing => f.write_str(
                "no seal has the hash that you kept: the end of history was cut off, or all of it rewritten",
            ),
        }
    }
}

/// How far the chain of one workspace was followed: it fits up to here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The workspace.
    pub workspace_id: String,
    /// The last seal's number; 0 before the first.
    pub number: i64,
    /// The last seal's hash.
    pub hash: String,
    /// The first event that was checked; 0 before there is one.
    pub seq_from: i64,
    /// The last event.
    pub seq_to: i64,
    /// How many events.
    pub events: i64,
    /// When the last seal was made, Unix milliseconds.
    pub at: i64,
}

impl Chain {
    /// Nothing was followed yet.
    pub fn begin(workspace_id: &str) -> Self {
        Self {
            workspace_id: workspace_id.into(),
            number: 0,
            hash: GENESIS.into(),
            seq_from: 0,
            seq_to: 0,
            events: 0,
            at: 0,
        }
    }

    /// After this seal, taken as it is: to go on from there.
    pub fn from(workspace_id: &str, seal: &Seal) -> Self {
        Self {
            number: seal.number,
            hash: seal.hash.clone(),
            seq_to: seal.seq_to,
            at: seal.at,
            ..Self::begin(workspace_id)
        }
    }

    /// The number after which the next seal's events begin. Before the first seal even what has an impossible number
    /// is looked at.
    pub fn after(&self) -> i64 {
        if self.number == 0 { i64::MIN } else { self.seq_to }
    }

    /// Goes on by one seal. `events`: all of the workspace after the last seal's last one, up to this one's last.
    pub fn follow(&mut self, seal: &Seal, events: &[Sealed]) -> Result<(), Break> {
        if seal.number != self.number + 1 {
            return Err(Break::SealMissing { number: self.number + 1, seq: self.seq_to + 1 });
        }
        self.compare(seal, events)?;
        let fits = seal.previous == self.hash
            && seal.seq_from == events.first().map_or(0, |event| event.seq)
            && seal.seq_to == events.last().map_or(0, |event| event.seq)
            && usize::try_from(seal.count) == Ok(events.len())
            && seal.hash == seal.hash_over(&self.workspace_id, events);
        if !fits {
            return Err(Break::SealChanged { number: seal.number, seq: seal.seq_from });
        }
        if self.events == 0 {
            self.seq_from = seal.seq_from;
        }
        self.number = seal.number;
        self.hash.clone_from(&seal.hash);
        self.seq_to = seal.seq_to;
        self.events += seal.count;
        self.at = seal.at;
        Ok(())
    }

    /// Finds the first event that differs from its mark.
    fn compare(&self, seal: &Seal, events: &[Sealed]) -> Result<(), Break> {
        let changed = Break::SealChanged { number: seal.number, seq: seal.seq_from };
        if !seal.marks.is_ascii() || !seal.marks.len().is_multiple_of(MARK_BYTES) {
            return Err(changed);
        }
        let mut found = events.iter().peekable();
        for at in (0..seal.marks.len()).step_by(MARK_BYTES) {
            let mark = &seal.marks[at..at + MARK_BYTES];
            let seq = i64::from_str_radix(&mark[..16], 16).map_err(|_| changed.clone())?;
            match found.next() {
                Some(event) if event.seq < seq => return Err(Break::Inserted { seq: event.seq }),
                Some(event) if event.seq == seq && event.mark() == mark => {}
                Some(event) if event.seq == seq => return Err(Break::Changed { seq }),
                _ => return Err(Break::Missing { seq }),
            }
        }
        found.next().map_or(Ok(()), |event| Err(Break::Inserted { seq: event.seq }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(seq: i64, data: &str) -> Sealed {
        let line = Line {
            workspace_id: "w",
            seq,
            at: 5,
            campaign_id: None,
            subject: "post:p",
            kind: "post.held",
            actor: "ada",
            data,
        };
        line.sealed()
    }

    /// Five events in two seals.
    fn sealed() -> (Vec<Sealed>, Vec<Seal>) {
        let events: Vec<Sealed> = [1, 2, 4, 5, 9].map(|seq| event(seq, "{}")).into();
        let mut chain = Chain::begin("w");
        let mut seals = Vec::new();
        for some in [&events[..3], &events[3..]] {
            let seal = Seal::after(&chain, 7, some);
            chain.follow(&seal, some).unwrap();
            seals.push(seal);
        }
        (events, seals)
    }

    fn follow(events: &[Sealed], seals: &[Seal]) -> Result<Chain, Break> {
        let mut chain = Chain::begin("w");
        for seal in seals {
            let of_it = |event: &&Sealed| event.seq > chain.seq_to && event.seq <= seal.seq_to;
            let some: Vec<Sealed> = events.iter().filter(of_it).copied().collect();
            chain.follow(seal, &some)?;
        }
        Ok(chain)
    }

    #[test]
    fn what_nobody_touched_fits() {
        let (events, seals) = sealed();
        let chain = follow(&events, &seals).unwrap();
        assert_eq!((chain.seq_from, chain.seq_to, chain.events, chain.number), (1, 9, 5, 2));
        assert_eq!(chain.hash, seals[1].hash);
    }

    #[test]
    fn a_changed_a_deleted_an_inserted_and_a_moved_event_are_named() {
        let (events, seals) = sealed();
        let with = |change: &dyn Fn(&mut Vec<Sealed>)| {
            let mut events = events.clone();
            change(&mut events);
            follow(&events, &seals).unwrap_err()
        };
        assert_eq!(with(&|events| events[1] = event(2, "{\"a\":1}")), Break::Changed { seq: 2 });
        assert_eq!(with(&|events| events.retain(|event| event.seq != 4)), Break::Missing { seq: 4 });
        assert_eq!(with(&|events| events.retain(|event| event.seq != 9)), Break::Missing { seq: 9 });
        assert_eq!(with(&|events| events.insert(2, event(3, "{}"))), Break::Inserted { seq: 3 });
        let moved = |events: &mut Vec<Sealed>| {
            events[3] = event(5, "{\"b\":2}");
            events[4] = event(9, "{}");
        };
        assert_eq!(with(&moved), Break::Changed { seq: 5 });
    }

    #[test]
    fn a_seal_that_was_changed_or_taken_away_is_named() {
        let (events, seals) = sealed();
        assert_eq!(follow(&events, &seals[1..]), Err(Break::SealMissing { number: 1, seq: 1 }));
        for change in [
            (|seal: &mut Seal| seal.at += 1) as fn(&mut Seal),
            |seal| seal.previous = GENESIS.replace('0', "1"),
            |seal| seal.hash = GENESIS.into(),
            |seal| seal.marks.push('é'),
        ] {
            let mut seals = seals.clone();
            change(&mut seals[0]);
            assert_eq!(follow(&events, &seals), Err(Break::SealChanged { number: 1, seq: 1 }));
        }
    }

    #[test]
    fn an_event_changed_together_with_its_mark_still_breaks_the_seal() {
        let (mut events, mut seals) = sealed();
        events[0] = event(1, "{\"forged\":true}");
        seals[0].marks = events[..3].iter().map(Sealed::mark).collect();
        assert_eq!(follow(&events, &seals), Err(Break::SealChanged { number: 1, seq: 1 }));
    }

    #[test]
    fn a_line_cannot_be_read_in_two_ways() {
        let line = |subject, kind| {
            let data = "{}";
            Line { workspace_id: "w", seq: 1, at: 1, campaign_id: None, subject, kind, actor: "a", data }.text()
        };
        assert_eq!(line("ab", "c"), "13:rondo.event.1,1:w,1:1,1:1,-2:ab,1:c,1:a,2:{},");
        assert_ne!(line("ab", "c"), line("a", "bc"));
        assert!(Sealed::of_text("w", 1, &line("ab", "c")).is_some());
        assert!(
            Sealed::of_text("w", 2, &line("ab", "c")).is_none() && Sealed::of_text("v", 1, &line("ab", "c")).is_none()
        );
    }
}
