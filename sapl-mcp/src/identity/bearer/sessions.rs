//! Sessions belong to the principal whose token opened them.
//!
//! A session id that is not the caller's own is replaced by one that the server can't know, so that the server answers in
//! its own words, after its own checks, as it answers any unknown session.

mod register;

use std::{sync::Arc, time::Instant};

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};

pub(super) use self::register::SessionRegister;
pub use self::register::{MAX_SESSION_ID_BYTES, MAX_SESSIONS, MAX_SESSIONS_PER_PRINCIPAL, SESSION_IDLE};
use crate::identity::Identity;

/// The header that names a session, in requests and in the response that opens one.
const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");

/// What a response to a request may do to the register.
#[derive(Debug)]
pub(super) enum Session {
    /// The request names none: the response may open one.
    None,
    /// The request names one, and the response changes nothing.
    Named,
    /// Its owner asks to end it: a success does.
    Ending(Box<str>),
}

impl Session {
    /// The session that a request of `caller` names. One that is not his is replaced in the request.
    pub(super) fn of<B>(request: &mut Request<B>, caller: &Identity, register: &SessionRegister) -> Self {
        if !request.headers().contains_key(SESSION_ID) {
            return Self::None;
        }
        match only_id(request.headers()) {
            Some(id) if register.use_by(id, caller, Instant::now()) => {
                if request.method() == Method::DELETE {
                    return Self::Ending(id.into());
                }
            }
            _ => {
                tracing::info!("a request names a session that its caller has not opened here");
                // All values go.
                request.headers_mut().insert(SESSION_ID, unknown_id());
            }
        }
        Self::Named
    }

    /// Takes note of what the server answered to `caller`.
    pub(super) fn answered<R>(
        self,
        response: &Response<R>,
        caller: &Arc<Identity>,
        register: &SessionRegister,
    ) {
        match self {
            Self::None if response.headers().contains_key(SESSION_ID) => {
                let opened =
                    only_id(response.headers()).is_some_and(|id| register.open(id, caller, Instant::now()));
                if !opened {
                    tracing::error!(
                        "the server opened a session that can't be used: its id is no good, or another's"
                    );
                }
            }
            Self::Ending(id) if response.status().is_success() => register.forget(&id),
            _ => {}
        }
    }
}

/// The value of the header, if there is one value and it is visible ASCII.
fn only_id(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(SESSION_ID).iter();
    let id = values.next()?;
    match values.next() {
        None => id.to_str().ok(),
        Some(_) => None,
    }
}

/// An id that no session has: a fresh random UUID of version 4 (RFC 9562 §5.4).
fn unknown_id() -> HeaderValue {
    let mut random = [0; 16];
    // A system without randomness leaves zeros, and no server hands those out.
    let _ = getrandom::fill(&mut random);
    let bits = u128::from_be_bytes(random) & !(0xf << 76) & !(0b11 << 62) | 0x4 << 76 | 0b10 << 62;
    let part = |shift: u32, digits: u32| (bits >> shift) & ((1 << (4 * digits)) - 1);
    let id = format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        part(96, 8),
        part(80, 4),
        part(64, 4),
        part(48, 4),
        part(0, 12)
    );
    HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("00000000-0000-4000-8000-000000000000"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(method: Method, ids: &[&[u8]]) -> Request<()> {
        let mut request = Request::new(());
        *request.method_mut() = method;
        for id in ids {
            let id = HeaderValue::from_bytes(id).unwrap();
            request.headers_mut().append(SESSION_ID, id);
        }
        request
    }

    fn answer(status: u16, id: Option<&str>) -> Response<()> {
        let mut response = Response::builder().status(status);
        if let Some(id) = id {
            response = response.header(SESSION_ID, id);
        }
        response.body(()).unwrap()
    }

    fn mara() -> Arc<Identity> {
        Arc::new(Identity::new("mara-token", json!({"sub": "mara"})))
    }

    #[test]
    fn an_unknown_id_looks_like_one_and_differs_each_time() {
        let ids: std::collections::HashSet<_> = (0..100).map(|_| unknown_id()).collect();
        assert_eq!(ids.len(), 100);
        for id in ids {
            let id = id.to_str().unwrap().to_owned();
            let lengths: Vec<_> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert_eq!(id.as_bytes()[14], b'4', "{id}");
            assert!(b"89ab".contains(&id.as_bytes()[19]), "{id}");
            assert!(
                id.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()),
                "{id}"
            );
        }
    }

    #[test]
    fn only_one_id_that_the_caller_opened_reaches_the_server() {
        let (register, mara) = (SessionRegister::default(), mara());
        Session::None.answered(&answer(200, Some("a")), &mara, &register);
        let mut own = request(Method::POST, &[b"a"]);
        assert!(matches!(Session::of(&mut own, &mara, &register), Session::Named));
        assert_eq!(own.headers()[SESSION_ID], "a");
        let cases: [&[&[u8]]; 6] = [
            &[b"b"],
            &[b"a", b"a"],
            &[b"a", b"b"],
            &[b""],
            &[b"a\xff"],
            &[b"\xff"],
        ];
        for ids in cases {
            for method in [Method::GET, Method::POST, Method::DELETE] {
                let mut request = request(method, ids);
                assert!(matches!(
                    Session::of(&mut request, &mara, &register),
                    Session::Named
                ));
                let sent: Vec<_> = request.headers().get_all(SESSION_ID).iter().collect();
                assert_eq!(sent.len(), 1, "{ids:?}");
                assert_eq!(sent[0].len(), 36, "{ids:?}");
            }
        }
    }

    #[test]
    fn only_a_successful_delete_ends_a_session() {
        let (register, mara) = (SessionRegister::default(), mara());
        Session::None.answered(&answer(200, Some("a")), &mara, &register);
        for (method, status, known) in [
            (Method::POST, 200, true),
            (Method::GET, 404, true),
            (Method::DELETE, 405, true),
            (Method::DELETE, 500, true),
            (Method::DELETE, 202, false),
        ] {
            let session = Session::of(&mut request(method.clone(), &[b"a"]), &mara, &register);
            session.answered(&answer(status, None), &mara, &register);
            assert_eq!(
                register.use_by("a", &mara, Instant::now()),
                known,
                "{method} {status}"
            );
        }
    }

    #[test]
    fn a_response_to_a_request_with_a_session_opens_none() {
        let (register, mara) = (SessionRegister::default(), mara());
        let session = Session::of(&mut request(Method::POST, &[b"x"]), &mara, &register);
        session.answered(&answer(200, Some("x")), &mara, &register);
        assert!(!register.use_by("x", &mara, Instant::now()));
    }
}
