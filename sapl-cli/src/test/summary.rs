//! What came of the tests, for a terminal.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::coverage::Coverage;
use super::run::TestResult;
use crate::explain::shortened;

pub(super) fn write(results: &[TestResult], coverage: &Coverage, output: &mut dyn Write) -> io::Result<()> {
    for result in results.iter().filter(|result| result.is_failed()) {
        writeln!(output, "FAILED {}: {}", result.file, result.name)?;
        for line in &result.differences {
            writeln!(output, "  {line}")?;
        }
        for vote in &result.votes {
            writeln!(output, "  voted {vote}")?;
        }
        writeln!(output)?;
    }
    let mut files: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for result in results {
        let (passed, failed) = files.entry(&result.file).or_default();
        *(if result.is_failed() { failed } else { passed }) += 1;
    }
    for (file, (passed, failed)) in files {
        match failed {
            0 => writeln!(output, "{file}: {passed} passed")?,
            failed => writeln!(output, "{file}: {passed} passed, {failed} failed")?,
        }
    }
    let (policies, conditions) = (coverage.policies.len(), coverage.conditions.len());
    let (applied, covered) = (coverage.applied(), coverage.covered());
    writeln!(output, "policies that applied: {applied} of {policies}")?;
    for ((file, place), policy) in &coverage.policies {
        if policy.applied == 0 {
            writeln!(
                output,
                "  {file}:{}: \"{}\" never applied",
                place.line, policy.name
            )?;
        }
    }
    writeln!(
        output,
        "conditions that were true and false: {covered} of {conditions}"
    )?;
    for ((file, place), condition) in &coverage.conditions {
        if let Some(missing) = condition.missing() {
            let text = shortened(&condition.text);
            writeln!(output, "  {file}:{}: {text} was {missing}", place.line)?;
        }
    }
    Ok(())
}
