//! The syntax tree of a document.
//!
//! The tree is as deep as the parser's nesting limit allows and no deeper: chains (`a || b || c`, `a + b - c`,
//! `a.b.c`) are lists, so walking and dropping a tree by recursion is safe. Parentheses and comments are kept,
//! so the text can be written anew.

use super::{CombiningAlgorithm, DefaultDecision, ErrorHandling, Span, VotingMode};

pub use expression::{
    ArithmeticOperator, ArithmeticTerm, Attribute, Call, ComparisonOperator, Expression, ExpressionKind,
    Filter, FilterCall, FilterStatement, FunctionName, Key, LogicalOperator, Member, Step, StepKind,
    UnaryOperator,
};

mod expression;

/// A whole document: one policy or one set of policies.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The imports, in the order written.
    pub imports: Vec<Import>,
    /// The schema statements before the policy or set.
    pub schemas: Vec<SchemaStatement>,
    /// What the document is about.
    pub element: PolicyElement,
    /// All comments, in the order written.
    pub comments: Vec<Comment>,
}

impl Document {
    /// The name of the policy or set, by which documents of a configuration are told apart.
    #[must_use]
    pub fn name(&self) -> &Text {
        match &self.element {
            PolicyElement::Policy(policy) => &policy.name,
            PolicyElement::Set(set) => &set.name,
        }
    }
}

/// A comment with its delimiters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From the first delimiter to the last, or to the end of the line.
    pub span: Span,
    /// Whether it is `/* … */`; else it is `// …`.
    pub block: bool,
}

/// A name as written, without its backticks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier {
    /// The name, with its backticks if it has any.
    pub span: Span,
    /// The name without backticks.
    pub name: Box<str>,
    /// Whether it was written in backticks.
    pub escaped: bool,
}

/// A text literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The literal with its quotes.
    pub span: Span,
    /// What it stands for, escapes resolved.
    pub value: Box<str>,
}

/// `import library.function as alias`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The whole statement.
    pub span: Span,
    /// The segments before the last.
    pub library: Vec<Identifier>,
    /// The last segment.
    pub function: Identifier,
    /// The short name, when it is not that of the function.
    pub alias: Option<Identifier>,
}

impl Import {
    /// The name by which the document calls the function.
    #[must_use]
    pub fn short_name(&self) -> &Identifier {
        self.alias.as_ref().unwrap_or(&self.function)
    }
}

/// `subject enforced schema …`
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaStatement {
    /// The whole statement.
    pub span: Span,
    /// Which part of the subscription it is about.
    pub element: SubscriptionElement,
    /// Whether the schema is checked when deciding.
    pub enforced: bool,
    /// The schema; the parser refuses attributes in it.
    pub schema: Expression,
}

/// A part of the subscription that has a name in policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubscriptionElement {
    /// `subject`
    Subject,
    /// `action`
    Action,
    /// `resource`
    Resource,
    /// `environment`
    Environment,
}

/// The one policy or set of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum PolicyElement {
    /// `policy "…" …`
    Policy(Policy),
    /// `set "…" …`
    Set(PolicySet),
}

/// `set "name" algorithm for target var …; policy …`
#[derive(Clone, Debug, PartialEq)]
pub struct PolicySet {
    /// The whole set.
    pub span: Span,
    /// Its name.
    pub name: Text,
    /// How the votes of its policies are combined.
    pub algorithm: SetAlgorithm,
    /// Where it applies; everywhere without.
    pub target: Option<Expression>,
    /// The variables of all its policies; their names are unique.
    pub variables: Vec<VariableDefinition>,
    /// Its policies, at least one, with unique names.
    pub policies: Vec<Policy>,
}

/// The algorithm of a set, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetAlgorithm {
    /// The whole phrase.
    pub span: Span,
    /// How votes meet.
    pub mode: VotingMode,
    /// What decides when no policy applies.
    pub default: DefaultDecision,
    /// What follows `errors`, if that is written.
    pub errors: Option<ErrorHandling>,
}

impl SetAlgorithm {
    /// The algorithm with what is not written filled in.
    #[must_use]
    pub fn combining(&self) -> CombiningAlgorithm {
        CombiningAlgorithm {
            mode: self.mode,
            default: self.default,
            errors: self.errors.unwrap_or_default(),
        }
    }
}

/// `policy "name" effect body obligation … advice … transform …`
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The whole policy.
    pub span: Span,
    /// Its name.
    pub name: Text,
    /// The decision when its body holds.
    pub effect: Effect,
    /// Variables and conditions, in the order written; empty when it always applies.
    pub body: Vec<Statement>,
    /// What must be done with the decision.
    pub obligations: Vec<Expression>,
    /// What should be done with the decision.
    pub advice: Vec<Expression>,
    /// What replaces the resource.
    pub transform: Option<Expression>,
}

/// The decision of a policy that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// `permit`
    Permit,
    /// `deny`
    Deny,
    /// `suspend`
    Suspend,
}

/// One statement of a body.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// `var name = …;`
    Variable(VariableDefinition),
    /// `…;`
    Condition(Expression),
}

/// `var name = value schema …, …`
#[derive(Clone, Debug, PartialEq)]
pub struct VariableDefinition {
    /// The definition without its semicolon.
    pub span: Span,
    /// The name, unique in its scope and those around it.
    pub name: Identifier,
    /// What it stands for.
    pub value: Expression,
    /// Schemas for editors; never checked. The parser refuses attributes in them.
    pub schemas: Vec<Expression>,
}
