use proptest::prelude::*;

use super::*;
use crate::{AuthorizationDecision, Decision};

const SECOND: Duration = Duration::from_secs(1);
const PERMIT: &str = "data:{\"decision\":\"PERMIT\"}\n\n";
const DENY: &str = "data:{\"decision\":\"DENY\"}\n\n";
const ALIVE: &str = ": keep-alive\n\n";

/// A driver with a clock of its own.
struct Driver<F: Feed> {
    stream: Reconnect<F>,
    now: Instant,
}

/// What a driver was told, without times.
#[derive(Debug, PartialEq)]
enum Told<T> {
    Emit(T),
    Connect,
    Close(String),
}

impl Driver<Single> {
    fn single() -> Self {
        Self::of(Single::default())
    }

    /// What happened until the machine waits, with the verdicts only.
    fn verdicts(&mut self) -> Vec<Told<Decision>> {
        self.run()
            .into_iter()
            .map(|told| match told {
                Told::Emit(decision) => Told::Emit(decision.decision),
                Told::Connect => Told::Connect,
                Told::Close(outage) => Told::Close(outage),
            })
            .collect()
    }

    /// A stream that is connected and has permitted.
    fn permitting() -> Self {
        let mut driver = Self::single();
        driver.run();
        driver.receive(PERMIT);
        assert_eq!(driver.verdicts(), [Told::Emit(Decision::Permit)]);
        driver
    }
}

impl<F: Feed> Driver<F> {
    fn of(feed: F) -> Self {
        let now = Instant::now();
        Self {
            stream: Reconnect::new(feed, SILENCE_LIMIT, Backoff::new(1), now),
            now,
        }
    }

    fn run(&mut self) -> Vec<Told<F::Item>> {
        let mut told = Vec::new();
        loop {
            told.push(match self.stream.step(self.now) {
                Step::Emit(item) => Told::Emit(item),
                Step::Connect => Told::Connect,
                Step::Close(closed) => Told::Close(closed.outage.to_string()),
                Step::Wait(_) => return told,
            });
        }
    }

    fn receive(&mut self, bytes: &str) {
        self.stream.received(Bytes::copy_from_slice(bytes.as_bytes()));
    }

    fn wait(&mut self) -> Duration {
        match self.stream.step(self.now) {
            Step::Wait(until) => until - self.now,
            _ => panic!("there is something to do"),
        }
    }

    fn rest(&mut self) {
        let pause = self.wait();
        self.now += pause;
    }

    /// Lets time pass as a driver does whose connection brings nothing.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let until = self.stream.deadline();
            if until > end {
                break;
            }
            self.now = self.now.max(until);
            self.stream.elapsed(self.now);
            if self.stream.closed.is_some() || self.stream.deadline() == until {
                return;
            }
        }
        self.now = end;
    }
}

fn lost(outage: &str) -> [Told<Decision>; 2] {
    [
        Told::Close(outage.to_owned()),
        Told::Emit(Decision::Indeterminate),
    ]
}

#[test]
fn decisions_come_as_they_change_and_an_equal_one_is_dropped() {
    let mut driver = Driver::single();
    assert_eq!(driver.verdicts(), [Told::Connect]);
    driver.receive(&[PERMIT, PERMIT, ALIVE, PERMIT, DENY, "data:{\"deci"].concat());
    assert_eq!(
        driver.verdicts(),
        [Told::Emit(Decision::Permit), Told::Emit(Decision::Deny)]
    );
    driver.receive("sion\":\"PERMIT\"}\n");
    assert_eq!(driver.verdicts(), []);
    driver.receive("\n");
    assert_eq!(driver.verdicts(), [Told::Emit(Decision::Permit)]);
}

#[test]
fn decisions_that_differ_in_an_obligation_are_not_equal() {
    let mut driver = Driver::single();
    driver.run();
    driver.receive("data:{\"decision\":\"PERMIT\",\"obligations\":[1]}\n\ndata:{\"decision\":\"PERMIT\",\"obligations\":[2]}\n\n");
    assert_eq!(driver.run().len(), 2);
}

