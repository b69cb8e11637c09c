//! The command as it is run.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command};

use common::{folder, path, run, sapl};

mod common;

const PERMIT: &str = "policy \"a\" permit";
const ASKED: &str = r#"{"subject":"mara","action":"read","resource":"report"}"#;

/// A server that runs until it is dropped.
struct Serving {
    child: Child,
    output: BufReader<ChildStdout>,
    address: String,
}

impl Serving {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = sapl(&["serve", folder.to_str().unwrap(), "--port", "0"])
            .args(arguments)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let address = line.strip_prefix("listening on http://").unwrap().trim_end();
        assert!(address.starts_with("127.0.0.1:"));
        Self {
            address: address.to_owned(),
            child,
            output,
        }
    }

    /// The reply to a request that needs no key.
    fn get(&self, path: &str) -> String {
        let mut socket = TcpStream::connect(&self.address).unwrap();
        write!(
            socket,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut reply = String::new();
        socket.read_to_string(&mut reply).unwrap();
        reply
    }

    fn post(&self, endpoint: &str, headers: &str) -> BufReader<TcpStream> {
        let mut socket = TcpStream::connect(&self.address).unwrap();
        let length = ASKED.len();
        write!(
            socket,
            "POST /api/pdp/{endpoint} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\
             Connection: close\r\n{headers}\r\n{ASKED}"
        )
        .unwrap();
        BufReader::new(socket)
    }

    #[cfg(unix)]
    fn signal(&self, name: &str) {
        let killed = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(killed.success());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines up to one that begins so.
fn until(reader: &mut impl std::io::BufRead, start: &str) -> String {
    let mut text = String::new();
    loop {
        let from = text.len();
        assert!(reader.read_line(&mut text).unwrap() > 0, "{text}");
        if text.get(from..).unwrap().starts_with(start) {
            return text;
        }
    }
}

#[test]
fn help_names_the_commands() {
    let (code, output, _) = run(&["--help"], "");
    assert_eq!(code, Some(0));
    for command in ["check", "decide", "decide-once", "explain", "serve", "test"] {
        assert!(output.contains(command), "{output}");
        let (code, help, _) = run(&[command, "--help"], "");
        assert_eq!(code, Some(0));
        assert!(help.contains("DIR"), "{help}");
    }
}

#[test]
fn wrong_arguments_end_with_two() {
    for arguments in [
        &[][..],
        &["unknown"],
        &["check"],
        &["serve"],
        &["decide-once"],
        &["decide"],
        &["explain"],
        &["explain", ".", "--format", "xml"],
        &["fmt"],
        &["test"],
        &["serve", ".", "--port", "65536"],
        &["serve", ".", "--host", "localhost.example"],
        &["serve", ".", "--keep-alive", "0"],
        &["serve", ".", "--keep-alive", "46"],
        &["serve", ".", "--tls-cert", "a"],
    ] {
        let (code, output, errors) = run(arguments, "");
        assert_eq!(code, Some(2), "{arguments:?}");
        assert!(output.is_empty() && !errors.is_empty());
    }
}

#[test]
fn check_prints_every_problem_with_its_place() {
    let good = folder(&[("a.sapl", PERMIT), ("b.sapl", "policy \"b\" deny")]);
    let bad = folder(&[
        ("a.sapl", "policy \"a\" allow"),
        ("b.sapl", PERMIT),
        ("c.sapl", "policy \"c\" permit\n  subject ==\n;"),
    ]);
    let (code, output, errors) = run(&["check", path(&good)], "");
    assert_eq!(
        (code, output),
        (Some(0), format!("{}: 2 documents, no problems\n", path(&good)))
    );
    assert_eq!(errors, "");
    let (code, output, errors) = run(&["check", path(&bad), path(&good)], "");
    assert_eq!(code, Some(1));
    assert_eq!(output, format!("{}: 2 documents, no problems\n", path(&good)));
    assert!(
        errors.contains(&format!("--> {}/a.sapl:1:12\n", path(&bad))),
        "{errors}"
    );
    assert!(
        errors.contains(&format!(
            "error: expected an expression, found `;`\n --> {}/c.sapl:3:1\n  |\n3 | ;\n  | ^\n",
            path(&bad)
        )),
        "{errors}"
    );
    assert!(errors.ends_with("error: 2 problems found\n"), "{errors}");
    let (code, _, errors) = run(&["check", "no such folder"], "");
    assert_eq!(code, Some(1));
    assert!(
        errors.starts_with("error: can't read `no such folder`"),
        "{errors}"
    );
}

#[test]
fn decide_once_prints_the_decision() {
    let policies = folder(&[(
        "a.sapl",
        "policy \"a\" permit action == \"read\"; obligation {type: \"log\"}",
    )]);
    let (code, output, errors) = run(&["decide-once", path(&policies)], ASKED);
    assert_eq!(
        (code, output.as_str(), errors.as_str()),
        (
            Some(0),
            "{\"decision\":\"PERMIT\",\"obligations\":[{\"type\":\"log\"}]}\n",
            ""
        )
    );
    let (code, output, _) = run(&["decide-once", path(&policies)], &ASKED.replace("read", "write"));
    assert_eq!((code, output.as_str()), (Some(0), "{\"decision\":\"DENY\"}\n"));
    let (code, output, errors) = run(&["decide-once", path(&policies)], "{}");
    assert_eq!((code, output.as_str()), (Some(1), ""));
    assert_eq!(
        errors,
        "error: standard input, line 1, column 1: the subscription has no `subject`\n"
    );
}

#[test]
fn serve_starts_with_policies_that_are_refused_and_takes_over_the_mended_ones() {
    let policies = folder(&[("a.sapl", "policy \"a\" allow")]);
    let mut serving = Serving::start(policies.path(), &["--keep-alive", "1"]);
    let mut errors = BufReader::new(serving.child.stderr.take().unwrap());
    until(&mut errors, " --> a.sapl:1:12");
    until(
        &mut errors,
        "every decision is INDETERMINATE until the policies are mended",
    );
    let health = |path: &str| {
        let health = serving.get(&format!("/actuator/health{path}"));
        let status = health.split(' ').nth(1).unwrap().to_owned();
        (status, health.lines().last().unwrap().to_owned())
    };
    let up = ("200".to_owned(), r#"{"status":"UP"}"#.to_owned());
    let down = ("503".to_owned(), r#"{"status":"DOWN"}"#.to_owned());
    assert_eq!(
        [health(""), health("/liveness"), health("/readiness")],
        [down.clone(), up.clone(), up.clone()]
    );
    let mut stream = serving.post("decide", "");
    until(&mut stream, "data:{\"decision\":\"INDETERMINATE\"}");

    fs::write(policies.path().join("a.sapl"), "policy \"a\" permit true").unwrap();
    until(
        &mut errors,
        "every decision is INDETERMINATE until the policies are mended",
    );
    fs::write(policies.path().join("a.sapl"), PERMIT).unwrap();
    until(&mut stream, "data:{\"decision\":\"PERMIT\"}");
    until(&mut errors, "the changed policies are in force");
    assert_eq!(health(""), up);

    fs::write(policies.path().join("a.sapl"), "policy \"a\" allow").unwrap();
    until(&mut errors, "the policies before stay in force");
    assert_eq!([health(""), health("/readiness")], [down, up]);
    let mut stream = serving.post("decide", "");
    until(&mut stream, "data:{\"decision\":\"PERMIT\"}");
}

#[test]
fn serve_does_not_start_where_anybody_could_ask_or_listen() {
    let policies = folder(&[
        ("a.sapl", PERMIT),
        ("keys", "sapl_a_topsecret"),
        ("bad", "topsecret"),
    ]);
    let file = |name: &str| policies.path().join(name).to_str().unwrap().to_owned();
    let serve = |arguments: &[&str]| {
        let fixed = ["serve", path(&policies), "--port", "0"];
        let (code, output, errors) = run(&[&fixed, arguments].concat(), "");
        assert_eq!((code, output.as_str()), (Some(1), ""));
        assert!(!errors.contains("topsecret"), "{errors}");
        errors
    };
    assert!(serve(&["--host", "0.0.0.0"]).contains("add --api-key-file"));
    let without_tls = serve(&["--host", "0.0.0.0", "--api-key-file", &file("keys")]);
    assert!(without_tls.contains("add --tls-cert and --tls-key"));
    assert!(serve(&["--api-key-file", &file("bad")]).contains("bad`: line 1 is no API key"));
    assert!(serve(&["--api-key-file", &file("none")]).contains("none`: "));
    assert!(serve(&["--tls-cert", &file("bad"), "--tls-key", &file("keys")]).contains("no certificate"));
    // An address of nobody here.
    assert!(
        serve(&[
            "--host",
            "192.0.2.1",
            "--api-key-file",
            &file("keys"),
            "--allow-plain-http"
        ])
        .contains("can't listen on 192.0.2.1")
    );
}

#[test]
fn serve_asks_for_a_key_of_its_file() {
    let policies = folder(&[("a.sapl", PERMIT), ("keys", "# demo\nsapl_demo_secret\n")]);
    let keys = policies.path().join("keys");
    let serving = Serving::start(policies.path(), &["--api-key-file", keys.to_str().unwrap()]);
    let status = |headers| {
        let mut line = String::new();
        serving.post("decide-once", headers).read_line(&mut line).unwrap();
        line
    };
    assert_eq!(status(""), "HTTP/1.1 401 Unauthorized\r\n");
    assert_eq!(
        status("Authorization: Bearer sapl_demo_secret\r\n"),
        "HTTP/1.1 200 OK\r\n"
    );
}

#[test]
fn a_changed_folder_reaches_open_streams_and_a_broken_one_is_told() {
    let policies = folder(&[("a.sapl", PERMIT)]);
    let mut serving = Serving::start(policies.path(), &["--keep-alive", "1"]);
    let mut errors = BufReader::new(serving.child.stderr.take().unwrap());
    let mut stream = serving.post("decide", "");
    until(&mut stream, "data:{\"decision\":\"PERMIT\"}");
    fs::write(policies.path().join("a.sapl"), "policy \"a\" deny").unwrap();
    until(&mut stream, "data:{\"decision\":\"DENY\"}");
    until(&mut errors, "the changed policies are in force");
    fs::write(policies.path().join("a.sapl"), "policy \"a\" allow").unwrap();
    // It may have been seen half written before.
    until(&mut errors, " --> a.sapl:1:12");
    until(&mut errors, "the policies before stay in force");
    fs::write(policies.path().join("a.sapl"), "policy \"a\" suspend").unwrap();
    let events = until(&mut stream, "data:{\"decision\":\"SUSPEND\"}");
    assert_eq!(events.matches("data:").count(), 1, "{events}");
}

#[cfg(unix)]
#[test]
fn serve_announces_its_stop_on_streams() {
    for signal in ["TERM", "INT"] {
        let policies = folder(&[("a.sapl", PERMIT)]);
        let mut serving = Serving::start(policies.path(), &[]);
        let mut stream = serving.post("decide", "");
        until(&mut stream, "data:{\"decision\":\"PERMIT\"}");
        serving.signal(signal);
        let mut rest = String::new();
        stream.read_to_string(&mut rest).unwrap();
        assert!(
            rest.ends_with("event: shutdown\ndata: SAPL Node stopping\n\n\r\n0\r\n\r\n"),
            "{rest:?}"
        );
        assert_eq!(serving.child.wait().unwrap().code(), Some(0));
        let mut output = String::new();
        serving.output.read_to_string(&mut output).unwrap();
        assert_eq!(output, "");
    }
}
