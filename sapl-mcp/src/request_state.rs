//! States that go out to a client and come back with its next request.
//!
//! Between the rounds of a call the client holds the state of it. A client can send any state, also one that it got by
//! way of somebody else, so each is sealed: it opens for the principal it was given to alone, for the component and the
//! purpose it was given for, until it expires, under the key of the layer.
//!
//! A sealed state is `sapl1.` and two texts in base64url: the body (when it expires, and the payload) and an HMAC-SHA-256 over
//! body and binding. The binding itself does not travel. A seal keeps a state from being changed, not from being read: the
//! payload of a component goes out as readable as the component made it.

mod round;

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

pub(crate) use round::Round;

use crate::{identity::Whose, subscription::SubscriptionContext};

/// The longest state that is sent or read, in bytes of its text.
pub const MAX_REQUEST_STATE_BYTES: usize = 64 * 1024;

/// How long a state may be used: 1 hour.
pub const REQUEST_STATE_AGE: Duration = Duration::from_secs(60 * 60);

/// The shortest key that states may be sealed with, in bytes.
pub const MIN_REQUEST_STATE_KEY_BYTES: usize = 32;

/// The version of the format. It is part of what is authenticated.
const VERSION: &str = "sapl1";

/// Seconds since 1970 in front of the payload.
const EXPIRY_BYTES: usize = 8;

type Seal = Hmac<Sha256>;

/// Seals states and opens them.
pub(crate) struct RequestStates {
    /// None where the system has no randomness: then nothing is sealed and nothing opens.
    seal: Option<Seal>,
}

/// What a state is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The next round of a call whose component asked for input.
    Round,
    /// The answer of the client's user to a question of the layer.
    Approval,
}

/// Whose a state is, and for what.
pub(crate) struct Binding<'a> {
    pub(crate) purpose: Purpose,
    pub(crate) whose: Whose<'a>,
    /// `tool`, `prompt` or `resource`.
    pub(crate) kind: &'static str,
    /// The name, or the URI as it was asked for.
    pub(crate) component: &'a str,
}

/// Why a state is no good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StateError {
    /// It is longer than states may be.
    TooLong,
    /// It has not the form of a sealed state.
    Malformed,
    /// The seal does not fit: to this caller, component and purpose, or at all.
    Forged,
    /// It may not be used any more.
    Expired,
    /// There is no key.
    NoKey,
}

impl RequestStates {
    /// Under this key, which other processes may have too.
    pub(crate) fn with_key(key: &[u8]) -> Self {
        Self {
            // Any length of a key will do for an HMAC.
            seal: Seal::new_from_slice(key).ok(),
        }
    }

    /// Under a key of this process.
    pub(crate) fn random() -> Self {
        let mut key = [0; MIN_REQUEST_STATE_KEY_BYTES];
        match getrandom::fill(&mut key) {
            Ok(()) => Self::with_key(&key),
            Err(_) => Self { seal: None },
        }
    }

    /// An HMAC-SHA-256 over these parts, the first of which says what it is for. None where there is no key.
    pub(crate) fn tag(&self, parts: &[&[u8]]) -> Option<[u8; 32]> {
        let seal = over(
            self.seal.as_ref()?.clone(),
            [VERSION.as_bytes()].into_iter().chain(parts.iter().copied()),
        );
        Some(seal.finalize().into_bytes().into())
    }

