//! The platform against the relay: what each fault does, in process and over sockets.

use channels::relay::{RelayConfig, RelayOracle};
use channels::{Channel, Found, Publication, Relay, Secret, Sent};
use domain::{Content, Mode};
use futures::executor::block_on;
use ports::native::{NativeDb, NativeHttp, SeededEntropy, SettableClock};
use ports::{Http, NoWake, Ports};

use super::*;

const START_MS: i64 = 1_800_000_000_000;

fn relay(url: &str, oracle: RelayOracle) -> Relay {
    let config = RelayConfig {
        relay_url: url.into(),
        relay_oracle: oracle,
        first_byte_ms: 300,
        settle_ms: 0,
        text_graphemes_max: 100,
        title_graphemes_max: 100,
    };
    Relay::new(config, Some(Secret::new("t0ken"))).unwrap()
}

fn publication(key: &str) -> Publication {
    let content =
        Content { language: "en".into(), title: "Buns".into(), text: format!("Buns at night, {key}"), image: None };
    Publication {
        workspace_id: "w".into(),
        key: key.into(),
        campaign_id: "c".into(),
        post_id: "p".into(),
        version: 1,
        channel_id: "ch".into(),
        mode: Mode::Performance,
        planned_at_ms: START_MS,
        content_sha256: content.sha256(),
        content,
    }
}

async fn send(http: &dyn Http, relay: &Relay, key: &str) -> (Sent, Found) {
    let (db, clock, entropy) = (NativeDb::in_memory().unwrap(), SettableClock::at(START_MS), SeededEntropy::new(1));
    let ports = Ports { db: &db, http, clock: &clock, entropy: &entropy, wake: &NoWake };
    let publication = publication(key);
    let prepared = relay.prepare(&ports, &publication).await.unwrap();
    let sent = relay.send(&ports, &prepared).await;
    let found = match sent {
        Sent::Unknown { .. } => relay.reconcile(&ports, &publication).await,
        _ => Found::NotSure { reason: "not asked".into() },
    };
    (sent, found)
}

#[test]
fn every_fault_is_recorded_as_taken_exactly_when_it_is() {
    for fault in Fault::all() {
        let clock = SettableClock::at(START_MS);
        let platform = InProcess::new(Options { honours_keys: false, ..Options::default() }, &clock);
        platform.script([fault.clone()]);
        let (sent, _) = block_on(send(&platform, &relay(platform.url(), RelayOracle::Nobody), "k1"));
        clock.advance(60_000);
        assert_eq!(platform.accepted().len(), usize::from(fault.accepts()), "{fault:?}: {sent:?}");
        let says_no = matches!(
            sent,
            Sent::NotSent { .. } | Sent::RateLimited { .. } | Sent::Rejected { .. } | Sent::AuthExpired { .. }
        );
        assert!(!(says_no && fault.accepts()), "{fault:?} was taken, and the relay denies it: {sent:?}");
        assert!(
            fault.accepts() || !matches!(sent, Sent::Done { .. }),
            "{fault:?} was not taken, and the relay claims it"
        );
    }
}

#[test]
fn with_keys_every_unknown_outcome_ends_as_one_post() {
    for fault in Fault::all() {
        let clock = SettableClock::at(START_MS);
        let platform = InProcess::new(Options::default(), &clock);
        platform.script([fault.clone()]);
        let (sent, found) = block_on(send(&platform, &relay(platform.url(), RelayOracle::Keyed), "k1"));
        clock.advance(60_000);
        if matches!(sent, Sent::Unknown { .. }) {
            assert_eq!(
                found,
                Found::Live { ext_id: "p1".into(), ext_url: Some("https://platform.example/p1".into()) },
                "{fault:?}"
            );
            assert_eq!(platform.accepted().len(), 1, "{fault:?}");
        }
    }
}

#[test]
fn without_keys_a_second_post_is_a_duplicate_and_the_record_shows_it() {
    let clock = SettableClock::at(START_MS);
    let platform = InProcess::new(Options { honours_keys: false, ..Options::default() }, &clock);
    platform.script([Fault::Reset { when: When::After }]);
    // A relay that is told that keys are kept, by somebody who is wrong.
    let (_, found) = block_on(send(&platform, &relay(platform.url(), RelayOracle::Keyed), "k1"));
    assert!(matches!(found, Found::Live { .. }));
    assert_eq!(platform.accepted().iter().filter(|post| post.key == "k1").count(), 2);
}

#[test]
fn a_look_up_does_not_see_a_post_before_the_lag_of_the_index_is_over() {
    let clock = SettableClock::at(START_MS);
    let options = Options { honours_keys: false, index_lag_ms: 5_000, ..Options::default() };
    let platform = InProcess::new(options, &clock);
    platform.script([Fault::Broken { status: 500, when: When::After }]);
    let relay = relay(platform.url(), RelayOracle::Search);
    let (sent, found) = block_on(send(&platform, &relay, "k/1%?"));
    assert!(matches!(sent, Sent::Unknown { .. }), "{sent:?}");
    assert_eq!(found, Found::Absent, "the first look comes too soon");
    clock.advance(5_000);
    let (db, entropy) = (NativeDb::in_memory().unwrap(), SeededEntropy::new(1));
    let ports = Ports { db: &db, http: &platform, clock: &clock, entropy: &entropy, wake: &NoWake };
    let found = block_on(relay.reconcile(&ports, &publication("k/1%?")));
    assert!(matches!(found, Found::Live { .. }), "{found:?}");
}

