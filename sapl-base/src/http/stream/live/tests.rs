use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::FutureExt;
use tokio::{
    runtime::Handle,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::advance,
};

use super::*;
use crate::{
    AuthorizationDecision, Decision,
    http::{MAX_RECONNECT_DELAY, SILENCE_LIMIT, reconnect::Single},
};

const PERMIT: &str = "data:{\"decision\":\"PERMIT\"}\n\n";
const DENY: &str = "data:{\"decision\":\"DENY\"}\n\n";

/// A decision point that a test plays.
#[derive(Clone, Default)]
struct Node {
    /// How the next connections go; when there is none left they hang.
    answers: Arc<Mutex<VecDeque<Answered>>>,
    connects: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
}

enum Answered {
    Refused,
    /// The pieces of an answer that ends when the sender is dropped.
    Pieces(UnboundedReceiver<&'static str>),
}

struct Open(Arc<AtomicUsize>);

impl Open {
    fn new(open: &Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(open))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Node {
    fn refuse(&self) {
        self.answers.lock().unwrap().push_back(Answered::Refused);
    }

    fn accept(&self) -> UnboundedSender<&'static str> {
        let (say, said) = unbounded_channel();
        self.answers.lock().unwrap().push_back(Answered::Pieces(said));
        say
    }

    fn connect(&self) -> Connecting<'static> {
        self.connects.fetch_add(1, Ordering::SeqCst);
        let open = Open::new(&self.open);
        let answer = self.answers.lock().unwrap().pop_front();
        async move {
            match answer {
                None => std::future::pending().await,
                Some(Answered::Refused) => Err(NoLine::from("no connection")),
                Some(Answered::Pieces(mut pieces)) => Ok(Line::of(stream::poll_fn(move |context| {
                    let _ = &open;
                    let next = pieces.poll_recv(context);
                    next.map(|piece| piece.map(|piece| Ok(Bytes::from_static(piece.as_bytes()))))
                }))),
            }
        }
        .boxed()
    }

    fn decisions(&self) -> BoxStream<'static, AuthorizationDecision> {
        let node = self.clone();
        Live::new("decide", Single::default(), SILENCE_LIMIT, move || node.connect()).into_stream()
    }

    fn connects(&self) -> usize {
        self.connects.load(Ordering::SeqCst)
    }

    fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }
}

/// What there is at once.
fn now(decisions: &mut BoxStream<'static, AuthorizationDecision>) -> Option<Decision> {
    decisions
        .next()
        .now_or_never()
        .map(|decision| decision.expect("a stream does not end").decision)
}

#[tokio::test(start_paused = true)]
async fn nothing_happens_before_somebody_listens() {
    let node = Node::default();
    let mut decisions = node.decisions();
    assert_eq!(node.connects(), 0);
    assert_eq!(now(&mut decisions), None);
    assert_eq!(node.connects(), 1);
}

