//! What an annotation may say. Every mistake that can be seen in the syntax is told here, all of them at once.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Error, Expr, ExprArray, ExprLit, ExprPath, FnArg, Ident, Lit, Result};

use crate::parse::{Argument, Function, ends_in, peeled};

/// What is annotated by a rule.
pub(crate) const COMPONENTS: &[&str] = &["tool", "prompt"];

const ENFORCEMENTS: &[&str] = &["pre_enforce", "post_enforce"];
const GATES: &[&str] = &["gate"];

const GATE_ARGUMENTS: &str =
    "`subject`, `action`, `resource`, `environment`, `secrets`, `tags`, `required_scopes`";

const ARGUMENTS: &str = "`subject`, `action`, `resource`, `environment`, `secrets`, `tags`, `stealth`, `finalize`, \
                         `listing`, `input_required`, `output_schema`, `allow_peer_messages`, `required_scopes`, \
                         `advisory_policy`";

/// The enum behind `output_schema`.
const OUTPUT_SCHEMA: &str = "OutputSchema";

/// Parameters by which a component can send messages of its own.
const SENDERS: &[&str] = &["Peer", "RequestContext", "ToolCallContext", "PromptContext"];

/// Which of the annotations it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Pre,
    Post,
    Gate,
}

/// An annotation that is right as far as syntax tells.
pub(crate) struct Annotation {
    pub(crate) mode: Mode,
    pub(crate) settings: Vec<Setting>,
}

