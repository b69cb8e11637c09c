//! Literals with variables between them, as something that matches.

/// What no variable contains. Each of them ends a segment.
const DELIMITERS: [char; 3] = ['/', '?', '#'];

/// A template as its segments. No variable reaches over a delimiter, so a URI matches when it has the same delimiters, and each
/// of its segments matches by itself.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    first: Segment,
    rest: Box<[(char, Segment)]>,
}

/// The literals of a segment. Between any two of them is a variable.
#[derive(Clone, Debug)]
struct Segment {
    head: String,
    tail: Vec<String>,
}

/// A place in a segment, for the search for a text that two segments match.
#[derive(Clone, Copy, PartialEq)]
enum Token {
    Exactly(char),
    Any,
    /// Any number of characters.
    Some,
}

impl Pattern {
    /// The pattern of literals with a variable between any two.
    pub(super) fn new(literals: &[String]) -> Self {
        let mut first = Segment {
            head: String::new(),
            tail: Vec::new(),
        };
        let mut rest: Vec<(char, Segment)> = Vec::new();
        for (index, literal) in literals.iter().enumerate() {
            if index > 0 {
                rest.last_mut()
                    .map_or(&mut first, |(_, segment)| segment)
                    .tail
                    .push(String::new());
            }
            for character in literal.chars() {
                if DELIMITERS.contains(&character) {
                    rest.push((
                        character,
                        Segment {
                            head: String::new(),
                            tail: Vec::new(),
                        },
                    ));
                } else {
                    rest.last_mut()
                        .map_or(&mut first, |(_, segment)| segment)
                        .last_literal()
                        .push(character);
                }
            }
        }
        Self {
            first,
            rest: rest.into_boxed_slice(),
        }
    }

    /// The values of the variables, as they stand in the URI.
    pub(super) fn matches<'u>(&self, uri: &'u str) -> Option<Vec<&'u str>> {
        let mut values = Vec::new();
        let (piece, mut remaining) = segment_of(uri);
        self.first.matches(piece, &mut values)?;
        for (delimiter, segment) in &self.rest {
            let (piece, rest) = segment_of(remaining.strip_prefix(*delimiter)?);
            segment.matches(piece, &mut values)?;
            remaining = rest;
        }
        remaining.is_empty().then_some(values)
    }

    /// Whether some text matches both.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.rest.len() == other.rest.len()
            && self.first.overlaps(&other.first)
            && self
                .rest
                .iter()
                .zip(&other.rest)
                .all(|((mine, my_segment), (theirs, their_segment))| {
                    mine == theirs && my_segment.overlaps(their_segment)
                })
    }
}

impl Segment {
    fn last_literal(&mut self) -> &mut String {
        self.tail.last_mut().unwrap_or(&mut self.head)
    }

    /// Adds the values of the variables. Each literal is taken as far to the right as it can stand, which makes each
    /// variable in front of it as long as it can be, and finds a match where there is one.
    fn matches<'u>(&self, piece: &'u str, values: &mut Vec<&'u str>) -> Option<()> {
        let Some((end, between)) = self.tail.split_last() else {
            return (piece == self.head).then_some(());
        };
        let mut piece = piece
            .strip_prefix(self.head.as_str())?
            .strip_suffix(end.as_str())?;
        let first = values.len();
        for literal in between.iter().rev() {
            // The variable behind the literal needs a character at least.
            let (last, _) = piece.char_indices().next_back()?;
            let at = piece.get(..last)?.rfind(literal.as_str())?;
            values.push(piece.get(at + literal.len()..)?);
            piece = piece.get(..at)?;
        }
        if piece.is_empty() {
            return None;
        }
        values.push(piece);
        if let Some(values) = values.get_mut(first..) {
            values.reverse();
        }
        Some(())
    }

    fn overlaps(&self, other: &Self) -> bool {
        if self.tail.is_empty() && other.tail.is_empty() {
            return self.head == other.head;
        }
        let (mine, theirs) = (self.tokens(), other.tokens());
        // Row by row: at which places of `theirs` the rest of it and the rest of `mine` have a text in common.
        let mut below = row_of(None, &[], &theirs);
        for token in mine.iter().rev() {
            below = row_of(Some(*token), &below, &theirs);
        }
        below.first().copied().unwrap_or(false)
    }

    fn tokens(&self) -> Vec<Token> {
        let mut tokens: Vec<Token> = self.head.chars().map(Token::Exactly).collect();
        for literal in &self.tail {
            tokens.extend([Token::Any, Token::Some]);
            tokens.extend(literal.chars().map(Token::Exactly));
        }
        tokens
    }
}

/// One row of the search: for each place of `theirs`, its end included, whether `mine` and all behind it overlap with
/// the rest. `below` is the row for what stands behind `mine`.
fn row_of(mine: Option<Token>, below: &[bool], theirs: &[Token]) -> Vec<bool> {
    let mut row = vec![false; theirs.len() + 1];
    let at = |row: &[bool], place: usize| row.get(place).copied().unwrap_or(false);
    for place in (0..=theirs.len()).rev() {
        let overlaps = match (mine, theirs.get(place).copied()) {
            (None, None) => true,
            (None, Some(token)) => token == Token::Some && at(&row, place + 1),
            (Some(token), None) => token == Token::Some && at(below, place),
            (Some(Token::Some), Some(Token::Some)) => at(below, place) || at(&row, place + 1),
            // A variable number of characters is none, or takes one more of the other.
            (Some(Token::Some), Some(_)) => at(below, place) || at(&row, place + 1),
            (Some(_), Some(Token::Some)) => at(&row, place + 1) || at(below, place),
            (Some(Token::Exactly(mine)), Some(Token::Exactly(theirs))) => {
                mine == theirs && at(below, place + 1)
            }
            (Some(_), Some(_)) => at(below, place + 1),
        };
        if let Some(cell) = row.get_mut(place) {
            *cell = overlaps;
        }
    }
    row
}

/// The text up to the next delimiter, and the rest.
fn segment_of(text: &str) -> (&str, &str) {
    text.split_at(text.find(DELIMITERS).unwrap_or(text.len()))
}
