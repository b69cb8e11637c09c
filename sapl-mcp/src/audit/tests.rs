use std::{
    cell::{Cell, RefCell},
    io::{self, Write},
    sync::{Arc, Mutex, Once},
    time::{Duration, UNIX_EPOCH},
};

use rmcp::model::RequestId;
use sapl_base::{
    AuthorizationDecision, Decision,
    constraint::{ConstraintEnforcementService, ConstraintRecord, EnforcementPoint},
};
use serde_json::{Value, json};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::Interest,
};

use super::{
    AuditOutcome, AuditRecord, AuditSink, AuditSubject, JsonLines, MAX_SUBJECT_CHARS, RecordingAudit,
    TracingAudit, record,
};
use crate::{ComponentKind, Identity, Operation};

fn with_record<R>(
    subject: AuditSubject<'_>,
    constraints: &[ConstraintRecord],
    then: impl FnOnce(&AuditRecord<'_>) -> R,
) -> R {
    then(&AuditRecord {
        request_id: &RequestId::Number(7),
        operation: Operation::Call,
        kind: ComponentKind::Tool,
        name: "export\ncsv",
        uri: None,
        subject,
        decision: Some(Decision::Permit),
        effective: Decision::Deny,
        outcome: AuditOutcome::Denied,
        reason: Some("obligation 0 failed"),
        constraints,
        duration: Duration::from_micros(1_500),
        stealth: true,
        gate: false,
        approval: None,
    })
}

fn alice() -> Identity {
    Identity::new(
        "token-secret",
        json!({"sub": "alice", "iss": "https://id", "email": "alice@private"}),
    )
    .with_client_id("console")
}

/// What becomes of one obligation that a runnable handles.
fn constraints() -> Vec<ConstraintRecord> {
    let service = ConstraintEnforcementService::builder()
        .runnable_fn("logAccess", |_: &Value| Ok::<_, io::Error>(()))
        .build();
    let decision =
        AuthorizationDecision::permit().with_obligation(json!({"type": "logAccess", "note": "private"}));
    let bundle = service.resolve(&decision, EnforcementPoint::PreEnforce).unwrap();
    bundle.report().records().to_vec()
}

/// A file that can be read while it is written.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_line_is_one_json_object_without_secrets() {
    let file = Shared::default();
    let sink = JsonLines::new(file.clone()).with_clock(|| UNIX_EPOCH);
    let (alice, constraints) = (alice(), constraints());
    with_record(AuditSubject::Token(&alice), &constraints, |written| {
        record(&sink, written);
        record(&sink, written);
    });
    let text = String::from_utf8(file.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<&str> = text.split_terminator('\n').collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        serde_json::from_str::<Value>(lines[1]).unwrap(),
        json!({
            "time": "1970-01-01T00:00:00.000Z",
            "request_id": 7,
            "operation": "call",
            "kind": "tool",
            "name": "export\ncsv",
            "subject": {"id": "alice", "issuer": "https://id", "client_id": "console"},
            "decision": "PERMIT",
            "effective": "DENY",
            "outcome": "denied",
            "reason": "obligation 0 failed",
            "constraints": serde_json::to_value(&constraints).unwrap(),
            "duration_us": 1500,
            "stealth": true,
            "gate": false,
        })
    );
    assert!(text.contains("logAccess"));
    assert!(!text.contains("private") && !text.contains("token-secret"));
}

#[test]
fn a_writer_that_fails_changes_nothing() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    with_record(AuditSubject::Anonymous, &[], |written| {
        record(&JsonLines::new(Full), written)
    });
}

#[test]
fn a_panicking_sink_changes_nothing() {
    with_record(AuditSubject::Anonymous, &[], |written| {
        record(&|_: &AuditRecord<'_>| panic!("the sink is broken"), written);
    });
}

#[test]
fn clones_of_a_recording_sink_share_their_records() {
    let audit = RecordingAudit::default();
    let sink: Box<dyn AuditSink> = Box::new(Arc::new(audit.clone()));
    let alice = alice();
    with_record(AuditSubject::Token(&alice), &constraints(), |written| {
        record(&*sink, written)
    });
    let records = audit.records();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].subject.as_deref(), Some("alice"));
    assert_eq!(records[0].outcome, AuditOutcome::Denied);
    assert_eq!(records[0].constraints.len(), 1);
    assert_eq!(audit.take(), records);
    assert!(audit.records().is_empty());
}

#[test]
fn a_subject_is_named_by_its_shortest_id() {
    let by_name = Identity::new("t", json!({"preferred_username": "bob"}));
    let by_client = Identity::new("t", json!({"sub": 1})).with_client_id("batch");
    assert_eq!(AuditSubject::Anonymous.id(), None);
    assert_eq!(AuditSubject::Token(&by_name).id(), Some("bob"));
    assert_eq!(AuditSubject::Token(&by_client).id(), Some("batch"));
    assert_eq!(AuditSubject::Fixed(&json!("operator")).id(), Some("operator"));
    assert_eq!(AuditSubject::Fixed(&json!({"sub": "carol"})).id(), Some("carol"));
    assert_eq!(AuditSubject::Fixed(&json!(["x"])).id(), None);
    assert_eq!(
        format!("{:?}", AuditSubject::Token(&by_name)),
        r#"AuditSubject { id: "bob" }"#
    );
}

#[test]
fn a_long_id_is_cut_at_its_limit() {
    for (length, written) in [
        (MAX_SUBJECT_CHARS, MAX_SUBJECT_CHARS),
        (MAX_SUBJECT_CHARS + 1, MAX_SUBJECT_CHARS),
    ] {
        let subject = json!("é".repeat(length));
        let text = serde_json::to_value(AuditSubject::Fixed(&subject)).unwrap();
        assert_eq!(text, json!({"id": "é".repeat(written)}));
    }
}

/// The subscriber of the process, which keeps the fields of events for the threads that are interested.
///
/// With one of a thread, another thread that comes first to a line could turn it off for all.
struct Keeps;

thread_local! {
    static INTERESTED: Cell<bool> = const { Cell::new(false) };
    static EVENTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.push_str(&format!("{}={value:?} ", field.name()));
    }
}

impl Subscriber for Keeps {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        INTERESTED.get() && metadata.target() == "sapl_mcp::audit"
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        EVENTS.with_borrow_mut(|events| events.push(fields.0));
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

fn traced(interested: bool) -> Vec<String> {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| tracing::subscriber::set_global_default(Keeps).unwrap());
    INTERESTED.set(interested);
    let alice = alice();
    with_record(AuditSubject::Token(&alice), &constraints(), |written| {
        record(&TracingAudit, written)
    });
    INTERESTED.set(false);
    EVENTS.take()
}

#[test]
fn an_event_names_the_caller_and_the_outcome_and_no_secret() {
    let events = traced(true);
    assert_eq!(events.len(), 1);
    assert_eq!(
        events[0],
        "request_id=\"7\" operation=\"call\" kind=\"tool\" name=\"export\\ncsv\" subject=\"alice\" \
         issuer=\"https://id\" client_id=\"console\" decision=\"PERMIT\" effective=\"DENY\" outcome=\"denied\" \
         reason=\"obligation 0 failed\" constraints=\"obligation 0 (`logAccess`): not run\" duration_us=1500 \
         stealth=true gate=false "
    );
}

#[test]
fn no_event_is_made_when_nobody_listens() {
    assert!(traced(false).is_empty());
}
