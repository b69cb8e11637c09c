//! Expressions.

use super::program::{Access, Call, Node, Program};
use super::{Compiled, Compiler, Result, Stratum, over};
use crate::attribute::{self, AttributeOptions};
use crate::eval::{Evaluator, Input, Limits, Scope};
use crate::function;
use crate::syntax::tree::{
    self, Attribute, Expression, ExpressionKind, FunctionName, PolicyElement, SubscriptionElement,
};
use crate::syntax::{self, Diagnostic, Span};
use crate::value::{ErrorKind, NodeId, Number, Object, Text, Value};

/// An expression by itself, compiled, as tools and tests evaluate it.
///
/// ```
/// use sapl_pdp::value::{Object, Value};
/// use sapl_pdp::{CompiledExpression, Input};
///
/// let expression = CompiledExpression::new("", "subject.age >= 18", &Object::default())?;
/// let subject = serde_json::json!({"age": 41});
/// let input = Input { subject: Value::from_json(&subject), ..Input::default() };
/// assert_eq!(expression.evaluate(&input), Value::Boolean(true));
/// # Ok::<(), sapl_pdp::syntax::Diagnostic>(())
/// ```
#[derive(Debug)]
pub struct CompiledExpression {
    program: Program,
    root: NodeId,
    limits: Limits,
}

impl CompiledExpression {
    /// Compiles an expression behind the `imports` that it needs.
    ///
    /// # Errors
    ///
    /// The first problem, as for a policy; lines and columns are those of a document with one line of imports.
    pub fn new(
        imports: &str,
        expression: &str,
        variables: &Object<'static>,
    ) -> std::result::Result<Self, Diagnostic> {
        let source = format!("{imports}\npolicy \"expression\" permit transform {expression}");
        let document = syntax::parse(&source)?;
        let limits = Limits::default();
        let mut compiler = Compiler::new(variables, limits);
        compiler.begin(&source);
        let PolicyElement::Policy(tree::Policy {
            transform: Some(transform),
            ..
        }) = &document.element
        else {
            return Err(Diagnostic::new(
                "expected one expression",
                Span::default(),
                &source,
            ));
        };
        let root = compiler.expression(transform).map_err(|problem| *problem)?.id;
        Ok(Self {
            program: compiler.finish(),
            root,
            limits,
        })
    }

    /// The same expression with other limits for each evaluation.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Where a node stands: the number of its document, and its place in it.
    #[must_use]
    pub fn place(&self, node: NodeId) -> Option<(usize, Span)> {
        self.program.place(node)
    }

    /// The value on a subscription.
    #[must_use]
    pub fn evaluate<'a>(&'a self, input: &'a Input<'a>) -> Value<'a> {
        Evaluator::new(&self.program, input, &self.limits).value(self.root, &Scope::default())
    }
}

