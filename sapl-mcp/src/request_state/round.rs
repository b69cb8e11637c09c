//! What travels from one round of a call to the next.

use super::StateError;

/// The state of a component that has asked for input, and which round comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Round {
    /// Which round the state is for, from 2.
    pub(crate) number: u32,
    /// The component's own state.
    pub(crate) state: String,
}

impl Round {
    /// The payload of a sealed state.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut payload = self.number.to_be_bytes().to_vec();
        payload.extend_from_slice(self.state.as_bytes());
        payload
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// [`StateError::Malformed`], though nothing else is ever sealed for this purpose.
    pub(crate) fn read(payload: &[u8]) -> Result<Self, StateError> {
        let (number, state) = payload.split_first_chunk().ok_or(StateError::Malformed)?;
        let state = str::from_utf8(state).map_err(|_| StateError::Malformed)?;
        Ok(Self {
            number: u32::from_be_bytes(*number),
            state: state.to_owned(),
        })
    }
}
