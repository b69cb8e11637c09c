//! Colours, where there are any.

use std::io::IsTerminal;

/// Whether and how text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Palette {
    /// Not at all.
    Plain,
    /// With ANSI escape sequences.
    Ansi,
}

/// What a colour says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Colour {
    Heading,
    Untouched,
    Changed,
    Denied,
    Hidden,
    Wrong,
}

impl Palette {
    /// The palette for `stream`: colours on a terminal, unless the environment has `NO_COLOR`
    /// (<https://no-color.org>).
    pub fn of(stream: &impl IsTerminal, no_color: bool) -> Self {
        if stream.is_terminal() && !no_color {
            Self::Ansi
        } else {
            Self::Plain
        }
    }

    /// The text in its colour.
    pub(super) fn paint(self, text: &str, colour: Colour) -> String {
        let code = match (self, colour) {
            (Self::Plain, _) => return text.to_owned(),
            (Self::Ansi, Colour::Heading) => "1",
            (Self::Ansi, Colour::Untouched) => "32",
            (Self::Ansi, Colour::Changed) => "33",
            (Self::Ansi, Colour::Denied) => "31",
            (Self::Ansi, Colour::Hidden) => "35",
            (Self::Ansi, Colour::Wrong) => "1;7;31",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// A heading.
    pub(crate) fn heading(self, text: &str) -> String {
        self.paint(text, Colour::Heading)
    }

    /// A verdict: that all is well, or not.
    pub(crate) fn verdict(self, text: &str, good: bool) -> String {
        self.paint(text, if good { Colour::Untouched } else { Colour::Wrong })
    }
}
