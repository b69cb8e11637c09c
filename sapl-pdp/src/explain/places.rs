//! From offsets to lines and columns.

use super::Place;
use crate::syntax::Span;

/// Where the lines of a text begin.
#[derive(Debug)]
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let behind = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(
            std::iter::once(0)
                .chain(behind.map(|(offset, _)| offset + 1))
                .collect(),
        )
    }

    pub(super) fn place(&self, span: Span, text: &str) -> Place {
        let (line, column) = self.position(span.start as usize, text);
        let (end_line, end_column) = self.position(span.end as usize, text);
        Place {
            line,
            column,
            end_line,
            end_column,
        }
    }

    fn position(&self, offset: usize, text: &str) -> (u32, u32) {
        let line = self.0.partition_point(|&start| start <= offset);
        let start = line
            .checked_sub(1)
            .and_then(|line| self.0.get(line))
            .copied()
            .unwrap_or(0);
        let before = text.get(start..offset).unwrap_or_default();
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        (number(line), number(before.chars().count() + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one() {
        let text = "aä\nb";
        let place = Lines::of(text).place(Span::new(3, 5), text);
        assert_eq!(
            (place.line, place.column, place.end_line, place.end_column),
            (1, 3, 2, 2)
        );
    }
}
