//! `sapl fmt`.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use sapl_pdp::syntax::{MAX_DOCUMENT_BYTES, format};

use crate::failure::{Failure, counted};
use crate::text::read_text;

/// What `sapl fmt` is given.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Only white space changes, so policies mean what they meant. Files that don't parse stay as they \
    are, and the command ends with 1."
)]
pub struct FmtArguments {
    /// Changes nothing; names the files that are laid out otherwise, and ends with 1 when there is any
    #[arg(long)]
    check: bool,
    /// Files, folders whose `*.sapl` are meant, or `-`: from standard input to standard output
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
}

/// So many names are tried for a new file.
const MAX_NAMES: u32 = 16;

/// Formats the files that are named, or standard input.
pub(crate) fn run(
    arguments: &FmtArguments,
    input: &mut dyn Read,
    output: &mut dyn Write,
    errors: &mut dyn Write,
) -> Result<(), Failure> {
    let mut tally = Tally::default();
    for path in &arguments.paths {
        if path.as_os_str() == "-" {
            standard_input(arguments.check, input, output, &mut tally)?;
            continue;
        }
        for file in files(path)? {
            if let Err(failure) = format_file(&file, arguments.check, output, &mut tally) {
                writeln!(errors, "{failure}\n").map_err(Failure::new)?;
                tally.refused += 1;
            }
        }
    }
    if tally.refused > 0 {
        return Err(Failure::new(format_args!(
            "{} can't be formatted",
            counted(tally.refused, "file")
        )));
    }
    match tally.other {
        0 => Ok(()),
        other => Err(Failure::new(format_args!(
            "{} not in the canonical layout",
            counted(other, "file")
        ))),
    }
}

#[derive(Default)]
struct Tally {
    /// Files that can't be read, parsed or written.
    refused: usize,
    /// Files that were only looked at, and are laid out otherwise.
    other: usize,
}

fn standard_input(
    check: bool,
    input: &mut dyn Read,
    output: &mut dyn Write,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let text = read_text(input, MAX_DOCUMENT_BYTES as u64, "standard input")?;
    let formatted = format(&text).map_err(|problem| Failure::new(problem.in_file("<standard input>")))?;
    if !check {
        return output.write_all(formatted.as_bytes()).map_err(Failure::new);
    }
    if formatted != text {
        tally.other += 1;
        writeln!(output, "<standard input>").map_err(Failure::new)?;
    }
    Ok(())
}

fn format_file(path: &Path, check: bool, output: &mut dyn Write, tally: &mut Tally) -> Result<(), Failure> {
    let shown = path.display();
    let mut file = File::open(path).map_err(|error| Failure::new(format_args!("`{shown}`: {error}")))?;
    let text = read_text(&mut file, MAX_DOCUMENT_BYTES as u64, &format!("`{shown}`"))?;
    let formatted = format(&text).map_err(|problem| Failure::new(problem.in_file(shown.to_string())))?;
    if formatted == text {
        return Ok(());
    }
    if check {
        tally.other += 1;
        return writeln!(output, "{shown}").map_err(Failure::new);
    }
    replace(path, &formatted).map_err(|error| Failure::new(format_args!("`{shown}`: {error}")))
}

/// Puts a new text in the place of a file at once: who reads the folder meanwhile sees the one or the other.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // The file behind a link is replaced, not the link.
    let path = fs::canonicalize(path)?;
    let permissions = fs::metadata(&path)?.permissions();
    let (new, mut file) = beside(&path)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.set_permissions(permissions))
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&new, &path));
    if written.is_err() {
        // What went wrong is told; that it could not be tidied up would hide it.
        let _: io::Result<()> = fs::remove_file(&new);
    }
    written
}

/// A new file in the folder of another. Nothing that is there already is opened, so that no link leads the text elsewhere,
/// and nobody else can read the file before it has its permissions.
fn beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut taken = io::Error::from(io::ErrorKind::AlreadyExists);
    for attempt in 0..MAX_NAMES {
        let new = path.with_file_name(new_name(path, attempt));
        match options.open(&new) {
            Ok(file) => return Ok((new, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = error,
            Err(error) => return Err(error),
        }
    }
    Err(taken)
}

/// The name of a file beside another; it is none of a document.
fn new_name(path: &Path, attempt: u32) -> OsString {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}-{attempt}.tmp", std::process::id()));
    name
}

/// The file itself, or the documents of a folder in the order of their names.
fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let unreadable = |error| Failure::new(format_args!("`{}`: {error}", path.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_document = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().ends_with(b".sapl"));
        if is_document && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn what_stands_where_the_new_file_would_be_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let [file, victim] = ["a.sapl", "victim"].map(|name| folder.path().join(name));
        fs::write(&file, "old").unwrap();
        fs::write(&victim, "precious").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o440)).unwrap();
        for attempt in 0..MAX_NAMES - 1 {
            symlink(&victim, folder.path().join(new_name(&file, attempt))).unwrap();
        }
        replace(&file, "new").unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o440);

        symlink(&victim, folder.path().join(new_name(&file, MAX_NAMES - 1))).unwrap();
        let refused = replace(&file, "newer").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
    }
}
