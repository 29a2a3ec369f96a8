//! What every channel must do. A new channel gets a row in [`rigs`]; nothing else here knows a platform.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};

use channels::{Channel, Found, Oracle, Prepared, Publication, Secret, SendError, Sent, Shelf, Shelved, channel};
use domain::{Content, Image, Mode};
use futures::executor::block_on;
use ports::native::{NativeDb, SeededEntropy, SettableClock};
use ports::{DbError, NoWake, Ports};
use support::platform::{Fault, Garble, InProcess, Options, When};

const START_MS: i64 = 1_800_000_000_000;
const TOKEN: &str = "t0ken-that-nobody-may-see";

/// A shelf in memory, which fails as it is told, before or after it put something there.
#[derive(Default)]
struct MemoryShelf {
    entries: RefCell<BTreeMap<(String, String), Publication>>,
    script: RefCell<VecDeque<Fault>>,
    puts: Cell<usize>,
}

impl MemoryShelf {
    fn shelved(entry: &Publication) -> Shelved {
        Shelved {
            id: entry.key.clone(),
            url: Some(format!("/stage/{}", entry.key)),
            content_sha256: entry.content_sha256.clone(),
            mode: entry.mode,
        }
    }
}

#[async_trait::async_trait(?Send)]
impl Shelf for MemoryShelf {
    async fn put(&self, entry: &Publication) -> Result<Shelved, DbError> {
        self.puts.set(self.puts.get() + 1);
        let fault = self.script.borrow_mut().pop_front().unwrap_or(Fault::None);
        if matches!(fault, Fault::TooMany { .. } | Fault::Unreachable) {
            return Err(DbError::Busy);
        }
        let place = (entry.workspace_id.clone(), entry.key.clone());
        if fault.accepts() {
            self.entries.borrow_mut().entry(place.clone()).or_insert_with(|| entry.clone());
        }
        match (fault, self.entries.borrow().get(&place)) {
            (Fault::None, Some(there)) => Ok(Self::shelved(there)),
            _ => Err(DbError::Other("the connection broke off".into())),
        }
    }

    async fn find(&self, workspace_id: &str, key: &str) -> Result<Option<Shelved>, DbError> {
        Ok(self.entries.borrow().get(&(workspace_id.into(), key.into())).map(Self::shelved))
    }
}

/// How a channel is set up for a test.
#[derive(Clone, Copy, Debug)]
struct Rig {
    platform: &'static str,
    relay_oracle: &'static str,
    /// Whether the other side knows keys again.
    honours_keys: bool,
}

fn rigs() -> [Rig; 4] {
    let relay = |relay_oracle, honours_keys| Rig { platform: "relay", relay_oracle, honours_keys };
    [
        Rig { platform: "stage", relay_oracle: "", honours_keys: true },
        relay("keyed", true),
        relay("search", false),
        relay("nobody", false),
    ]
}

/// A channel and its other side.
struct World<'a> {
    channel: Box<dyn Channel + 'a>,
    http: &'a InProcess<'a>,
    shelf: &'a MemoryShelf,
    clock: &'a SettableClock,
    db: NativeDb,
    entropy: SeededEntropy,
}

impl World<'_> {
    fn ports(&self) -> Ports<'_> {
        Ports { db: &self.db, http: self.http, clock: self.clock, entropy: &self.entropy, wake: &NoWake }
    }

    fn prepare(&self, publication: &Publication) -> Result<Prepared, SendError> {
        block_on(self.channel.prepare(&self.ports(), publication))
    }

    fn send(&self, publication: &Publication) -> Sent {
        let prepared = self.prepare(publication).expect("a good publication can be prepared");
        block_on(self.channel.send(&self.ports(), &prepared))
    }

    fn reconcile(&self, publication: &Publication) -> Found {
        block_on(self.channel.reconcile(&self.ports(), publication))
    }

    fn script(&self, fault: Fault) {
        self.shelf.script.borrow_mut().push_back(fault.clone());
        self.http.script([fault]);
    }

    fn pass_quiet_period(&self) {
        self.clock.advance(self.channel.quiet_ms());
    }

    /// How often something was published under this key.
    fn published(&self, key: &str) -> usize {
        let on_shelf = self.shelf.entries.borrow().keys().filter(|(_, other)| other == key).count();
        on_shelf + self.http.accepted().iter().filter(|post| post.key == key).count()
    }

    /// How many requests arrived that could have published something.
    fn mutating(&self) -> usize {
        self.shelf.puts.get() + self.http.seen().iter().filter(|seen| seen.method != "GET").count()
    }
}