/// One thing that it says.
pub(crate) enum Setting {
    /// A field of the subscription, by the name of its variant.
    Field(&'static str, Expr),
    Tags(Vec<Expr>),
    RequiredScopes(Vec<Expr>),
    Stealth(Option<Expr>),
    Finalize(ExprPath),
    /// A method of the rule with a variant of an enum: `listing`, `Listing`, `Hidden`.
    Choice(Ident, &'static str, &'static str),
    AllowPeerMessages,
    AdvisoryPolicy(Ident, Expr),
}

/// The words that an argument can be, and the variants that they stand for.
type Words = &'static [(&'static str, &'static str)];

/// Checks an annotation and where it stands.
pub(crate) fn annotation(mode: Mode, arguments: Vec<Argument>, function: &Function) -> Result<Annotation> {
    let mut errors = Errors::default();
    errors.note(position(mode, function));
    let mut seen: Vec<Ident> = Vec::new();
    let mut settings = Vec::new();
    for argument in arguments {
        let name = argument.name.clone();
        if seen.contains(&name) {
            errors.push(Error::new_spanned(&name, format!("`{name}` is given twice")));
            continue;
        }
        if let Some(setting) = errors.note(setting(mode, argument)) {
            settings.push(setting);
        }
        seen.push(name);
    }
    let allowed = settings
        .iter()
        .any(|setting| matches!(setting, Setting::AllowPeerMessages));
    if mode == Mode::Post && !allowed {
        errors.note(no_senders(function));
    }
    errors.note(fits_component(&settings, function));
    errors.none().map(|()| Annotation { mode, settings })
}

/// There must be a component below, and no second rule of the kind.
fn position(mode: Mode, function: &Function) -> Result<()> {
    let name = mode.name();
    let (kind, message) = match mode {
        Mode::Pre | Mode::Post => (
            ENFORCEMENTS,
            "a component has one enforcement: take either `#[pre_enforce]` or `#[post_enforce]`, once",
        ),
        Mode::Gate => (GATES, "a component has one gate: write `#[gate]` once"),
    };
    if let Some(other) = function
        .attributes
        .iter()
        .find(|attribute| ends_in(attribute.path(), kind))
    {
        return Err(Error::new_spanned(other, message));
    }
    if function
        .attributes
        .iter()
        .any(|attribute| ends_in(attribute.path(), COMPONENTS))
    {
        return Ok(());
    }
    let function = &function.signature.ident;
    let message = format!(
        "`#[{name}]` must stand above `#[tool]` or `#[prompt]`:\n\n    #[{name}(...)]\n    #[tool(...)]\n    \
         fn {function}(...)"
    );
    Err(Error::new(Span::call_site(), message))
}

/// What only tools have is said of tools only.
fn fits_component(settings: &[Setting], function: &Function) -> Result<()> {
    let is_tool = function
        .attributes
        .iter()
        .any(|attribute| ends_in(attribute.path(), &["tool"]));
    if is_tool {
        return Ok(());
    }
    let mut errors = Errors::default();
    for setting in settings {
        let (name, why) = match setting {
            Setting::Choice(name, OUTPUT_SCHEMA, _) => (name, "nothing else declares one"),
            Setting::AdvisoryPolicy(name, _) => (name, "clients look for advice with them alone"),
            _ => continue,
        };
        errors.push(Error::new_spanned(name, format!("`{name}` is for tools: {why}")));
    }
    errors.none()
}

/// Under post-enforce the component has no way to send anything before the decision.
fn no_senders(function: &Function) -> Result<()> {
    let mut errors = Errors::default();
    for input in &function.signature.inputs {
        if let FnArg::Typed(parameter) = input
            && let Some(sender) = mentioned(parameter.ty.to_token_stream(), SENDERS)
        {
            let message = format!(
                "messages that the function sends by its `{sender}` leave before the decision and can't be held \
                 back; write `allow_peer_messages` if that may be, or take `#[pre_enforce]`"
            );
            errors.push(Error::new_spanned(&parameter.ty, message));
        }
    }
    errors.none()
}

fn setting(mode: Mode, Argument { name, value }: Argument) -> Result<Setting> {
    let text = name.to_string();
    if mode == Mode::Gate
        && let Some(why) = senseless_on_a_gate(&text)
    {
        let message = format!("a gate has no `{name}`: {why}");
        return Err(Error::new_spanned(name, message));
    }
    let required = |value: Option<Expr>, form: &str| {
        value.ok_or_else(|| Error::new_spanned(&name, format!("`{name}` needs a value: `{name} = {form}`")))
    };
    let field = |variant, value| Ok(Setting::Field(variant, required(value, "…")?));
    match text.as_str() {
        "subject" => field("Subject", value),
        "action" => field("Action", value),
        "resource" => field("Resource", value),
        "environment" => field("Environment", value),
        "secrets" => field("Secrets", value),
        "tags" => Ok(Setting::Tags(texts(&name, "a tag", required(value, "[\"…\"]")?)?)),
        "required_scopes" => Ok(Setting::RequiredScopes(texts(
            &name,
            "a scope",
            required(value, "[\"…\"]")?,
        )?)),
        "stealth" => match value {
            Some(Expr::Lit(ExprLit { lit, .. })) if !matches!(lit, Lit::Bool(_)) => {
                Err(Error::new_spanned(lit, "`stealth` is `true` or `false`"))
            }
            value => Ok(Setting::Stealth(value)),
        },
        "finalize" => match required(value, "path")? {
            Expr::Path(path) => Ok(Setting::Finalize(path)),
            other => {
                let message = "`finalize` is the path of an \
                               `async fn(&AuthorizationDecision, &SubscriptionContext)`";
                Err(Error::new_spanned(other, message))
            }
        },
        "listing" => {
            let value = required(value, "hidden")?;
            choice(
                name.clone(),
                "Listing",
                &[("shown", "Shown"), ("hidden", "Hidden")],
                value,
            )
        }
        "input_required" => {
            let value = required(value, "pass")?;
            choice(name.clone(), "InputRequired", &[("pass", "Pass")], value)
        }
        "output_schema" => {
            let value = required(value, "relaxed")?;
            choice(name.clone(), OUTPUT_SCHEMA, &[("relaxed", "Relaxed")], value)
        }
        "allow_peer_messages" => match value {
            None => Ok(Setting::AllowPeerMessages),
            Some(value) => Err(Error::new_spanned(value, "`allow_peer_messages` takes no value")),
        },
        "advisory_policy" => {
            let value = required(value, "\"…\"")?;
            document(&value)?;
            Ok(Setting::AdvisoryPolicy(name.clone(), value))
        }
        _ => Err(Error::new_spanned(
            &name,
            format!("unknown argument `{name}`; there are {}", mode.arguments()),
        )),
    }
}

/// Why an argument of the enforcements has no meaning on a gate.
fn senseless_on_a_gate(argument: &str) -> Option<&'static str> {
    match argument {
        "stealth" => Some("whom it denies, from them it hides the component anyway"),
        "finalize" => Some(
            "it only says yes or no, and has no operation that could end; give it to an enforcement behind the gate",
        ),
        "listing" => Some("who may use the component finds it in the lists, and nobody else does"),
        "input_required" | "output_schema" => Some("it never looks at what the component answers"),
        "advisory_policy" => Some("it advises nobody; give it to an enforcement behind the gate"),
        "allow_peer_messages" => Some("it is decided before the component runs"),
        _ => None,
    }
}

