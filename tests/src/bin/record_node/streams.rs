//! Streams of decisions, while the policies change and until the node stops.

use std::{fs, process::Command};

use sapl_mcp_tests::{DENY_QUERY, Question};

use crate::{Arguments, connection::Connection, one_shot::post, save};

/// A stream with what it is to give.
struct Listener {
    name: &'static str,
    connection: Connection,
    /// How many events come at first.
    first: usize,
}

pub(crate) fn record(arguments: &Arguments) {
    let open = |name, title, body: &str, first| {
        let connection = Connection::open(&arguments.address, title);
        connection.send(&post(name, body));
        Listener {
            name,
            connection,
            first,
        }
    };
    let multi = Question::multi();
    let streams = [
        open(
            "decide",
            "the decisions of one subscription",
            Question::Query.json(),
            1,
        ),
        open(
            "multi-decide",
            "the decisions of several subscriptions, each when it changes",
            &multi,
            Question::MULTI.len(),
        ),
        open(
            "multi-decide-all",
            "the decisions of several subscriptions, all when one changes",
            &multi,
            1,
        ),
    ];
    let each = |act: &dyn Fn(&Listener)| streams.iter().for_each(act);
    let document = arguments.policies.join("recorder.sapl");

    each(&|stream| stream.connection.wait_times("data:", stream.first));
    each(&|stream| stream.connection.wait_times(": keep-alive", 1));

    each(&|stream| {
        stream
            .connection
            .note("a policy was added that denies what was permitted")
    });
    fs::write(&document, DENY_QUERY).expect("the policies can be changed");
    each(&|stream| stream.connection.wait_times("data:", stream.first + 1));

    each(&|stream| stream.connection.note("that policy was removed"));
    fs::remove_file(&document).expect("the policies can be changed");
    each(&|stream| stream.connection.wait_times("data:", stream.first + 2));
    each(&|stream| stream.connection.wait_times(": keep-alive", 2));

    each(&|stream| stream.connection.note("the node was asked to stop"));
    let stopped = Command::new("sh").args(["-c", &arguments.stop]).status();
    assert!(
        stopped.is_ok_and(|status| status.success()),
        "the command that stops the node failed"
    );
    each(&|stream| stream.connection.wait_closed());

    for stream in streams {
        save(&arguments.into, stream.name, &stream.connection.recording());
    }
}
