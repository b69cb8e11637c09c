//! Tokens of a document.

use super::Span;

/// A token and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

/// What a token is. White space and comments are no tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TokenKind {
    /// A reserved or soft word.
    Keyword(Keyword),
    /// A name that is no keyword.
    Word,
    /// A name in backticks.
    Escaped,
    Number,
    Text,
    Filter,
    Subtemplate,
    LazyOr,
    LazyAnd,
    EagerOr,
    Xor,
    EagerAnd,
    Equal,
    NotEqual,
    Matches,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Plus,
    Minus,
    Star,
    Slash,
    Percent,
    Not,
    At,
    Hash,
    Dot,
    DotDot,
    Comma,
    Colon,
    Semicolon,
    Assign,
    OpenParenthesis,
    CloseParenthesis,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    PipeLess,
    Question,
    /// Text that is no token; the parser reports it where it meets it.
    Invalid(Invalid),
    /// Behind the last character.
    End,
}

/// Why a piece of text is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Invalid {
    Character,
    UnterminatedText,
    Escape,
    Surrogate,
    EscapedName,
    UnterminatedComment,
}

macro_rules! keywords {
    ($($name:ident $text:literal),* $(,)?) => {
        /// A word with a meaning of its own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(crate) enum Keyword { $($name),* }

        impl Keyword {
            /// The keyword that `word` spells.
            pub(crate) fn spelled(word: &str) -> Option<Self> {
                match word {
                    $($text => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// How the keyword is written.
            pub(crate) const fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

keywords! {
    Import "import", As "as", Set "set", Policy "policy", Permit "permit", Deny "deny", Suspend "suspend",
    Var "var", Schema "schema", Enforced "enforced", Obligation "obligation", Advice "advice",
    Transform "transform", True "true", False "false", Null "null", Undefined "undefined", In "in", Has "has",
    Any "any", All "all", Each "each", For "for", Subject "subject", Action "action", Resource "resource",
    Environment "environment", Or "or", Errors "errors", Abstain "abstain", Propagate "propagate", First "first",
    Priority "priority", Strict "strict", Unanimous "unanimous", Unique "unique",
}

impl Keyword {
    /// Whether the word may be used as a name without backticks.
    pub(crate) const fn is_name(self) -> bool {
        self.is_declarable()
            || matches!(
                self,
                Self::Subject | Self::Action | Self::Resource | Self::Environment
            )
    }

    /// Whether `var` may declare the word without backticks.
    pub(crate) const fn is_declarable(self) -> bool {
        matches!(
            self,
            Self::Or
                | Self::Errors
                | Self::Abstain
                | Self::Propagate
                | Self::First
                | Self::Priority
                | Self::Strict
                | Self::Unanimous
                | Self::Unique
        )
    }
}

impl TokenKind {
    /// How the token is named in messages, for kinds with one spelling.
    pub(crate) const fn text(self) -> Option<&'static str> {
        Some(match self {
            Self::Keyword(keyword) => keyword.text(),
            Self::Filter => "|-",
            Self::Subtemplate => "::",
            Self::LazyOr => "||",
            Self::LazyAnd => "&&",
            Self::EagerOr => "|",
            Self::Xor => "^",
            Self::EagerAnd => "&",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Matches => "=~",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Star => "*",
            Self::Slash => "/",
            Self::Percent => "%",
            Self::Not => "!",
            Self::At => "@",
            Self::Hash => "#",
            Self::Dot => ".",
            Self::DotDot => "..",
            Self::Comma => ",",
            Self::Colon => ":",
            Self::Semicolon => ";",
            Self::Assign => "=",
            Self::OpenParenthesis => "(",
            Self::CloseParenthesis => ")",
            Self::OpenBracket => "[",
            Self::CloseBracket => "]",
            Self::OpenBrace => "{",
            Self::CloseBrace => "}",
            Self::PipeLess => "|<",
            Self::Question => "?",
            Self::Word | Self::Escaped | Self::Number | Self::Text | Self::Invalid(_) | Self::End => {
                return None;
            }
        })
    }
}
