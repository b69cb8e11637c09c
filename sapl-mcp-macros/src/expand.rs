//! What an annotation becomes: a `meta` on the component's attribute that makes the rule when it is first needed.
//!
//! All names that the expansion introduces are hygienic, and point at what the author wrote where an error may be.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{
    Attribute, Expr, MacroDelimiter, Meta, MetaList, MetaNameValue, Result, parse_quote, spanned::Spanned,
    token::Paren,
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
        Some(meta) => *meta = parse_quote!(::sapl_mcp::__private::attach_to(#meta, #rule)),
        None => parameters.push(parse_quote!(meta = ::sapl_mcp::__private::attach(#rule))),
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
            let span = at(path);
            let (decision, context) = (Ident::new("decision", span), Ident::new("context", span));
            quote_spanned! {span=>
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
        Setting::AdvisoryPolicy(_, document) => {
            let document = quote_spanned!(at(document)=> ::sapl_mcp::__private::text(#document));
            quote!(#rule.advisory_policy(#document))
        }
    }
}

/// A list of texts. Each is converted where it stands, so that a wrong type is told there.
fn texts(elements: &[Expr]) -> TokenStream {
    let texts = elements
        .iter()
        .map(|element| quote_spanned!(at(element)=> ::sapl_mcp::__private::text(#element)));
    // The type is for the empty list.
    quote!(::std::vec::Vec::<::std::string::String>::from([#(#texts),*]))
}

/// Where the value of a field comes from, decided by syntax: a closure is a function, a path is a function or a
/// value by its type, anything else is a value.
fn source(value: &Expr) -> TokenStream {
    let context = hygienic("context");
    // Methods are looked up by the type of the value, so each use needs some of these traits and not the others.
    let traits = quote! {
        #[allow(unused_imports)]
        use ::sapl_mcp::__private::{AnswerResult as _, AnswerValue as _, NamedFunction as _, NamedValue as _};
    };
    let span = at(value);
    match value {
        Expr::Closure(_) => quote_spanned! {span=>
            ::sapl_mcp::__private::function(|#context: &::sapl_mcp::SubscriptionContext| {
                #traits
                ::sapl_mcp::__private::Answer(::sapl_mcp::__private::call(#context, #value)).json()
            })
        },
        Expr::Path(_) => {
            let named = hygienic("named");
            quote_spanned! {span=> {
                #traits
                match ::sapl_mcp::__private::Named(&#value).value() {
                    ::core::option::Option::Some(#named) => {
                        ::sapl_mcp::__private::fixed(::sapl_mcp::__private::Answer(#named).json())
                    }
                    ::core::option::Option::None => {
                        ::sapl_mcp::__private::function(|#context: &::sapl_mcp::SubscriptionContext| {
                            ::sapl_mcp::__private::Answer(
                                ::sapl_mcp::__private::Named(&#value).run(#context),
                            )
                            .json()
                        })
                    }
                }
            }}
        }
        _ => quote_spanned! {span=> {
            #traits
            ::sapl_mcp::__private::fixed(::sapl_mcp::__private::Answer(#value).json())
        }},
    }
}

/// A name that nothing in the author's code can see or hide.
fn hygienic(name: &str) -> Ident {
    format_ident!("{}", name, span = Span::mixed_site())
}

/// Where an expression stands, for tokens that belong to the expansion.
fn at(expression: &impl Spanned) -> Span {
    expression.span().resolved_at(Span::mixed_site())
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    use crate::{annotated, validate::Mode};

    /// Without blanks, which differ by how tokens were made.
    fn compact(tokens: &TokenStream) -> String {
        tokens.to_string().split_whitespace().collect()
    }

    fn expanded(item: TokenStream) -> String {
        compact(&annotated(Mode::Pre, TokenStream::new(), item).unwrap())
    }

    fn refused(item: TokenStream) -> String {
        annotated(Mode::Pre, TokenStream::new(), item)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn every_token_of_the_component_stays() {
        let tokens = expanded(quote! {
            /// Documented.
            #[tool(name = "x", annotations(read_only_hint = true), local)]
            pub(crate) async fn component<T: Clone>(&self, t: T) -> Json<T> { Json(t) }
        });
        let meta =
            "meta=::sapl_mcp::__private::attach(||{letrule=::sapl_mcp::__private::pre_enforce();rule})";
        let expected = quote! {
            /// Documented.
            #[tool(name = "x", annotations(read_only_hint = true), local, META)]
            pub(crate) async fn component<T: Clone>(&self, t: T) -> Json<T> { Json(t) }
        };
        assert_eq!(tokens, compact(&expected).replace("META", meta));
    }

    #[test]
    fn a_meta_of_the_author_is_wrapped_where_it_stands() {
        let tokens = expanded(quote!(
            #[rmcp::prompt(meta = mine(), name = "x")]
            fn component() {}
        ));
        assert!(
            tokens.contains("(meta=::sapl_mcp::__private::attach_to(mine(),||"),
            "{tokens}"
        );
        assert!(tokens.contains(",name=\"x\")]"), "{tokens}");
    }

    #[test]
    fn a_second_meta_is_left_for_the_component_to_refuse() {
        let tokens = expanded(quote!(
            #[tool(meta = one(), meta = other())]
            fn component() {}
        ));
        assert!(tokens.contains(",meta=other())]"), "{tokens}");
    }

    #[test]
    fn a_tool_that_is_also_a_prompt_is_ruled_as_both() {
        let tokens = expanded(quote!(
            #[tool]
            #[prompt]
            fn component() {}
        ));
        assert_eq!(tokens.matches("attach").count(), 2);
    }

    #[test]
    fn parameters_that_can_not_be_read_are_refused() {
        assert_eq!(
            refused(quote!(
                #[tool = "x"]
                fn component() {}
            )),
            "expected parameters in parentheses"
        );
        assert!(
            !refused(quote!(
                #[tool(name = )]
                fn component() {}
            ))
            .is_empty()
        );
        assert!(
            !refused(quote!(
                #[tool(+)]
                fn component() {}
            ))
            .is_empty()
        );
    }
}
