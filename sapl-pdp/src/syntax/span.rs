//! Places in a document.

use std::ops::Range;

/// A range of bytes in the text of a document. Documents end long before 4 GiB, so 32 bits suffice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` up to and without `end`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The smallest span that holds `self` and `other`.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The span as offsets for slicing the source.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The text of the span in `source`; empty when the span does not belong to `source`.
    #[must_use]
    pub fn text(self, source: &str) -> &str {
        source.get(self.range()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Span;

    #[test]
    fn joining_spans_covers_both_and_what_is_between() {
        assert_eq!(Span::new(4, 6).to(Span::new(1, 2)), Span::new(1, 6));
    }

    #[test]
    fn the_text_of_a_foreign_span_is_empty() {
        assert_eq!(Span::new(1, 3).text("äbc"), "");
        assert_eq!(Span::new(0, 2).text("äbc"), "ä");
        assert_eq!(Span::new(2, 90).text("äbc"), "");
    }
}