/// The elements of a list of texts. What is no literal is left to the type checker.
fn texts(name: &Ident, element: &str, value: Expr) -> Result<Vec<Expr>> {
    let Expr::Array(ExprArray { elems, .. }) = value else {
        return Err(Error::new_spanned(
            value,
            format!("`{name}` is a list: `{name} = [\"…\"]`"),
        ));
    };
    let mut errors = Errors::default();
    let elements: Vec<Expr> = elems.into_iter().map(peeled).collect();
    for value in &elements {
        if let Expr::Lit(ExprLit { lit, .. }) = value
            && !matches!(lit, Lit::Str(_))
        {
            errors.push(Error::new_spanned(lit, format!("{element} is a text, in quotes")));
        }
    }
    errors.none().map(|()| elements)
}

/// A text with something in it, where it is a literal. What is none is left to the type checker and to the layer.
fn document(value: &Expr) -> Result<()> {
    let Expr::Lit(ExprLit { lit, .. }) = value else {
        return Ok(());
    };
    let message = match lit {
        Lit::Str(text) if text.value().trim().is_empty() => "an advisory policy can't be empty",
        Lit::Str(_) => return Ok(()),
        _ => "an advisory policy is a text, in quotes or by `include_str!`",
    };
    Err(Error::new_spanned(lit, message))
}

/// One of a few words.
fn choice(name: Ident, enumeration: &'static str, words: Words, value: Expr) -> Result<Setting> {
    let known = |path: &ExprPath| words.iter().find(|(word, _)| path.path.is_ident(word));
    match &value {
        Expr::Path(path) if let Some((_, variant)) = known(path) => {
            Ok(Setting::Choice(name, enumeration, variant))
        }
        _ => {
            let words: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            Err(Error::new_spanned(
                value,
                format!("`{name}` is {}", words.join(" or ")),
            ))
        }
    }
}

/// The first of these names in some tokens.
fn mentioned(tokens: TokenStream, names: &[&'static str]) -> Option<&'static str> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) => names.iter().copied().find(|name| ident == name),
        TokenTree::Group(group) => mentioned(group.stream(), names),
        TokenTree::Punct(_) | TokenTree::Literal(_) => None,
    })
}

impl Mode {
    /// The name of the attribute, and of the function that makes such a rule.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pre => "pre_enforce",
            Self::Post => "post_enforce",
            Self::Gate => "gate",
        }
    }

    /// What can be written in its parentheses.
    const fn arguments(self) -> &'static str {
        match self {
            Self::Pre | Self::Post => ARGUMENTS,
            Self::Gate => GATE_ARGUMENTS,
        }
    }
}

/// Errors that are told together.
#[derive(Default)]
struct Errors(Option<Error>);

impl Errors {
    fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            none => *none = Some(error),
        }
    }

    fn note<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    fn none(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}
