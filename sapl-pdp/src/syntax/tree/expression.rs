//! Expressions: operators, literals, paths, filters.

use super::{Identifier, Span, Text};

/// An expression and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// The whole expression, with its parentheses if it is a group.
    pub span: Span,
    /// What it is.
    pub kind: ExpressionKind,
}

/// What an expression can be.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    /// `null`
    Null,
    /// `undefined`
    Undefined,
    /// `true`, `false`
    Boolean(bool),
    /// A number as written, without sign: at most 1000 characters, its decimal exponent within ±1000.
    Number(Box<str>),
    /// A text, escapes resolved.
    Text(Box<str>),
    /// `[…, …]`
    Array(Vec<Expression>),
    /// `{key: …, …}`
    Object(Vec<Member>),
    /// A variable or part of the subscription.
    Name(Identifier),
    /// `@`
    Relative,
    /// `#`
    Location,
    /// `library.function(…)`
    Call(Box<Call>),
    /// `<library.attribute>` or `|<library.attribute>` of the environment.
    Attribute(Box<Attribute>),
    /// `(…)`
    Group(Box<Expression>),
    /// A path: what it starts at and its steps, at least one.
    Path {
        /// What the path starts at.
        base: Box<Expression>,
        /// The steps, at least one.
        steps: Vec<Step>,
    },
    /// `!…`, `-…`, `+…`
    Unary {
        /// The prefix.
        operator: UnaryOperator,
        /// What it is applied to.
        operand: Box<Expression>,
    },
    /// A chain of one logical operator, at least two operands.
    Logical {
        /// The operator between all operands.
        operator: LogicalOperator,
        /// The operands, in the order written.
        operands: Vec<Expression>,
    },
    /// A chain of `+` and `-`, or of `*`, `/` and `%`, to be evaluated from the left.
    Arithmetic {
        /// The leftmost operand.
        first: Box<Expression>,
        /// The operators and operands behind it, at least one.
        rest: Vec<ArithmeticTerm>,
    },
    /// `==`, `<`, `in`, `has` and their kin.
    Comparison {
        /// The operator.
        operator: ComparisonOperator,
        /// Left of it.
        left: Box<Expression>,
        /// Right of it.
        right: Box<Expression>,
    },
    /// `base |- filter`
    Filter {
        /// What is filtered.
        base: Box<Expression>,
        /// How.
        filter: Box<Filter>,
    },
    /// `base :: template`
    Subtemplate {
        /// What is mapped.
        base: Box<Expression>,
        /// What each value becomes; groups to the right.
        template: Box<Expression>,
    },
}

/// A prefix operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOperator {
    /// `!`
    Not,
    /// `-`
    Minus,
    /// `+`
    Plus,
}

/// An operator of three-valued logic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogicalOperator {
    /// `||`
    LazyOr,
    /// `&&`
    LazyAnd,
    /// `|`
    EagerOr,
    /// `^`
    Xor,
    /// `&`
    EagerAnd,
}

/// An operator of arithmetic; `+` also joins texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArithmeticOperator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
}

/// An operator and its right operand in a chain.
#[derive(Clone, Debug, PartialEq)]
pub struct ArithmeticTerm {
    /// The operator.
    pub operator: ArithmeticOperator,
    /// Right of it.
    pub operand: Expression,
}

/// An operator that gives a boolean and does not chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ComparisonOperator {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Matches,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `in`
    In,
    /// `any in`
    AnyIn,
    /// `all in`
    AllIn,
    /// `has`
    Has,
    /// `has any`
    HasAny,
    /// `has all`
    HasAll,
}

/// A member of an object literal.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The key.
    pub key: Key,
    /// What the key stands for.
    pub value: Expression,
}

/// A key of an object, written as a name or a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// `key` or `` `key` ``
    Name(Identifier),
    /// `"key"`
    Text(Text),
}

impl Key {
    /// The key itself.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Name(identifier) => &identifier.name,
            Self::Text(text) => &text.value,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Name(identifier) => identifier.span,
            Self::Text(text) => text.span,
        }
    }
}

/// The name of a function or attribute, resolved against the imports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionName {
    /// The name as written.
    pub span: Span,
    /// Its segments as written: one for an imported short name, else two.
    pub segments: Vec<Identifier>,
    /// The library it names; with dots in it when an import has more than two segments.
    pub library: Box<str>,
    /// The function or attribute of the library.
    pub function: Box<str>,
}

/// A call of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function.
    pub name: FunctionName,
    /// The arguments.
    pub arguments: Vec<Expression>,
}

/// `<name(arguments)[options]>`, by itself or as a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// From the opening to the closing bracket, without a dot before it.
    pub span: Span,
    /// Whether only the first value counts, as `|<` says.
    pub head: bool,
    /// The attribute.
    pub name: FunctionName,
    /// The arguments; none written is the same as an empty list.
    pub arguments: Vec<Expression>,
    /// The options of the stream.
    pub options: Option<Expression>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The step with its dots and brackets.
    pub span: Span,
    /// What it selects.
    pub kind: StepKind,
}

/// What a step selects.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// `.key`, `."key"`, `["key"]`
    Key(Key),
    /// `.*`, `[*]`
    Wildcard,
    /// `[n]`; negative counts from the end.
    Index(i32),
    /// `[from:to:step]`
    Slice {
        /// Where it begins.
        from: Option<i32>,
        /// Where it ends.
        to: Option<i32>,
        /// How far it goes each time.
        step: Option<i32>,
    },
    /// `[(…)]`: the key or index is computed.
    Computed(Box<Expression>),
    /// `[?(…)]`: keeps the values for which the condition holds.
    Condition(Box<Expression>),
    /// `[n, n, …]`, at least two.
    IndexUnion(Vec<i32>),
    /// `["key", "key", …]`, at least two.
    KeyUnion(Vec<Text>),
    /// `..key`, `..["key"]`
    RecursiveKey(Key),
    /// `..*`, `..[*]`
    RecursiveWildcard,
    /// `..[n]`
    RecursiveIndex(i32),
    /// `.<attribute>`, `.|<attribute>` of the value before it.
    Attribute(Box<Attribute>),
}

/// The right side of `|-`.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// `each function(…)`
    Simple(FilterCall),
    /// `{ each @.path: function(…), … }`
    Extended(Vec<FilterStatement>),
}

/// A function that is given the filtered value as its first argument.
#[derive(Clone, Debug, PartialEq)]
pub struct FilterCall {
    /// From `each` or the name to the end.
    pub span: Span,
    /// Whether the function is applied to each member.
    pub each: bool,
    /// The function.
    pub name: FunctionName,
    /// The arguments behind the value; none written is the same as an empty list.
    pub arguments: Vec<Expression>,
}

/// One statement of an extended filter.
#[derive(Clone, Debug, PartialEq)]
pub struct FilterStatement {
    /// The path behind `@`, maybe empty; the parser refuses attributes in it.
    pub target: Vec<Step>,
    /// Where the path stands, with its `@`.
    pub target_span: Span,
    /// What is done with the values it selects; its span is that of the whole statement.
    pub call: FilterCall,
}