#[test]
fn a_permit_does_not_survive_a_malformed_frame() {
    for (frame, outage) in [
        ("data:{\"decision\":\"permit\"}\n\n", "an event is no decision: "),
        (
            "data:{\"decision\":\"PERMIT\"} x\n\n",
            "an event is no decision: ",
        ),
        (
            "data:{\"decision\":\"DENY\",\"decision\":\"PERMIT\"}\n\n",
            "an event is no decision: ",
        ),
        ("data:\n\n", "an event is no decision: "),
        ("data:[\n\n", "an event is no decision: "),
    ] {
        let mut driver = Driver::permitting();
        // The permit behind it is not looked at.
        driver.receive(&[frame, PERMIT].concat());
        let told = driver.verdicts();
        assert!(
            matches!(&told[..], [Told::Close(cause), Told::Emit(Decision::Indeterminate)] if cause.starts_with(outage)),
            "{frame:?}: {told:?}"
        );
    }
    let mut driver = Driver::permitting();
    driver.stream.received(Bytes::from_static(b"data:\xff\n\n"));
    assert_eq!(driver.verdicts(), lost("a line is not UTF-8"));
    let mut driver = Driver::permitting();
    driver.stream.received(Bytes::from(vec![b'a'; MAX_FRAME + 1]));
    assert_eq!(driver.verdicts(), lost("a frame is longer than 1048576 bytes"));
    let mut driver = Driver::permitting();
    driver.receive(&format!("data:{}\n\n", "[".repeat(100_000)));
    assert_eq!(driver.run().len(), 2);
}

const MAX_FRAME: usize = crate::http::MAX_SSE_FRAME_BYTES;

#[test]
fn every_end_of_a_connection_is_one_indeterminate() {
    for outage in [Outage::Ended, Outage::NoStream("status 503".to_owned())] {
        let text = outage.to_string();
        let mut driver = Driver::permitting();
        driver.stream.failed(outage, driver.now);
        assert_eq!(driver.verdicts(), lost(&text));
        // Further failures are no news.
        for _ in 0..3 {
            driver.rest();
            assert_eq!(driver.verdicts(), [Told::Connect]);
            driver.stream.failed(Outage::Ended, driver.now);
            assert_eq!(driver.verdicts(), [Told::Close("the stream ended".to_owned())]);
        }
        driver.rest();
        assert_eq!(driver.verdicts(), [Told::Connect]);
        driver.receive(PERMIT);
        assert_eq!(driver.verdicts(), [Told::Emit(Decision::Permit)]);
    }
}

#[test]
fn a_connection_that_never_comes_about_is_an_indeterminate() {
    let mut driver = Driver::single();
    driver.run();
    driver
        .stream
        .failed(Outage::NoStream("status 401".to_owned()), driver.now);
    assert_eq!(driver.verdicts(), lost("status 401"));
}

#[test]
fn an_indeterminate_of_the_node_is_not_repeated_by_an_outage() {
    let mut driver = Driver::single();
    driver.run();
    driver.receive("data:{\"decision\":\"INDETERMINATE\"}\n\n");
    assert_eq!(driver.verdicts(), [Told::Emit(Decision::Indeterminate)]);
    driver.stream.failed(Outage::Ended, driver.now);
    assert_eq!(driver.verdicts(), [Told::Close("the stream ended".to_owned())]);
}

#[test]
fn a_shutdown_event_is_an_outage_at_once() {
    let mut driver = Driver::permitting();
    driver.receive("event: shutdown\ndata: SAPL Node stopping\n\n");
    assert_eq!(driver.verdicts(), lost("the decision point shuts down"));
}

#[test]
fn an_event_with_a_name_is_never_a_decision() {
    let mut driver = Driver::single();
    driver.run();
    driver.receive(&["event: x\n", PERMIT, "event: message\n", PERMIT].concat());
    assert_eq!(driver.verdicts(), []);
    driver.receive(DENY);
    assert_eq!(driver.verdicts(), [Told::Emit(Decision::Deny)]);
}

