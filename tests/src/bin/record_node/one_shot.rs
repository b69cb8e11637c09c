//! Questions with one answer, and what the node refuses.

use sapl_mcp_tests::{MAX_ENTRIES, Question, Recording, many};

use crate::{Arguments, connection::Connection, save};

/// A request, and the name and title of its recording.
struct Case {
    name: &'static str,
    title: &'static str,
    /// Several go over one connection, one after the other.
    requests: Vec<Vec<u8>>,
}

pub(crate) fn record(arguments: &Arguments) {
    for case in answers().into_iter().chain(refusals()) {
        save(
            &arguments.into,
            case.name,
            &record_case(&arguments.address, &case),
        );
    }
}

fn record_case(address: &str, case: &Case) -> Recording {
    let connection = Connection::open(address, case.title);
    for (index, request) in case.requests.iter().enumerate() {
        connection.send(request);
        connection.wait("an answer", |received| complete(received) > index);
    }
    if connection.has_received("Connection: close\r\n") {
        connection.wait_closed();
    }
    connection.recording()
}

fn answers() -> Vec<Case> {
    let once = |question: Question| post("decide-once", question.json());
    let case = |name, title, request| Case {
        name,
        title,
        requests: vec![request],
    };
    vec![
        case(
            "decide-once-permit",
            "a permit with obligations",
            once(Question::Query),
        ),
        case(
            "decide-once-deny",
            "a denial with an obligation",
            once(Question::Refused),
        ),
        case(
            "decide-once-advice",
            "a permit with advice",
            once(Question::Personal),
        ),
        case(
            "decide-once-bare",
            "a permit with nothing else",
            once(Question::Public),
        ),
        case(
            "decide-once-secrets",
            "a subscription with environment and secrets",
            once(Question::WithSecrets),
        ),
        Case {
            name: "decide-once-twice",
            title: "two questions on one connection",
            requests: vec![once(Question::Query), once(Question::Refused)],
        },
        case(
            "decide-once-null",
            "a subscription that is null: the one INDETERMINATE that these policies give",
            post("decide-once", "null"),
        ),
        case(
            "multi-decide-all-once",
            "several subscriptions, one answer",
            post("multi-decide-all-once", &Question::multi()),
        ),
        case(
            "multi-decide-all-once-most",
            "as many subscriptions as one request may have, answered in another order",
            post("multi-decide-all-once", &many(MAX_ENTRIES)),
        ),
        case(
            "multi-decide-all-once-empty",
            "no subscription at all",
            post("multi-decide-all-once", "{}"),
        ),
    ]
}

fn refusals() -> Vec<Case> {
    let case = |name, title, request| Case {
        name,
        title,
        requests: vec![request],
    };
    vec![
        case(
            "refused-400",
            "a subscription without a resource",
            post("decide-once", r#"{"subject":1,"action":2}"#),
        ),
        case(
            "refused-401",
            "credentials that nobody has, although none are needed",
            request(
                "POST",
                "decide-once",
                &[("Authorization", "Bearer sapl_nobody_nothing")],
                Question::Query.json(),
            ),
        ),
        case(
            "refused-404",
            "a path that there is not",
            post("decide-once/", Question::Query.json()),
        ),
        case(
            "refused-405",
            "a method that there is not",
            request("GET", "decide-once", &[], ""),
        ),
        case(
            "refused-413",
            "a body of one byte too many, refused before it is sent",
            head("POST", "decide-once", &[], 65_537),
        ),
        case(
            "refused-multi-400",
            "one more subscription than a request may have",
            post("multi-decide-all-once", &many(MAX_ENTRIES + 1)),
        ),
        case(
            "refused-stream-400",
            "a stream for a subscription without a resource",
            post("decide", r#"{"subject":1,"action":2}"#),
        ),
        case(
            "refused-stream-401",
            "a stream with credentials that nobody has",
            request(
                "POST",
                "multi-decide-all",
                &[("Authorization", "Bearer sapl_nobody_nothing")],
                &Question::multi(),
            ),
        ),
        case(
            "multi-decide-empty",
            "a stream about nothing: one event, then its end",
            post("multi-decide", "{}"),
        ),
    ]
}

/// A POST of this JSON.
pub(crate) fn post(endpoint: &str, body: &str) -> Vec<u8> {
    request("POST", endpoint, &[], body)
}

fn request(method: &str, endpoint: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut request = head(method, endpoint, headers, body.len());
    request.extend(body.as_bytes());
    request
}

fn head(method: &str, endpoint: &str, headers: &[(&str, &str)], length: usize) -> Vec<u8> {
    let mut head = format!(
        "{method} /api/pdp/{endpoint} HTTP/1.1\r\nHost: pdp.example\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n"
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// How many whole responses there are in what was received.
fn complete(received: &[u8]) -> usize {
    let text = String::from_utf8_lossy(received);
    let mut rest = text.as_ref();
    let mut responses = 0;
    while let Some((head, body)) = rest.split_once("\r\n\r\n") {
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "));
        let end = match length.and_then(|length| length.parse().ok()) {
            Some(length) => length,
            None if head.contains("Transfer-Encoding: chunked") => match body.find("0\r\n\r\n") {
                Some(last) => last + "0\r\n\r\n".len(),
                None => break,
            },
            // It ends with the connection, and what there is of it came with the head.
            None => body.len(),
        };
        let Some(after) = body.get(end..) else { break };
        responses += 1;
        rest = after;
    }
    responses
}