    /// A state with this payload, which may be used until [`REQUEST_STATE_AGE`] from now.
    ///
    /// # Errors
    /// [`StateError::TooLong`], and [`StateError::NoKey`].
    pub(crate) fn seal(
        &self,
        binding: &Binding<'_>,
        payload: &[u8],
        now: SystemTime,
    ) -> Result<String, StateError> {
        let seal = self.seal.as_ref().ok_or(StateError::NoKey)?;
        if payload.len() > MAX_REQUEST_STATE_BYTES {
            return Err(StateError::TooLong);
        }
        let mut body = Vec::with_capacity(EXPIRY_BYTES.saturating_add(payload.len()));
        let expires = seconds(now).saturating_add(REQUEST_STATE_AGE.as_secs());
        body.extend_from_slice(&expires.to_be_bytes());
        body.extend_from_slice(payload);
        let tag = binding.sealed(seal, &body).finalize().into_bytes();

        let mut state = String::with_capacity(MAX_REQUEST_STATE_BYTES.min(body.len().saturating_mul(2)));
        state.push_str(VERSION);
        state.push('.');
        URL_SAFE_NO_PAD.encode_string(&body, &mut state);
        state.push('.');
        URL_SAFE_NO_PAD.encode_string(tag, &mut state);
        match state.len() > MAX_REQUEST_STATE_BYTES {
            true => Err(StateError::TooLong),
            false => Ok(state),
        }
    }

    /// The payload of a state.
    ///
    /// # Errors
    /// When it is no good for this binding, or at this time.
    pub(crate) fn open(
        &self,
        binding: &Binding<'_>,
        state: &str,
        now: SystemTime,
    ) -> Result<Vec<u8>, StateError> {
        let seal = self.seal.as_ref().ok_or(StateError::NoKey)?;
        if state.len() > MAX_REQUEST_STATE_BYTES {
            return Err(StateError::TooLong);
        }
        let mut parts = state.split('.');
        let (Some(VERSION), Some(body), Some(tag), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(StateError::Malformed);
        };
        let decoded = |text| URL_SAFE_NO_PAD.decode(text).map_err(|_| StateError::Malformed);
        let (body, tag) = (decoded(body)?, decoded(tag)?);
        // In constant time.
        binding
            .sealed(seal, &body)
            .verify_slice(&tag)
            .map_err(|_| StateError::Forged)?;
        let (expires, payload) = body
            .split_first_chunk::<EXPIRY_BYTES>()
            .ok_or(StateError::Malformed)?;
        if u64::from_be_bytes(*expires) <= seconds(now) {
            return Err(StateError::Expired);
        }
        Ok(payload.to_vec())
    }
}

impl<'a> Binding<'a> {
    /// The caller and the component of an operation.
    pub(crate) fn of(context: &'a SubscriptionContext, purpose: Purpose) -> Self {
        use crate::ComponentKind::{Prompt, Resource, ResourceTemplate, Tool};
        let kind = match context.kind() {
            Tool => "tool",
            Prompt => "prompt",
            // What a URI is an instance of may change from round to round.
            Resource | ResourceTemplate => "resource",
        };
        Self {
            purpose,
            whose: context.whose(),
            kind,
            component: context.uri().unwrap_or_else(|| context.name()),
        }
    }

    /// The HMAC over the binding and `body`, each part with its length in front, so that no two can be taken for another.
    fn sealed(&self, seal: &Seal, body: &[u8]) -> Seal {
        let purpose = match self.purpose {
            Purpose::Round => "round",
            Purpose::Approval => "approval",
        };
        let whose = serde_json::to_vec(&self.whose).unwrap_or_default();
        let parts = [
            VERSION.as_bytes(),
            purpose.as_bytes(),
            &whose,
            self.kind.as_bytes(),
            self.component.as_bytes(),
            body,
        ];
        over(seal.clone(), parts)
    }
}

impl StateError {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "the request state is too long",
            Self::Malformed => "the request state is none of this layer",
            Self::Forged => {
                "the request state is forged, or was given to another caller, for another component, or under another \
                 key"
            }
            Self::Expired => "the request state has expired",
            Self::NoKey => "the system has no randomness, so no request state can be sealed",
        }
    }
}

/// The parts, each with its length in front.
fn over<'a>(mut seal: Seal, parts: impl IntoIterator<Item = &'a [u8]>) -> Seal {
    for part in parts {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        seal.update(&length.to_be_bytes());
        seal.update(part);
    }
    seal
}

/// Whole seconds since 1970.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Without the key.
impl fmt::Debug for RequestStates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestStates").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
