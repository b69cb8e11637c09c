//! What the program is asked to do.

use crate::generate::Kind;

/// The command line.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) ask: Option<String>,
    pub(crate) streams: bool,
    pub(crate) cases: usize,
    pub(crate) seed: u64,
    pub(crate) kind: Kind,
}

impl Arguments {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self {
            ask: None,
            streams: false,
            cases: 10_000,
            seed: 1,
            kind: Kind::All,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
            match word.as_str() {
                "--ask" => arguments.ask = Some(value()?),
                "--streams" => arguments.streams = true,
                "--cases" => arguments.cases = number(&value()?)?,
                "--seed" => arguments.seed = number(&value()?)?,
                "--kind" => {
                    let name = value()?;
                    arguments.kind =
                        Kind::named(&name).ok_or_else(|| format!("`{name}` is no kind of question"))?;
                }
                _ => return Err(format!("`{word}` is no option")),
            }
        }
        Ok(arguments)
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is no number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_are_read() {
        let arguments = parse("--ask x --streams --cases 5 --seed 9 --kind documents").unwrap();
        assert_eq!(arguments.ask.as_deref(), Some("x"));
        assert!(arguments.streams);
        assert_eq!(
            (arguments.cases, arguments.seed, arguments.kind),
            (5, 9, Kind::Documents)
        );
    }

    #[test]
    fn what_is_no_option_is_refused() {
        for line in ["--cases", "--cases x", "--kind nothing", "x"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
