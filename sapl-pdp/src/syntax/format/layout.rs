//! From pieces of text and places to break lines to text.
//!
//! A group is written on one line if it fits, with what follows it up to the next place to break; else each break of its
//! own becomes a new line, and the groups within it are looked at in turn.

use std::borrow::Cow;

/// How wide lines should be at most, in characters.
pub const MAX_WIDTH: usize = 120;

/// How far a level is indented, in columns.
pub const INDENT: usize = 2;

/// How far lines are indented at most, in columns: deeper levels stand below each other.
pub const MAX_INDENT: usize = 40;

/// A piece of a document.
#[derive(Clone, Debug)]
pub(super) enum Piece<'s> {
    /// Text as it is.
    Text(Cow<'s, str>),
    /// Text before which no space is needed behind a comment.
    Clinging(Cow<'s, str>),
    /// A space.
    Space,
    /// A space if something other than a clinging text follows.
    SoftSpace,
    /// A space, or a new line if the group is broken.
    Line,
    /// Nothing, or a new line if the group is broken.
    SoftLine,
    /// A new line; the groups around are broken.
    Newline,
    /// A new line with an empty line before it; the groups around are broken.
    Blank,
    /// The beginning of a group.
    Open,
    /// The end of a group.
    Close,
    /// New lines are indented by a further level.
    Indent,
    /// The end of that.
    Dedent,
}

/// What is to be written before the next text; the strongest wish wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Soft,
    Space,
    Newline,
    Blank,
}

/// What is known of a group before it is written.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    /// How many characters it has on one line, with what follows up to the next place to break.
    width: usize,
    must_break: bool,
}

pub(super) fn render(pieces: &[Piece<'_>]) -> String {
    let groups = measured(pieces);
    let mut groups = groups.into_iter();
    let mut output = Output::default();
    let mut broken = vec![true];
    for piece in pieces {
        let is_broken = broken.last().copied().unwrap_or(true);
        match piece {
            Piece::Text(text) => output.write(text, false),
            Piece::Clinging(text) => output.write(text, true),
            Piece::Space => output.wish(Gap::Space),
            Piece::SoftSpace => output.wish(Gap::Soft),
            Piece::Line if is_broken => output.wish(Gap::Newline),
            Piece::Line => output.wish(Gap::Space),
            Piece::SoftLine if is_broken => output.wish(Gap::Newline),
            Piece::SoftLine => {}
            Piece::Newline => output.wish(Gap::Newline),
            Piece::Blank => output.wish(Gap::Blank),
            Piece::Open => {
                let group = groups.next().unwrap_or_default();
                let fits = output.next_column() + group.width <= MAX_WIDTH;
                broken.push(is_broken && (group.must_break || !fits));
            }
            Piece::Close => {
                broken.pop();
            }
            Piece::Indent => output.indent += INDENT,
            Piece::Dedent => output.indent = output.indent.saturating_sub(INDENT),
        }
    }
    output.text.push('\n');
    output.text
}

/// All groups in the order of their beginnings.
fn measured(pieces: &[Piece<'_>]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut open: Vec<(usize, usize, usize)> = Vec::new();
    // Groups that are closed, but behind which no line can be broken yet.
    let mut trailed: Vec<(usize, usize)> = Vec::new();
    let (mut width, mut hard) = (0, 0);
    for piece in pieces {
        if matches!(
            piece,
            Piece::Line | Piece::SoftLine | Piece::Newline | Piece::Blank
        ) {
            finish(&mut groups, &mut trailed, width);
        }
        match piece {
            Piece::Text(text) | Piece::Clinging(text) => width += text.chars().count(),
            Piece::Space | Piece::SoftSpace | Piece::Line => width += 1,
            Piece::Newline | Piece::Blank => hard += 1,
            Piece::Open => {
                open.push((groups.len(), width, hard));
                groups.push(Group::default());
            }
            Piece::Close => {
                if let Some((index, start, hard_before)) = open.pop() {
                    if let Some(group) = groups.get_mut(index) {
                        group.must_break = hard > hard_before;
                    }
                    trailed.push((index, start));
                }
            }
            Piece::SoftLine | Piece::Indent | Piece::Dedent => {}
        }
    }
    finish(&mut groups, &mut trailed, width);
    groups
}

fn finish(groups: &mut [Group], trailed: &mut Vec<(usize, usize)>, width: usize) {
    for (index, start) in trailed.drain(..) {
        if let Some(group) = groups.get_mut(index) {
            group.width = width - start;
        }
    }
}

struct Output {
    text: String,
    column: usize,
    indent: usize,
    gap: Gap,
}

impl Default for Output {
    fn default() -> Self {
        Self {
            text: String::new(),
            column: 0,
            indent: 0,
            gap: Gap::None,
        }
    }
}

impl Output {
    fn wish(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn indentation(&self) -> usize {
        self.indent.min(MAX_INDENT)
    }

    /// Where the next text would stand.
    fn next_column(&self) -> usize {
        match self.gap {
            Gap::None => self.column,
            Gap::Soft | Gap::Space => self.column + 1,
            Gap::Newline | Gap::Blank => self.indentation(),
        }
    }

    fn write(&mut self, text: &str, clinging: bool) {
        let gap = std::mem::replace(&mut self.gap, Gap::None);
        if !self.text.is_empty() {
            match gap {
                Gap::None => {}
                Gap::Soft if clinging => {}
                Gap::Soft | Gap::Space => {
                    self.text.push(' ');
                    self.column += 1;
                }
                Gap::Newline => self.new_line("\n"),
                Gap::Blank => self.new_line("\n\n"),
            }
        }
        self.text.push_str(text);
        match text.rsplit_once('\n') {
            Some((_, last)) => self.column = last.chars().count(),
            None => self.column += text.chars().count(),
        }
    }

    fn new_line(&mut self, breaks: &str) {
        self.text.push_str(breaks);
        self.column = self.indentation();
        self.text.extend(std::iter::repeat_n(' ', self.column));
    }
}