#[tokio::test(start_paused = true)]
async fn decisions_arrive_piece_by_piece() {
    let node = Node::default();
    let say = node.accept();
    let mut decisions = node.decisions();
    for piece in ["data:{\"decis", "ion\":\"PERM", "IT\"}\n"] {
        say.send(piece).unwrap();
        assert_eq!(now(&mut decisions), None);
    }
    say.send("\n").unwrap();
    assert_eq!(now(&mut decisions), Some(Decision::Permit));
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_one_indeterminate_and_drops_the_connection_before_it_is_told() {
    let node = Node::default();
    let say = node.accept();
    let mut decisions = node.decisions();
    say.send(PERMIT).unwrap();
    assert_eq!(now(&mut decisions), Some(Decision::Permit));
    assert_eq!(node.open(), 1);
    say.send("data:nonsense\n\n").unwrap();
    say.send(PERMIT).unwrap();
    assert_eq!(now(&mut decisions), Some(Decision::Indeterminate));
    assert_eq!(node.open(), 0);
    assert_eq!(now(&mut decisions), None);

    node.refuse();
    let say = node.accept();
    say.send(DENY).unwrap();
    // Refused within a second, accepted within two more; virtual time passes as it is waited for.
    assert_eq!(decisions.next().await.unwrap().decision, Decision::Deny);
    assert_eq!(node.connects(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_hangs_or_falls_silent_is_given_up() {
    let node = Node::default();
    let started = Instant::now();
    let mut decisions = node.decisions();
    assert_eq!(decisions.next().await.unwrap().decision, Decision::Indeterminate);
    assert_eq!(started.elapsed().as_secs(), 5);
    assert_eq!(node.open(), 0);

    let say = node.accept();
    say.send(PERMIT).unwrap();
    assert_eq!(decisions.next().await.unwrap().decision, Decision::Permit);
    let silent = Instant::now();
    assert_eq!(decisions.next().await.unwrap().decision, Decision::Indeterminate);
    assert_eq!(silent.elapsed().as_secs(), 60);
    assert_eq!(node.open(), 0);
}

#[tokio::test(start_paused = true)]
async fn keep_alives_hold_a_stream_for_days() {
    let node = Node::default();
    let say = node.accept();
    let mut decisions = node.decisions();
    say.send(PERMIT).unwrap();
    assert_eq!(now(&mut decisions), Some(Decision::Permit));
    for _ in 0..4 * 60 * 24 {
        advance(Duration::from_secs(15)).await;
        say.send(": keep-alive\n\n").unwrap();
        assert_eq!(now(&mut decisions), None);
    }
    assert_eq!(node.connects(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_arrived_while_the_consumer_was_away_counts_before_the_silence() {
    let node = Node::default();
    let say = node.accept();
    let mut decisions = node.decisions();
    say.send(PERMIT).unwrap();
    assert_eq!(now(&mut decisions), Some(Decision::Permit));
    say.send(DENY).unwrap();
    advance(2 * SILENCE_LIMIT).await;
    assert_eq!(now(&mut decisions), Some(Decision::Deny));
    assert_eq!(now(&mut decisions), None);
    assert_eq!(node.connects(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_flood_without_news_lets_other_tasks_have_their_turn() {
    let node = Node::default();
    let say = node.accept();
    for _ in 0..10 * PIECES_IN_A_ROW {
        say.send(":\n").unwrap();
    }
    say.send(PERMIT).unwrap();
    let mut decisions = node.decisions();
    let mut turns = 1;
    while now(&mut decisions).is_none() {
        turns += 1;
        tokio::task::yield_now().await;
    }
    assert!(turns >= 10, "{turns}");
}

#[tokio::test(start_paused = true)]
async fn a_permit_does_not_survive_a_flood_that_makes_no_frame() {
    let connects = AtomicUsize::new(0);
    let connect = move || -> Connecting<'static> {
        if connects.fetch_add(1, Ordering::SeqCst) > 0 {
            return std::future::pending().boxed();
        }
        let blank = stream::repeat_with(|| Ok(Bytes::from_static(b"\n\n\n")));
        let permit = stream::iter([Ok(Bytes::from_static(PERMIT.as_bytes()))]);
        std::future::ready(Ok(Line::of(permit.chain(blank)))).boxed()
    };
    let mut decisions = Live::new("decide", Single::default(), SILENCE_LIMIT, connect).into_stream();
    assert_eq!(now(&mut decisions), Some(Decision::Permit));
    assert_eq!(now(&mut decisions), None);
    advance(SILENCE_LIMIT - Duration::from_millis(1)).await;
    assert_eq!(now(&mut decisions), None);
    advance(Duration::from_millis(1)).await;
    assert_eq!(now(&mut decisions), None);
    assert_eq!(now(&mut decisions), Some(Decision::Indeterminate));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_dropped_leaves_no_connection() {
    let node = Node::default();
    let mut hanging = node.decisions();
    assert_eq!(now(&mut hanging), None);
    let say = node.accept();
    say.send(PERMIT).unwrap();
    let mut open = node.decisions();
    assert_eq!(now(&mut open), Some(Decision::Permit));
    assert_eq!(node.open(), 2);
    drop((hanging, open));
    assert_eq!(node.open(), 0);
    assert!(say.send(PERMIT).is_err());
}

#[tokio::test(start_paused = true)]
async fn the_pauses_between_connections_keep_to_their_schedule() {
    let node = Node::default();
    let mut decisions = node.decisions();
    for _ in 0..9 {
        node.refuse();
    }
    let mut last = Instant::now();
    assert_eq!(now(&mut decisions), Some(Decision::Indeterminate));
    for full in [1, 2, 4, 8, 16, 32, 60, 60] {
        let connects = node.connects();
        while node.connects() == connects {
            advance(Duration::from_millis(10)).await;
            assert_eq!(now(&mut decisions), None);
        }
        let pause = last.elapsed();
        last = Instant::now();
        let full = Duration::from_secs(full);
        let slack = Duration::from_millis(30);
        assert!(
            full / 2 <= pause && pause <= full + slack,
            "{pause:?} of {full:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_reconnects_leave_nothing_behind() {
    let node = Node::default();
    let mut decisions = node.decisions();
    for round in 1..=1000 {
        let say = node.accept();
        say.send(PERMIT).unwrap();
        assert_eq!(decisions.next().await.unwrap().decision, Decision::Permit);
        drop(say);
        assert_eq!(decisions.next().await.unwrap().decision, Decision::Indeterminate);
        assert_eq!((node.connects(), node.open()), (round, 0));
    }
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
    for round in 1..=1000 {
        node.refuse();
        let connects = node.connects();
        while node.connects() == connects {
            advance(MAX_RECONNECT_DELAY).await;
            assert_eq!(now(&mut decisions), None, "{round}");
        }
        assert_eq!(node.open(), 0);
    }
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
}