#[test]
fn the_first_frame_has_five_seconds_and_not_more() {
    let mut driver = Driver::single();
    driver.run();
    assert_eq!(driver.wait(), FIRST_FRAME_TIMEOUT);
    driver.pass(FIRST_FRAME_TIMEOUT - Duration::from_nanos(1));
    assert_eq!(driver.verdicts(), []);
    driver.receive(PERMIT);
    assert_eq!(driver.verdicts(), [Told::Emit(Decision::Permit)]);

    let mut driver = Driver::single();
    driver.run();
    driver.receive("data:{\"decision\":");
    driver.pass(FIRST_FRAME_TIMEOUT);
    assert_eq!(driver.verdicts(), lost("nothing came within 5s"));
}

#[test]
fn a_stream_that_lives_but_does_not_decide_is_indeterminate_and_stays_open() {
    let mut driver = Driver::single();
    driver.run();
    driver.receive(ALIVE);
    assert_eq!(driver.verdicts(), []);
    driver.pass(FIRST_FRAME_TIMEOUT);
    assert_eq!(driver.verdicts(), [Told::Emit(Decision::Indeterminate)]);
    driver.pass(SECOND);
    driver.receive(PERMIT);
    assert_eq!(driver.verdicts(), [Told::Emit(Decision::Permit)]);
}

#[test]
fn a_minute_of_silence_is_an_outage_and_signs_of_life_prevent_it() {
    let mut driver = Driver::permitting();
    for _ in 0..100 {
        driver.pass(SILENCE_LIMIT - Duration::from_nanos(1));
        driver.receive(ALIVE);
        assert_eq!(driver.verdicts(), []);
    }
    driver.pass(SILENCE_LIMIT);
    assert_eq!(driver.verdicts(), lost("nothing came for 60s"));
}

#[test]
fn bytes_that_make_no_frame_are_silence() {
    let mut driver = Driver::permitting();
    for _ in 0..59 {
        driver.pass(SECOND);
        driver.receive("d");
        assert_eq!(driver.verdicts(), []);
    }
    driver.pass(SECOND);
    assert_eq!(driver.verdicts(), lost("nothing came for 60s"));
}

#[test]
fn blank_lines_are_silence() {
    let mut driver = Driver::permitting();
    driver.pass(SILENCE_LIMIT / 2);
    driver.receive("\n\n\n");
    assert_eq!(driver.verdicts(), []);
    driver.pass(SILENCE_LIMIT / 2);
    assert_eq!(driver.verdicts(), lost("nothing came for 60s"));
}

#[test]
fn pauses_double_and_only_a_decision_resets_them() {
    let mut driver = Driver::permitting();
    let fail = |driver: &mut Driver<Single>, bytes: &str, full: Duration| {
        driver.receive(bytes);
        driver.run();
        driver.stream.failed(Outage::Ended, driver.now);
        driver.run();
        let pause = driver.wait();
        assert!(full / 2 <= pause && pause <= full, "{pause:?} of {full:?}");
        driver.now += pause;
        assert_eq!(driver.verdicts(), [Told::Connect]);
    };
    for full in [1, 2, 4, 8, 16, 32, 60, 60] {
        fail(&mut driver, ALIVE, full * SECOND);
    }
    fail(&mut driver, DENY, SECOND);
    fail(
        &mut driver,
        "event: x\ndata: {\"decision\":\"PERMIT\"}\n\n",
        2 * SECOND,
    );
}

#[test]
fn a_warning_is_due_for_the_first_failure_after_a_decision_only() {
    let mut driver = Driver::permitting();
    for (bytes, expected) in [
        ("", true),
        (ALIVE, false),
        ("", false),
        (PERMIT, true),
        ("", false),
    ] {
        driver.receive(bytes);
        driver.run();
        driver.stream.failed(Outage::Ended, driver.now);
        let Step::Close(closed) = driver.stream.step(driver.now) else {
            panic!("the connection is kept");
        };
        assert_eq!(closed.first, expected);
        driver.run();
        driver.now += MAX_RECONNECT_DELAY;
        driver.run();
    }
}

#[test]
fn what_an_earlier_connection_left_does_not_reach_the_next() {
    let mut driver = Driver::permitting();
    driver.receive("data:{\"decision\":\"PERMIT\"}\n");
    driver.run();
    driver.stream.failed(Outage::Ended, driver.now);
    driver.run();
    driver.now += MAX_RECONNECT_DELAY;
    driver.run();
    driver.receive("\n");
    assert_eq!(driver.verdicts(), []);
}

