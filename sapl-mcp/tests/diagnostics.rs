//! What the compiler says about annotations that are wrong: one file a mistake in `tests/diagnostics/`.
//!
//! The compiler's words change from release to release, so they are compared with the release that they were written
//! with. With any other it is only tested that each file is refused. To write them anew:
//! `TRYBUILD=overwrite cargo test -p sapl-mcp --test diagnostics`.

use std::{env, fs, io, path::Path, process::Command};

/// The release of the compiler that the `.stderr` files were written with.
const WRITTEN_WITH: &str = "1.95.0";

/// Set for the run that only tests that the files are refused: where copies of them are.
const COPIES: &str = "SAPL_MCP_DIAGNOSTICS";

#[test]
fn every_mistake_is_told_at_its_place() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    if let Some(copies) = env::var_os(COPIES) {
        trybuild::TestCases::new().compile_fail(Path::new(&copies).join("*.rs"));
    } else if compiler_release().as_deref() == Some(WRITTEN_WITH) {
        trybuild::TestCases::new().compile_fail(cases.join("*.rs"));
    } else {
        assert!(
            refused_as_copies(&cases).expect("the cases are copied"),
            "a file is not refused"
        );
    }
}

/// Runs this test again on copies of the cases, where what the compiler says may be written down.
fn refused_as_copies(cases: &Path) -> io::Result<bool> {
    let copies = Path::new(env!("CARGO_TARGET_TMPDIR")).join("diagnostics");
    if copies.exists() {
        fs::remove_dir_all(&copies)?;
    }
    fs::create_dir_all(&copies)?;
    for case in fs::read_dir(cases)? {
        let case = case?;
        if case.path().extension().is_some_and(|extension| extension == "rs") {
            fs::copy(case.path(), copies.join(case.file_name()))?;
        }
    }
    let status = Command::new(env::current_exe()?)
        .args(["--exact", "every_mistake_is_told_at_its_place"])
        .env(COPIES, &copies)
        .env("TRYBUILD", "overwrite")
        .status()?;
    Ok(status.success())
}

/// `1.95.0` of `rustc 1.95.0 (…)`.
fn compiler_release() -> Option<String> {
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(compiler).arg("--version").output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    version.split_whitespace().nth(1).map(str::to_owned)
}
