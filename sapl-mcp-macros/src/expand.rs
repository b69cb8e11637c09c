//! What an annotation becomes: a `meta` on the component's attribute that makes the rule when it is first needed.
//!
//! All names that the expansion introduces are hygienic, and point at what the author wrote where an error may be.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{
    Attribute, Expr, MacroDelimiter, Meta, MetaList, MetaNameValue, Result, parse_quote,
    spanned::Spanned as _, token::Paren,
};

use crate::{
    parse::{Function, ends_in, parameters},
    validate::{Annotation, COMPONENTS, Setting},
};

/// The function with its rule attached.
pub(crate) fn expand(annotation: &Annotation, function: Function) -> Result<TokenStream> {
    let rule = rule(annotation);
    let Function {
        mut attributes,
        tokens,
        ..
    } = function;
    for attribute in &mut attributes {
        if ends_in(attribute.path(), COMPONENTS) {
            attach(attribute, &rule)?;
        }
    }
    Ok(quote!(#(#attributes)* #tokens))
}

/// Adds the rule to the `meta` of `#[tool]` or `#[prompt]`; every other parameter stays as it is.
fn attach(attribute: &mut Attribute, rule: &TokenStream) -> Result<()> {
    let mut parameters = parameters(attribute)?;
    let given = parameters.iter_mut().find_map(|parameter| match parameter {
        Meta::NameValue(MetaNameValue { path, value, .. }) if path.is_ident("meta") => Some(value),
        _ => None,
    });
    match given {
        Some(meta) => {
            *meta = parse_quote!(::sapl_mcp::__private::attach(::core::option::Option::Some(#meta), #rule))
        }
        None => parameters.push(parse_quote!(
            meta = ::sapl_mcp::__private::attach(::core::option::Option::None, #rule)
        )),
    }
    attribute.meta = Meta::List(MetaList {
        path: attribute.path().clone(),
        delimiter: MacroDelimiter::Paren(Paren::default()),
        tokens: quote!(#parameters),
    });
    Ok(())
}

/// A closure that makes the rule. Its type is what the rule is found by, so it takes no part in anything else.
fn rule(annotation: &Annotation) -> TokenStream {
    let constructor = hygienic(annotation.mode.name());
    let settings = annotation.settings.iter().map(setting);
    let rule = hygienic("rule");
    quote! {
        || {
            let #rule = ::sapl_mcp::__private::#constructor();
            #(let #rule = #settings;)*
            #rule
        }
    }
}

/// The rule with one more thing said.
fn setting(setting: &Setting) -> TokenStream {
    let rule = hygienic("rule");
    match setting {
        Setting::Field(field, value) => {
            let field = hygienic(field);
            let source = source(value);
            quote!(::sapl_mcp::__private::with_field(#rule, ::sapl_mcp::__private::Field::#field, #source))
        }
        Setting::Tags(tags) => {
            let tags = texts(tags);
            quote!(#rule.tags(#tags))
        }
        Setting::RequiredScopes(scopes) => {
            let scopes = texts(scopes);
            quote!(#rule.required_scopes(#scopes))
        }
        Setting::Stealth(None) => quote!(#rule.stealth()),
        Setting::Stealth(Some(value)) => {
            let stealth = hygienic("stealth");
            quote_spanned! {at(value)=> {
                let #stealth: ::core::primitive::bool = #value;
                #rule.stealth_if(#stealth)
            }}
        }
        Setting::Finalize(path) => {
            let (decision, context) = (hygienic("decision"), hygienic("context"));
            quote_spanned! {at(path)=>
                ::sapl_mcp::__private::with_finalize(
                    #rule,
                    |#decision, #context| ::std::boxed::Box::pin(#path(#decision, #context)),
                )
            }
        }
        Setting::Choice(method, enumeration, variant) => {
            let (enumeration, variant) = (hygienic(enumeration), hygienic(variant));
            quote!(#rule.#method(::sapl_mcp::#enumeration::#variant))
        }
        Setting::AllowPeerMessages => quote!(#rule.allow_peer_messages()),
    }
}

/// A list of texts. Each is converted where it stands, so that a wrong type is told there.
fn texts(elements: &[Expr]) -> TokenStream {
    let texts = elements.iter().map(|element| {
        quote_spanned!(at(element)=> ::core::convert::Into::<::std::string::String>::into(#element))
    });
    // The type is for the empty list.
    quote!(::std::vec::Vec::<::std::string::String>::from([#(#texts),*]))
}

/// Where the value of a field comes from, decided by syntax: a closure is a function, a path is a function or a
/// value by its type, anything else is a value.
fn source(value: &Expr) -> TokenStream {
    let context = hygienic("context");
    let traits = quote! {
        #[allow(unused_imports)]
        use ::sapl_mcp::__private::{AnswerResult as _, AnswerValue as _, NamedFunction as _, NamedValue as _};
    };
    let span = at(value);
    match value {
        Expr::Closure(_) => quote_spanned! {span=>
            ::sapl_mcp::__private::function(|#context: &::sapl_mcp::SubscriptionContext| {
                #traits
                ::sapl_mcp::__private::Answer(::sapl_mcp::__private::call(#context, #value)).into_json()
            })
        },
        Expr::Path(_) => {
            let named = hygienic("named");
            quote_spanned! {span=> {
                #traits
                match ::sapl_mcp::__private::Named(&#value).value() {
                    ::core::option::Option::Some(#named) => {
                        ::sapl_mcp::__private::fixed(::sapl_mcp::__private::Answer(#named).into_json())
                    }
                    ::core::option::Option::None => {
                        ::sapl_mcp::__private::function(|#context: &::sapl_mcp::SubscriptionContext| {
                            ::sapl_mcp::__private::Answer(
                                ::sapl_mcp::__private::Named(&#value).run(#context),
                            )
                            .into_json()
                        })
                    }
                }
            }}
        }
        _ => quote_spanned! {span=> {
            #traits
            ::sapl_mcp::__private::fixed(::sapl_mcp::__private::Answer(#value).into_json())
        }},
    }
}

/// A name that nothing in the author's code can see or hide.
fn hygienic(name: &str) -> Ident {
    format_ident!("{}", name, span = Span::mixed_site())
}

/// Where an expression stands, for tokens that belong to the expansion.
fn at(expression: &impl syn::spanned::Spanned) -> Span {
    expression.span().resolved_at(Span::mixed_site())
}
