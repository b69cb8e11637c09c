//! The code by which a person knows that a question is the layer's.

use rmcp::model::{ClientCapabilities, MetaObject};

use super::shows_forms;
use crate::{identity::Whose, request_state::RequestStates};

/// The key in `_meta` of the results of `initialize` and `server/discover` under which a host finds the code.
pub const APPROVAL_CODE_KEY: &str = "io.sapl/approvalCode";

/// The letters and digits that are not taken for one another when they are read aloud (Crockford's base 32).
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How many symbols a code has: 40 bits.
const LENGTH: usize = 8;

/// Behind how many symbols there is a hyphen.
const GROUP: usize = 4;

/// The code of a caller, the same in every process with the same key: that of the principal where there is one, else that of the
/// session. None where the system has no randomness.
pub(crate) fn code(states: &RequestStates, whose: &Whose<'_>, session: Option<&str>) -> Option<String> {
    let session = session.filter(|_| matches!(whose, Whose::Anonymous | Whose::Unknown));
    let whose = serde_json::to_vec(whose).ok()?;
    let tag = states.tag(&[b"code", &whose, session.unwrap_or_default().as_bytes()])?;
    let mut code = String::with_capacity(LENGTH + LENGTH / GROUP);
    for (at, byte) in tag.iter().take(LENGTH).enumerate() {
        if at > 0 && at % GROUP == 0 {
            code.push('-');
        }
        let symbol = SYMBOLS.get(usize::from(byte % 32))?;
        code.push(char::from(*symbol));
    }
    Some(code)
}

/// Tells a client that shows forms the code of its questions, where there is a principal to whom it belongs. A component never
/// sees the result that it is in.
pub(crate) fn publish(
    states: &RequestStates,
    whose: &Whose<'_>,
    capabilities: Option<&ClientCapabilities>,
    meta: &mut Option<MetaObject>,
) -> bool {
    if matches!(whose, Whose::Anonymous | Whose::Unknown) || !capabilities.is_some_and(shows_forms) {
        return false;
    }
    let Some(code) = code(states, whose, None) else {
        return false;
    };
    meta.get_or_insert_default()
        .insert(APPROVAL_CODE_KEY.to_owned(), code.into());
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_belongs_to_a_principal_or_else_to_a_session() {
        let states = RequestStates::with_key(&[1; 32]);
        let other_key = RequestStates::with_key(&[2; 32]);
        let mara = Whose::Token("mara");
        let of_mara = code(&states, &mara, Some("1")).unwrap();
        assert_eq!(of_mara, code(&states, &mara, None).unwrap());
        assert_ne!(of_mara, code(&other_key, &mara, None).unwrap());
        assert_ne!(of_mara, code(&states, &Whose::Token("sam"), None).unwrap());
        let nobodys = |session| code(&states, &Whose::Anonymous, session).unwrap();
        assert_eq!(nobodys(Some("1")), nobodys(Some("1")));
        assert_ne!(nobodys(Some("1")), nobodys(Some("2")));
        assert_ne!(nobodys(Some("1")), nobodys(None));
    }

    #[test]
    fn a_code_is_two_groups_of_symbols_that_can_be_told_apart() {
        let states = RequestStates::with_key(&[1; 32]);
        for user in ["mara", "felix", "sam"] {
            let code = code(&states, &Whose::Token(user), None).unwrap();
            let (one, two) = code.split_once('-').unwrap();
            assert!(one.len() == 4 && two.len() == 4, "{code}");
            assert!(!code.contains(['I', 'L', 'O', 'U']), "{code}");
        }
    }
}
