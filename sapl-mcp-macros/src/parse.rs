//! The syntax: the arguments of an annotation, and the function that it stands on.

use proc_macro2::TokenStream;
use syn::{
    Attribute, Error, Expr, ExprGroup, ExprParen, Ident, Meta, MetaList, Path, Result, Signature, Token,
    Visibility,
    parse::{Parse, ParseStream, Parser},
    punctuated::Punctuated,
};

use crate::validate::Mode;

/// One argument of an annotation.
pub(crate) struct Argument {
    pub(crate) name: Ident,
    pub(crate) value: Option<Expr>,
}

/// The annotated function: what is read of it, and the rest as it was written.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) signature: Signature,
    /// Everything behind the attributes.
    pub(crate) tokens: TokenStream,
}

/// Reads `name`, `name = value`, … .
pub(crate) fn arguments(tokens: TokenStream) -> Result<Vec<Argument>> {
    let list = Punctuated::<Argument, Token![,]>::parse_terminated.parse2(tokens)?;
    Ok(list.into_iter().collect())
}

/// Reads the function below the annotation.
pub(crate) fn function(mode: Mode, tokens: TokenStream) -> Result<Function> {
    let item = tokens.clone();
    syn::parse2(tokens).map_err(|_| {
        let annotation = mode.name();
        let message = format!("`#[{annotation}]` stands on the function of a tool or prompt");
        Error::new_spanned(item, message)
    })
}

/// The parameters of `#[tool(…)]` or `#[prompt(…)]`.
pub(crate) fn parameters(attribute: &Attribute) -> Result<Punctuated<Meta, Token![,]>> {
    match &attribute.meta {
        Meta::Path(_) => Ok(Punctuated::new()),
        Meta::List(MetaList { tokens, .. }) => Punctuated::parse_terminated.parse2(tokens.clone()),
        Meta::NameValue(_) => Err(Error::new_spanned(
            attribute,
            "expected parameters in parentheses",
        )),
    }
}

/// An expression without parentheses and without the invisible group round the `$e:expr` of a `macro_rules!`.
pub(crate) fn peeled(mut expression: Expr) -> Expr {
    loop {
        expression = match expression {
            Expr::Group(ExprGroup { expr, .. }) | Expr::Paren(ExprParen { expr, .. }) => *expr,
            other => return other,
        }
    }
}

/// Whether a path ends in one of these names, however it is qualified.
pub(crate) fn ends_in(path: &Path, names: &[&str]) -> bool {
    path.segments
        .last()
        .is_some_and(|segment| names.iter().any(|name| segment.ident == name))
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name: Ident = input.parse()?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            if input.is_empty() || input.peek(Token![,]) {
                return Err(Error::new_spanned(
                    &name,
                    format!("`{name}` needs a value behind the `=`"),
                ));
            }
            Some(peeled(input.parse()?))
        } else if input.is_empty() || input.peek(Token![,]) {
            None
        } else {
            return Err(input.error(format!("expected `,` or `=` after `{name}`")));
        };
        Ok(Self { name, value })
    }
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let tokens = input.fork().parse()?;
        let _: Visibility = input.parse()?;
        let signature = input.parse()?;
        let _: TokenStream = input.parse()?;
        Ok(Self {
            attributes,
            signature,
            tokens,
        })
    }
}
