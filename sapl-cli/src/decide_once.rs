//! `sapl decide-once`.

use std::io::{Read, Write};
use std::path::PathBuf;

use clap::Args;
use sapl_pdp::EmbeddedPdp;

use crate::failure::Failure;
use crate::subscription::{SubscriptionSource, block_on};

/// What `sapl decide-once` is given.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "The subscription is a JSON object with `subject`, `action` and `resource`, any values, and \
    optionally `environment` and `secrets`. Every decision, DENY included, ends with 0; scripts look at `decision`."
)]
pub struct DecideOnceArguments {
    /// The folder with the policies (`*.sapl`) and, if there is one, `pdp.json`
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    source: SubscriptionSource,
}

/// Prints the decision on the subscription that comes in.
pub(crate) fn run(
    arguments: &DecideOnceArguments,
    input: &mut dyn Read,
    output: &mut dyn Write,
) -> Result<(), Failure> {
    let pdp = EmbeddedPdp::from_dir(&arguments.folder).map_err(Failure::new)?;
    let subscription = arguments.source.read(input)?;
    let decision = block_on(async { pdp.decide_once_on(subscription).await })?;
    let decision = serde_json::to_string(&decision).map_err(Failure::new)?;
    writeln!(output, "{decision}").map_err(Failure::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscription::MAX_INPUT_BYTES;

    fn decide(policy: &str, input: &[u8]) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.sapl"), policy).unwrap();
        let folder = folder.path().to_owned();
        let mut output = Vec::new();
        let source = SubscriptionSource::default();
        run(&DecideOnceArguments { folder, source }, &mut &*input, &mut output)
            .map(|()| String::from_utf8(output).unwrap())
            .map_err(|failure| failure.to_string())
    }

    const ASKED: &[u8] = br#"{"subject": "mara", "action": "read", "resource": 1}"#;

    #[test]
    fn a_decision_is_one_line_of_json() {
        let policy = "policy \"a\" permit obligation {type: \"log\"}";
        assert_eq!(
            decide(policy, ASKED).as_deref(),
            Ok("{\"decision\":\"PERMIT\",\"obligations\":[{\"type\":\"log\"}]}\n")
        );
        assert_eq!(
            decide("policy \"a\" deny", ASKED).as_deref(),
            Ok("{\"decision\":\"DENY\"}\n")
        );
    }

    #[test]
    fn numbers_are_those_of_the_text() {
        let policy = "policy \"a\" permit resource == 123456789012345678901234567890;";
        let asked = |number: &str| format!(r#"{{"subject": 1, "action": 1, "resource": {number}}}"#);
        let decide = |number| decide(policy, asked(number).as_bytes()).unwrap();
        assert!(decide("123456789012345678901234567890").contains("PERMIT"));
        assert!(decide("123456789012345678901234567891").contains("DENY"));
    }

    #[test]
    fn bad_input_is_told_with_its_place_and_not_repeated() {
        let refused = decide(
            "policy \"a\" permit",
            b"{\n\"secrets\": {\"key\": \"hunter2\" x}}",
        )
        .unwrap_err();
        assert_eq!(
            refused,
            "error: standard input, line 2, column 30: expected `,`, found `x`"
        );
        assert!(decide("policy \"a\" permit", b"\xff").is_err());
        assert!(decide("policy \"a\" permit", b"").is_err());
        assert!(
            decide("policy \"a\" permit 1 +", ASKED)
                .unwrap_err()
                .contains("a.sapl:1:")
        );
    }

    #[test]
    fn input_ends_at_its_limit() {
        let mut asked = ASKED.to_vec();
        asked.resize(usize::try_from(MAX_INPUT_BYTES).unwrap(), b' ');
        assert!(decide("policy \"a\" permit", &asked).is_ok());
        asked.push(b' ');
        assert!(
            decide("policy \"a\" permit", &asked)
                .unwrap_err()
                .contains("larger than 1048576 bytes")
        );
    }
}