#[test]
fn a_slow_accept_takes_the_post_after_its_time_and_not_before() {
    let clock = SettableClock::at(START_MS);
    let platform = InProcess::new(Options::default(), &clock);
    platform.script([Fault::SlowAccept { after_ms: 2_000 }]);
    let (sent, found) = block_on(send(&platform, &relay(platform.url(), RelayOracle::Search), "k1"));
    assert!(matches!(sent, Sent::Unknown { .. }));
    assert_eq!(found, Found::Absent, "it is not there yet: the reason for the quiet period");
    clock.advance(1_999);
    assert_eq!(platform.accepted(), []);
    clock.advance(1);
    assert_eq!(platform.accepted().len(), 1);
    assert_eq!(platform.accepted()[0].at, START_MS + 2_000);
}

#[test]
fn the_same_seed_gives_the_same_faults() {
    let faults = || {
        let clock = SettableClock::at(START_MS);
        let rates = vec![(200, Fault::Reset { when: When::After }), (200, Fault::TooMany { retry_after_s: None })];
        let platform = InProcess::new(Options { seed: 7, faults: rates, ..Options::default() }, &clock);
        for index in 0..100 {
            block_on(send(&platform, &relay(platform.url(), RelayOracle::Nobody), &format!("k{index}")));
        }
        platform.seen().into_iter().map(|seen| seen.fault).collect::<Vec<_>>()
    };
    let once = faults();
    assert_eq!(once, faults());
    let hit = once.iter().filter(|fault| **fault != Fault::None).count();
    assert!((20..60).contains(&hit), "{hit} of 100");
}

#[tokio::test]
async fn over_sockets_every_fault_does_what_it_does_in_process() {
    let http = NativeHttp::new().unwrap();
    // A stalled request would last as long as its time-outs; it has a test of its own.
    for fault in Fault::all().into_iter().filter(|fault| !matches!(fault, Fault::Stall { .. })) {
        let options = Options { honours_keys: false, ..Options::default() };
        let platform = Platform::start(options.clone()).await;
        platform.script([fault.clone()]);
        let (sent, _) = send(&http, &relay(&platform.url(), RelayOracle::Nobody), "k1").await;
        let clock = SettableClock::at(START_MS);
        let in_process = InProcess::new(options, &clock);
        in_process.script([fault.clone()]);
        let (expect, _) = send(&in_process, &relay(in_process.url(), RelayOracle::Nobody), "k1").await;
        let same = std::mem::discriminant(&sent) == std::mem::discriminant(&expect);
        assert!(same || fault == Fault::Unreachable, "{fault:?}: {sent:?} over sockets, {expect:?} in process");
        if !matches!(fault, Fault::SlowAccept { .. }) {
            assert_eq!(platform.accepted().len(), usize::from(fault.accepts()), "{fault:?}");
        }
    }
}

#[tokio::test]
async fn a_stalled_request_goes_on_when_it_is_released() {
    let http = NativeHttp::new().unwrap();
    let platform = Platform::start(Options::default()).await;
    platform.script([Fault::Stall { when: When::Before }]);
    let relay = relay(&platform.url(), RelayOracle::Nobody);
    let release = async {
        while platform.seen().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(platform.accepted(), []);
        platform.release();
    };
    let ((sent, _), ()) = tokio::join!(send(&http, &relay, "k1"), release);
    assert!(matches!(sent, Sent::Done { .. }), "{sent:?}");
    assert_eq!(platform.accepted().len(), 1);
}

#[tokio::test]
async fn a_platform_that_starts_again_remembers_its_posts_and_forgets_a_line_that_was_cut_off() {
    let log = std::env::temp_dir().join(format!("rondo-platform-{}.jsonl", std::process::id()));
    let _ = std::fs::remove_file(&log);
    let options = Options { log: Some(log.clone()), ..Options::default() };
    let http = NativeHttp::new().unwrap();
    let before = {
        let platform = Platform::start(options.clone()).await;
        send(&http, &relay(&platform.url(), RelayOracle::Keyed), "k1").await;
        send(&http, &relay(&platform.url(), RelayOracle::Keyed), "k2").await;
        platform.accepted()
    };
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, format!("{text}{{\"id\":\"p3\",\"ke")).unwrap();
    let platform = Platform::start(options).await;
    assert_eq!(platform.accepted(), before);
    let (sent, _) = send(&http, &relay(&platform.url(), RelayOracle::Keyed), "k2").await;
    assert_eq!(sent, Sent::Done { ext_id: "p2".into(), ext_url: Some("https://platform.example/p2".into()) });
    send(&http, &relay(&platform.url(), RelayOracle::Keyed), "k3").await;
    let lines = std::fs::read_to_string(&log).unwrap();
    assert_eq!(lines.lines().count(), 3, "{lines}");
    let _ = std::fs::remove_file(&log);
}

#[test]
fn a_wrong_token_is_refused_and_takes_nothing() {
    let clock = SettableClock::at(START_MS);
    let platform = InProcess::new(Options { token: "another".into(), ..Options::default() }, &clock);
    let (sent, _) = block_on(send(&platform, &relay(platform.url(), RelayOracle::Keyed), "k1"));
    assert!(matches!(sent, Sent::AuthExpired { .. }), "{sent:?}");
    assert_eq!(platform.accepted(), []);
}