fn identified(id: &str, decision: &str) -> String {
    format!("data:{{\"subscriptionId\":\"{id}\",\"decision\":{{\"decision\":\"{decision}\"}}}}\n\n")
}

fn each(driver: &mut Driver<Each>) -> Vec<(String, Decision)> {
    driver
        .run()
        .into_iter()
        .filter_map(|told| match told {
            Told::Emit(news) => Some((news.subscription_id, news.decision.decision)),
            _ => None,
        })
        .collect()
}

#[test]
fn an_outage_of_several_decisions_is_one_indeterminate_for_each() {
    let mut driver = Driver::of(Each::new(["b", "a", "c"]));
    driver.run();
    driver.receive(
        &[
            identified("a", "PERMIT"),
            identified("b", "DENY"),
            identified("a", "PERMIT"),
        ]
        .concat(),
    );
    assert_eq!(
        each(&mut driver),
        [
            ("a".to_owned(), Decision::Permit),
            ("b".to_owned(), Decision::Deny)
        ]
    );
    driver.stream.failed(Outage::Ended, driver.now);
    let lost: Vec<_> = ["a", "b", "c"]
        .map(|id| (id.to_owned(), Decision::Indeterminate))
        .into();
    assert_eq!(each(&mut driver), lost);
    driver.now += MAX_RECONNECT_DELAY;
    driver.run();
    driver.stream.failed(Outage::Ended, driver.now);
    assert_eq!(each(&mut driver), []);
}

#[test]
fn an_id_that_is_not_decided_in_time_is_indeterminate() {
    let mut driver = Driver::of(Each::new(["a", "b"]));
    driver.run();
    driver.receive(&identified("b", "PERMIT"));
    assert_eq!(each(&mut driver), [("b".to_owned(), Decision::Permit)]);
    driver.pass(FIRST_FRAME_TIMEOUT);
    assert_eq!(each(&mut driver), [("a".to_owned(), Decision::Indeterminate)]);
}

/// Something that happens to a stream.
#[derive(Clone, Debug)]
enum Happens {
    Bytes(Vec<u8>),
    Fails,
    Time(u64),
}

fn happenings() -> impl Strategy<Value = Vec<Happens>> {
    let text = prop::sample::select(vec![
        PERMIT,
        DENY,
        ALIVE,
        "data:{\"decision\":",
        "\"PERMIT\"}\n\n",
        "\n",
        "event: shutdown\ndata:\n\n",
        "event:x\n",
        "data:x\n\n",
    ]);
    let happens = prop_oneof![
        6 => text.prop_map(|text| Happens::Bytes(text.as_bytes().to_vec())),
        1 => prop::collection::vec(any::<u8>(), 0..8).prop_map(Happens::Bytes),
        1 => Just(Happens::Fails),
        3 => (0..70_000_u64).prop_map(Happens::Time),
    ];
    prop::collection::vec(happens, 0..60)
}

proptest! {
    /// Whatever happens: the consumer never hears the same twice in a row, and while there is no connection the last
    /// that it heard is INDETERMINATE.
    #[test]
    fn without_a_connection_the_decision_is_indeterminate(happenings in happenings()) {
        let mut driver = Driver::single();
        let mut last: Option<AuthorizationDecision> = None;
        let mut connected = true;
        prop_assert_eq!(driver.run(), [Told::Connect]);
        for happens in happenings {
            match happens {
                Happens::Bytes(bytes) if connected => driver.stream.received(Bytes::from(bytes)),
                Happens::Fails if connected => driver.stream.failed(Outage::Ended, driver.now),
                Happens::Time(millis) => driver.pass(Duration::from_millis(millis)),
                _ => {}
            }
            for told in driver.run() {
                match told {
                    Told::Emit(decision) => {
                        prop_assert_ne!(last.as_ref(), Some(&decision));
                        last = Some(decision);
                    }
                    Told::Connect => {
                        prop_assert!(!connected);
                        connected = true;
                    }
                    Told::Close(_) => {
                        prop_assert!(connected);
                        connected = false;
                    }
                }
            }
            if !connected {
                prop_assert_eq!(last.as_ref(), Some(&AuthorizationDecision::indeterminate()));
            }
        }
    }
}