/// Runs a check for every channel, each in a world of its own.
fn for_each_channel(check: impl Fn(&World<'_>, Rig)) {
    for rig in rigs() {
        let clock = SettableClock::at(START_MS);
        let options = Options { token: TOKEN.into(), honours_keys: rig.honours_keys, ..Options::default() };
        let http = InProcess::new(options, &clock);
        let shelf = MemoryShelf::default();
        let config = format!(r#"{{"relay_url":"{}","relay_oracle":"{}"}}"#, http.url(), rig.relay_oracle);
        let secrets = |_: &str| Some(Secret::new(TOKEN));
        let channel = channel(rig.platform, &config, &secrets, &shelf).expect("the rig is right");
        let db = NativeDb::in_memory().expect("memory suffices");
        check(&World { channel, http: &http, shelf: &shelf, clock: &clock, db, entropy: SeededEntropy::new(1) }, rig);
    }
}

fn publication(key: &str) -> Publication {
    let content = Content {
        language: "en".into(),
        title: "Still up?".into(),
        text: "So are we. \"Rye\" & buns 🥐\n\nBis gleich, ß".into(),
        image: Some(Image { prompt: "Rye \"on\" a tray".into(), alt: "Rye & buns 🥐".into(), drawn: None }),
    };
    Publication {
        workspace_id: "w1".into(),
        key: key.into(),
        campaign_id: "c1".into(),
        post_id: "p1".into(),
        version: 2,
        channel_id: "ch1".into(),
        mode: Mode::Performance,
        planned_at_ms: START_MS,
        content_sha256: content.sha256(),
        content,
    }
}

/// Every fault of the platform, and every answer that a platform or somebody in between can give.
fn faults() -> Vec<Fault> {
    let mut faults = Fault::all();
    for status in [
        199, 204, 301, 302, 307, 308, 400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 415, 418, 422, 425, 429, 451,
        500, 501, 503, 505, 507, 520, 599,
    ] {
        for body in ["", "{}", "null", "[]", "<html>", r#"{"code":"x"}"#, r#"{"message":"no\u0000no"}"#] {
            faults.push(Fault::Says {
                status,
                headers: vec![("retry-after".into(), "soon".into())],
                body: body.into(),
            });
        }
    }
    faults
}

fn done(sent: &Sent) -> bool {
    matches!(sent, Sent::Done { .. })
}

#[test]
fn a_publication_goes_out_once_and_is_named() {
    for_each_channel(|world, rig| {
        let sent = world.send(&publication("k1"));
        let Sent::Done { ext_id, .. } = &sent else { panic!("{rig:?}: {sent:?}") };
        assert!(!ext_id.is_empty(), "{rig:?}");
        assert_eq!((world.published("k1"), world.mutating()), (1, 1), "{rig:?}");
    });
}

#[test]
fn trying_a_channel_publishes_nothing_and_says_whether_it_works() {
    for_each_channel(|world, rig| {
        let works = block_on(world.channel.check(&world.ports()));
        assert!(works.is_ok(), "{rig:?}: {works:?}");
        assert_eq!((world.http.accepted().len(), world.shelf.puts.get()), (0, 0), "{rig:?}");
        if rig.platform == "relay" {
            world.http.script_look_ups([Fault::Unreachable]);
            assert!(
                block_on(world.channel.check(&world.ports())).unwrap_err().contains("cannot be reached"),
                "{rig:?}"
            );
            world.http.script_look_ups([Fault::Broken { status: 503, when: When::Before }]);
            assert!(block_on(world.channel.check(&world.ports())).unwrap_err().contains("503"), "{rig:?}");
            let repeated = format!(r#"{{"message":"no such token: {TOKEN}"}}"#);
            world.http.script_look_ups([Fault::Says { status: 401, headers: vec![], body: repeated }]);
            let refused = block_on(world.channel.check(&world.ports())).unwrap_err();
            assert!(refused.contains("does not take the token") && !refused.contains(TOKEN), "{rig:?}: {refused}");
            world.http.script_look_ups([Fault::Says { status: 405, headers: vec![], body: String::new() }]);
            let without_look_up = block_on(world.channel.check(&world.ports()));
            assert_eq!(without_look_up.is_err(), rig.relay_oracle == "search", "{rig:?}: {without_look_up:?}");
            assert!(world.http.accepted().is_empty(), "{rig:?}");
        }
    });
}

#[test]
fn preparing_sends_nothing_and_gives_the_same_again() {
    for_each_channel(|world, rig| {
        let first = world.prepare(&publication("k1")).unwrap();
        assert_eq!(first, world.prepare(&publication("k1")).unwrap(), "{rig:?}");
        assert_eq!((world.mutating(), world.published("k1")), (0, 0), "{rig:?}");
    });
}

#[test]
fn preparing_refuses_what_was_not_approved_or_cannot_be_carried() {
    for_each_channel(|world, rig| {
        let changed = |change: fn(&mut Publication)| {
            let mut publication = publication("k1");
            change(&mut publication);
            world.prepare(&publication)
        };
        let with_text = |text: String| {
            let mut publication = publication("k1");
            publication.content.text = text;
            publication.content_sha256 = publication.content.sha256();
            assert!(world.channel.validate(&publication.content).is_err(), "{rig:?}");
            world.prepare(&publication)
        };
        for refused in [
            changed(|publication| publication.content.text.push('!')),
            changed(|publication| publication.content_sha256.clear()),
            changed(|publication| publication.key.clear()),
            changed(|publication| publication.key = "..".into()),
            changed(|publication| publication.key = "a\r\nb: c".into()),
            changed(|publication| publication.key = "k".repeat(500)),
            with_text("ß".repeat(world.channel.limits().text_graphemes_max + 1)),
            with_text(" \n".into()),
        ] {
            assert!(matches!(refused, Err(SendError::Rejected { .. })), "{rig:?}: {refused:?}");
        }
        assert_eq!(world.mutating(), 0, "{rig:?}");
    });
}

#[test]
fn a_send_is_exactly_one_mutating_request_whatever_the_answer_is() {
    for fault in faults() {
        for_each_channel(|world, rig| {
            world.script(fault.clone());
            let sent = world.send(&publication("k1"));
            assert_eq!(world.mutating(), 1, "{rig:?} {fault:?}: {sent:?}");
        });
    }
}

#[test]
fn what_was_taken_is_never_denied_and_what_was_not_is_never_claimed() {
    for fault in faults() {
        for_each_channel(|world, rig| {
            world.script(fault.clone());
            let sent = world.send(&publication("k1"));
            world.pass_quiet_period();
            match world.published("k1") {
                0 => assert!(!done(&sent), "{rig:?} {fault:?}: {sent:?}"),
                _ => assert!(done(&sent) || matches!(sent, Sent::Unknown { .. }), "{rig:?} {fault:?}: {sent:?}"),
            }
        });
    }
}

#[test]
fn an_unknown_outcome_is_cleared_up_as_the_oracle_says() {
    for fault in faults() {
        for_each_channel(|world, rig| {
            world.script(fault.clone());
            if !matches!(world.send(&publication("k1")), Sent::Unknown { .. }) {
                return;
            }
            world.pass_quiet_period();
            let was_taken = world.published("k1") == 1;
            let found = world.reconcile(&publication("k1"));
            let expect_live = match world.channel.oracle() {
                Oracle::Keyed => was_taken || matches!(found, Found::Live { .. }),
                Oracle::Search => was_taken,
                Oracle::Nobody => false,
            };
            assert_eq!(matches!(found, Found::Live { .. }), expect_live, "{rig:?} {fault:?}: {found:?}");
            assert!(!(was_taken && found == Found::Absent), "{rig:?} {fault:?}");
            assert!(world.published("k1") <= 1, "{rig:?} {fault:?}");
            if world.channel.oracle() == Oracle::Nobody {
                assert!(matches!(found, Found::NotSure { .. }), "{rig:?} {fault:?}");
            }
        });
    }
}

#[test]
fn finding_out_only_reads_unless_the_platform_keeps_keys() {
    for_each_channel(|world, rig| {
        for _ in 0..3 {
            world.reconcile(&publication("k1"));
        }
        let most = if world.channel.oracle() == Oracle::Keyed { 3 } else { 0 };
        assert!(world.mutating() <= most, "{rig:?}");
        assert!(world.published("k1") <= 1, "{rig:?}");
    });
}

#[test]
fn where_keys_are_kept_any_number_of_sends_and_looks_makes_one_post() {
    for fault in faults() {
        for_each_channel(|world, rig| {
            if world.channel.oracle() != Oracle::Keyed {
                return;
            }
            for next in
                [fault.clone(), Fault::Reset { when: When::After }, fault.clone(), Fault::SlowAccept { after_ms: 50 }]
            {
                world.script(next);
                world.send(&publication("k1"));
                world.pass_quiet_period();
                world.reconcile(&publication("k1"));
            }
            assert_eq!(world.published("k1"), 1, "{rig:?} {fault:?}");
        });
    }
}

#[test]
fn a_look_that_fails_says_nothing() {
    for fault in faults() {
        for_each_channel(|world, rig| {
            world.script(Fault::Reset { when: When::After });
            world.send(&publication("k1"));
            world.pass_quiet_period();
            // The stage's looks have no faults of their own.
            world.http.script([fault.clone()]);
            world.http.script_look_ups([fault.clone()]);
            let found = world.reconcile(&publication("k1"));
            assert_ne!(found, Found::Absent, "{rig:?} {fault:?}: it is there");
        });
    }
}

#[test]
fn one_look_finds_another_publication_no_more_than_none() {
    for_each_channel(|world, rig| {
        world.send(&publication("k1"));
        let found = world.reconcile(&publication("k2"));
        let is_first = matches!(&found, Found::Live { ext_id, .. } if ext_id == "p1" || ext_id == "k1");
        assert!(!is_first, "{rig:?}: {found:?}");
    });
}

#[test]
fn the_quiet_period_outlives_every_time_out() {
    for_each_channel(|world, rig| {
        assert!(world.channel.quiet_ms() > i64::from(world.channel.timeouts().total_ms()), "{rig:?}");
    });
}

#[test]
fn no_secret_is_in_anything_that_a_channel_says() {
    for fault in faults() {
        for_each_channel(|world, rig| {
            world.script(fault.clone());
            let prepared = world.prepare(&publication("k1"));
            let sent = world.send(&publication("k1"));
            let found = world.reconcile(&publication("k1"));
            let said = format!("{prepared:?} {sent:?} {found:?} {}", world.channel.platform());
            assert!(!said.contains(TOKEN), "{rig:?} {fault:?}");
        });
    }
}

#[test]
fn an_entry_of_another_content_under_the_same_key_is_not_taken_for_ours() {
    for_each_channel(|world, rig| {
        world.send(&publication("k1"));
        let mut other = publication("k1");
        other.content.text = "Something else".into();
        other.content_sha256 = other.content.sha256();
        if rig.honours_keys {
            let sent = world.send(&other);
            assert!(matches!(sent, Sent::Unknown { .. }), "{rig:?}: {sent:?}");
            assert_eq!(world.published("k1"), 1, "{rig:?}");
        }
    });
}

/// What a relay makes of exactly this answer.
fn relay_says(status: u16, headers: &[(&str, &str)], body: &str) -> Sent {
    let answer = RefCell::new(None);
    for_each_channel(|world, rig| {
        if rig.relay_oracle == "search" {
            let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
            world.script(Fault::Says { status, headers, body: body.into() });
            *answer.borrow_mut() = Some(world.send(&publication("k1")));
        }
    });
    answer.into_inner().expect("there is a relay among the rigs")
}

#[test]
fn a_relay_reads_every_answer_as_the_contract_says() {
    let class = |sent: Sent| match sent {
        Sent::Done { .. } => "done",
        Sent::NotSent { .. } => "not sent",
        Sent::RateLimited { .. } => "rate limited",
        Sent::Rejected { .. } => "rejected",
        Sent::AuthExpired { .. } => "auth expired",
        Sent::Unknown { .. } => "unknown",
    };
    for (status, body, expect) in [
        (200, r#"{"id":"7","url":"https://x.example/7"}"#, "done"),
        (201, r#"{"id":7}"#, "done"),
        (202, r#"{"id":"7","key":"k1","more":[1]}"#, "done"),
        (200, r#"{"id":"7","key":"k2"}"#, "unknown"),
        (200, r#"{"id":""}"#, "unknown"),
        (200, r#"{"id":{}}"#, "unknown"),
        (204, "", "unknown"),
        (302, "", "rejected"),
        (400, "", "rejected"),
        (401, "", "auth expired"),
        (403, "", "rejected"),
        (404, "", "rejected"),
        (408, "", "rate limited"),
        (409, r#"{"code":"duplicate","id":"7"}"#, "done"),
        (422, r#"{"code":"duplicate","id":"7","url":"https://x.example/7"}"#, "done"),
        (422, r#"{"code":"duplicate"}"#, "unknown"),
        (409, r#"{"code":"duplicate","id":"7","key":"k2"}"#, "unknown"),
        (409, "", "unknown"),
        (410, "", "rejected"),
        (413, "", "rejected"),
        (422, r#"{"code":"too_long"}"#, "rejected"),
        (429, "", "rate limited"),
        (500, "", "unknown"),
        (502, "", "unknown"),
        (503, "", "unknown"),
        (504, "", "unknown"),
    ] {
        assert_eq!(class(relay_says(status, &[("retry-after", "5")], body)), expect, "{status} {body}");
    }
}

#[test]
fn a_relay_keeps_the_wait_that_it_was_told_and_drops_an_address_that_is_none() {
    let limited = relay_says(429, &[("retry-after", "120")], r#"{"message":"slow down"}"#);
    assert_eq!(limited, Sent::RateLimited { reason: "it answered 429: slow down".into(), after_s: Some(120) });
    for url in ["javascript:alert(1)", "https://me:pw@x.example", "/7", ""] {
        let body = format!(r#"{{"id":"7","url":"{url}"}}"#);
        assert_eq!(relay_says(201, &[], &body), Sent::Done { ext_id: "7".into(), ext_url: None }, "{url}");
    }
}

#[test]
fn a_relay_that_has_no_look_up_is_not_taken_for_one_that_found_nothing() {
    let clock = SettableClock::at(START_MS);
    let options = Options { token: TOKEN.into(), honours_keys: false, offers_look_up: false, ..Options::default() };
    let http = InProcess::new(options, &clock);
    let shelf = MemoryShelf::default();
    let config = format!(r#"{{"relay_url":"{}","relay_oracle":"search"}}"#, http.url());
    let channel = channel("relay", &config, &|_: &str| Some(Secret::new(TOKEN)), &shelf).unwrap();
    let (db, entropy) = (NativeDb::in_memory().unwrap(), SeededEntropy::new(1));
    let world = World { channel, http: &http, shelf: &shelf, clock: &clock, db, entropy };
    world.script(Fault::Garbled { how: Garble::Huge, when: When::After });
    assert!(matches!(world.send(&publication("k1")), Sent::Unknown { .. }));
    world.pass_quiet_period();
    let found = world.reconcile(&publication("k1"));
    assert!(matches!(found, Found::NotSure { .. }), "{found:?}");
}
