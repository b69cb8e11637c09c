//! How the parser goes on behind a problem.

use super::{Diagnostic, Keyword, MAX_PROBLEMS, Parsed, Parser, TokenKind};

/// What the parser was in when something began that may be wrong.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    nesting: u32,
    depth: u32,
    height: u32,
}

impl Parser<'_> {
    pub(super) fn before_statement(&self) -> Mark {
        Mark {
            nesting: self.nesting,
            depth: self.depth,
            height: self.height,
        }
    }

    /// Notes the problem of a statement, if it has one, and goes behind its semicolon or to the next keyword.
    pub(super) fn statement(&mut self, mark: Mark, parsed: Parsed<()>) -> Parsed<()> {
        let Err(problem) = parsed else {
            return Ok(());
        };
        self.note(problem)?;
        self.restore(mark);
        loop {
            match self.peek().kind {
                TokenKind::Semicolon => {
                    self.advance();
                    return Ok(());
                }
                TokenKind::End
                | TokenKind::Keyword(
                    Keyword::Policy
                    | Keyword::Var
                    | Keyword::Obligation
                    | Keyword::Advice
                    | Keyword::Transform,
                ) => return Ok(()),
                _ => {
                    self.advance();
                }
            }
        }
    }

    /// Notes the problem of a policy and goes to the next one, if there is one.
    pub(super) fn skip_policy(&mut self, mark: Mark, problem: Box<Diagnostic>) -> Parsed<()> {
        self.note(problem)?;
        self.restore(mark);
        while !matches!(
            self.peek().kind,
            TokenKind::End | TokenKind::Keyword(Keyword::Policy)
        ) {
            self.advance();
        }
        Ok(())
    }

    /// Notes a problem behind which nothing has to be skipped.
    ///
    /// # Errors
    ///
    /// The problem, when it is the last that is told.
    pub(super) fn note(&mut self, problem: Box<Diagnostic>) -> Parsed<()> {
        match &mut self.problems {
            Some(problems) if problems.len() + 1 < MAX_PROBLEMS => {
                problems.push(*problem);
                Ok(())
            }
            _ => Err(problem),
        }
    }

    fn restore(&mut self, mark: Mark) {
        self.nesting = mark.nesting;
        self.depth = mark.depth;
        self.height = mark.height;
        self.in_schema = false;
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::{MAX_PROBLEMS, parse, parse_all};

    #[track_caller]
    fn found(source: &str) -> Vec<(u32, u32)> {
        let problems = parse_all(source).map(drop).unwrap_err();
        let first = parse(source).map(drop).unwrap_err();
        assert_eq!(problems.first(), Some(&first));
        problems
            .iter()
            .map(|problem| (problem.line(), problem.column()))
            .collect()
    }

    #[test]
    fn each_statement_is_read_though_others_are_wrong() {
        assert_eq!(
            found(
                "set \"s\" first or deny\nvar a = ;\nvar b = 1;\nvar b = 2;\npolicy \"p\" permit\n(1;\n2 2;\nobligation [\ntransform )\npolicy \"p\" allow\n1 +;\npolicy \"q\" deny x(;"
            ),
            [
                (2, 9),
                (4, 1),
                (6, 3),
                (7, 3),
                (9, 1),
                (9, 11),
                (10, 12),
                (12, 17)
            ]
        );
    }

    #[test]
    fn names_that_are_there_twice_are_told_with_everything_else() {
        assert_eq!(
            found(
                "import a.b\nimport a.b\nset \"s\" first or deny policy \"p\" permit 1 +;\npolicy \"p\" deny"
            ),
            [(2, 1), (3, 44), (4, 8)]
        );
    }

    #[test]
    fn problems_end_at_their_limit() {
        let document = |problems: usize| format!("policy \"p\" permit {}", "1 +; ".repeat(problems));
        assert_eq!(found(&document(MAX_PROBLEMS)).len(), MAX_PROBLEMS);
        assert_eq!(found(&document(MAX_PROBLEMS + 1)).len(), MAX_PROBLEMS);
    }

    #[test]
    fn what_is_behind_the_document_is_wrong_too() {
        assert_eq!(
            found("policy \"p\" permit 1 +; obligation {} x"),
            [(1, 22), (1, 38)]
        );
        assert_eq!(found(""), [(1, 1)]);
        assert_eq!(found("set"), [(1, 4)]);
    }
}