impl Compiler<'_> {
    // What nests goes through small frames: the arms of leaves and their temporaries lie elsewhere.
    pub(super) fn expression(&mut self, expression: &Expression) -> Result {
        let span = expression.span;
        match &expression.kind {
            ExpressionKind::Array(elements) => self.array(elements, span),
            ExpressionKind::Object(members) => self.object(members, span),
            ExpressionKind::Call(call) => self.call_expression(call, span),
            ExpressionKind::Attribute(attribute) => self.attribute(None, attribute, span),
            ExpressionKind::Group(inner) => self.expression(inner),
            ExpressionKind::Path { base, steps } => self.path(base, steps, span),
            ExpressionKind::Unary { operator, operand } => self.unary(*operator, operand, span),
            ExpressionKind::Logical { operator, operands } => self.logical(*operator, operands, span),
            ExpressionKind::Arithmetic { first, rest } => self.arithmetic(first, rest, span),
            ExpressionKind::Comparison {
                operator,
                left,
                right,
            } => self.comparison(*operator, left, right, span),
            ExpressionKind::Filter { base, filter } => self.filter(base, filter, span),
            ExpressionKind::Subtemplate { base, template } => self.subtemplate(base, template, span),
            ExpressionKind::Null
            | ExpressionKind::Undefined
            | ExpressionKind::Boolean(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::Text(_)
            | ExpressionKind::Name(_)
            | ExpressionKind::Relative
            | ExpressionKind::Location => Ok(self.leaf(expression)),
        }
    }

    /// An expression with nothing in it.
    fn leaf(&mut self, expression: &Expression) -> Compiled {
        let span = expression.span;
        match &expression.kind {
            ExpressionKind::Null => self.constant(Value::Null, span),
            ExpressionKind::Boolean(value) => self.constant(Value::Boolean(*value), span),
            ExpressionKind::Number(text) => match Number::parse(text) {
                Some(number) => self.constant(Value::Number(number), span),
                None => self.fail(ErrorKind::NumberOutOfRange, span),
            },
            ExpressionKind::Text(text) => self.constant(Value::from(String::from(&**text)), span),
            ExpressionKind::Name(name) => self.name(&name.name, span),
            ExpressionKind::Relative => self.add(Node::Relative, span, Stratum::RELATIVE, 1),
            ExpressionKind::Location => self.add(Node::Location, span, Stratum::RELATIVE, 1),
            ExpressionKind::Undefined => self.constant(Value::Undefined, span),
            _ => self.fail(ErrorKind::NestingLimit, span),
        }
    }

    fn call_expression(&mut self, call: &tree::Call, span: Span) -> Result {
        let mut arguments = Vec::with_capacity(call.arguments.len());
        if let Some(error) = self.arguments(&call.arguments, &mut arguments)? {
            return Ok(error);
        }
        self.call(&call.name, &arguments, span)
    }

    fn array(&mut self, elements: &[Expression], span: Span) -> Result {
        let mut compiled = Vec::with_capacity(elements.len());
        if let Some(error) = self.arguments(elements, &mut compiled)? {
            return Ok(error);
        }
        let (stratum, depth) = over(compiled.iter().copied());
        Ok(self.add(Node::Array(ids(&compiled)), span, stratum, depth))
    }

    fn object(&mut self, members: &[tree::Member], span: Span) -> Result {
        let mut keys = Vec::with_capacity(members.len());
        let mut values = Vec::with_capacity(members.len());
        for member in members {
            let value = self.expression(&member.value)?;
            if self.is_constant_error(value) {
                return Ok(value);
            }
            keys.push(Text::from(member.key.name().to_owned()));
            values.push(value);
        }
        let (stratum, depth) = over(values.iter().copied());
        let members = keys
            .into_iter()
            .zip(values)
            .map(|(key, value)| (key, value.id))
            .collect();
        Ok(self.add(Node::Object(members), span, stratum, depth))
    }

    pub(super) fn name(&mut self, name: &str, span: Span) -> Compiled {
        if let Some(element) = element(name) {
            let keys = Box::default();
            return self.add(
                Node::Subscription { element, keys },
                span,
                Stratum::SUBSCRIPTION,
                1,
            );
        }
        if let Some(variable) = self.scope.get(name).or_else(|| self.constants.get(name)) {
            return *variable;
        }
        let value = self.variables.get(name).unwrap_or_default();
        let variable = self.constant(value, span);
        self.constants.insert(name.into(), variable);
        variable
    }

    /// Compiles operands that are all needed: the first constant error among them stands for the whole.
    pub(super) fn arguments(
        &mut self,
        arguments: &[Expression],
        compiled: &mut Vec<Compiled>,
    ) -> Result<Option<Compiled>> {
        for argument in arguments {
            let argument = self.expression(argument)?;
            if self.is_constant_error(argument) {
                return Ok(Some(argument));
            }
            compiled.push(argument);
        }
        Ok(None)
    }

    pub(super) fn call(&mut self, name: &FunctionName, arguments: &[Compiled], span: Span) -> Result {
        if let Some(library) = function::library(&name.library)
            && let (Some(feature), false) = (library.feature(), library.is_available())
        {
            return self.refuse(
                format!(
                    "the library `{}` is not part of this build: it needs the feature `{feature}` of `{}`",
                    name.library,
                    env!("CARGO_PKG_NAME"),
                ),
                name.span,
            );
        }
        let is_named = callable(&name.library) && callable(&name.function);
        if !is_named && !function::is_known(&name.library, &name.function) {
            return self.refuse(
                format!(
                    "`{}.{}` can't be the name of a function",
                    name.library, name.function
                ),
                name.span,
            );
        }
        let function = function::find(&name.library, &name.function, arguments.len());
        let (stratum, depth) = over(arguments.iter().copied());
        let arguments = ids(arguments);
        Ok(self.add(Node::Call(Call { function, arguments }), span, stratum, depth))
    }

    /// The attribute of an entity, or of the environment.
    fn attribute(&mut self, entity: Option<Compiled>, attribute: &Attribute, span: Span) -> Result {
        let mut arguments = Vec::with_capacity(attribute.arguments.len());
        let access = match self.access(attribute, &mut arguments)? {
            Ok(access) => Box::new(access),
            Err(error) => return Ok(error),
        };
        let (stratum, depth) = over(entity.into_iter().chain(arguments.iter().copied()));
        let node = Node::Attribute {
            entity: entity.map(|entity| entity.id),
            access,
        };
        Ok(self.add(node, span, stratum.and(Stratum::STREAM), depth))
    }

    /// How an attribute is read, with its arguments; a constant error among them stands for the whole.
    pub(super) fn access(
        &mut self,
        attribute: &Attribute,
        arguments: &mut Vec<Compiled>,
    ) -> Result<std::result::Result<Access, Compiled>> {
        let FunctionName {
            library, function, ..
        } = &attribute.name;
        if !callable(library) || !callable(function) {
            let error = ErrorKind::Function("not a name that an attribute can have");
            return Ok(Err(self.fail(error, attribute.name.span)));
        }
        if let Some(feature) = attribute::missing_feature(library) {
            return self.refuse(
                format!(
                    "the attributes of `{library}` are not part of this build: they need the feature `{feature}` of `{}`",
                    env!("CARGO_PKG_NAME"),
                ),
                attribute.name.span,
            );
        }
        let options = self.attribute_options(attribute)?;
        if let Some(error) = self.arguments(&attribute.arguments, arguments)? {
            return Ok(Err(error));
        }
        Ok(Ok(Access {
            name: format!("{library}.{function}").into(),
            head: attribute.head,
            arguments: ids(arguments),
            options,
        }))
    }

    /// What is written in the brackets of an attribute, else what the variables of `pdp.json` say, else the defaults.
    fn attribute_options(&mut self, attribute: &Attribute) -> Result<AttributeOptions> {
        let mut options = AttributeOptions::default();
        let span = attribute.name.span;
        if let Some(defaults) = self.variables.get(AttributeOptions::VARIABLE) {
            options = match options.with(&defaults) {
                Ok(options) => options,
                Err(problem) => {
                    let message = format!("`{}` of the variables: {problem}", AttributeOptions::VARIABLE);
                    return self.refuse(message, span);
                }
            };
        }
        if let Some(written) = &attribute.options {
            let compiled = self.expression(written)?;
            let Some(value) = self.value_of(compiled) else {
                return self.refuse(
                    "the options of an attribute must be a constant object",
                    written.span,
                );
            };
            options = match options.with(value) {
                Ok(options) => options,
                Err(problem) => return self.refuse(problem, written.span),
            };
        }
        Ok(options)
    }
}

pub(super) fn ids(compiled: &[Compiled]) -> Box<[NodeId]> {
    compiled.iter().map(|compiled| compiled.id).collect()
}

pub(super) fn element(name: &str) -> Option<SubscriptionElement> {
    Some(match name {
        "subject" => SubscriptionElement::Subject,
        "action" => SubscriptionElement::Action,
        "resource" => SubscriptionElement::Resource,
        "environment" => SubscriptionElement::Environment,
        _ => return None,
    })
}

/// Functions and attributes have names of letters and digits, though identifiers may have more.
fn callable(name: &str) -> bool {
    name.split('.').all(|segment| {
        segment.starts_with(|first: char| first.is_ascii_alphabetic())
            && segment.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}
