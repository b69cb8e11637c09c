//! The rules that the layer's builder was given, by name, URI and template, and how they go together with the
//! rules that definitions carry.

use std::{collections::HashMap, sync::Arc};

use super::{
    Marked, Rule, marker,
    template::{Match, UriTemplate},
    uri,
};
use crate::layer::{ConfigError, Target};

/// All rules of the builder.
#[derive(Debug, Default)]
pub(crate) struct RuleBook {
    tools: HashMap<String, Arc<Rule>>,
    prompts: HashMap<String, Arc<Rule>>,
    resources: HashMap<String, Arc<Rule>>,
    templates: Vec<(UriTemplate, Arc<Rule>)>,
}

/// What is known of a component's rule.
#[derive(Clone, Debug)]
pub(crate) enum Ruling {
    /// No rule is about it.
    Unruled(Unruled),
    /// This rule is.
    Rule(Arc<Rule>),
    /// Something is wrong with it, so nobody may use it. The text is for the log.
    Invalid(&'static str),
}

/// Shows that somebody looked for a rule and found none. It is made here alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unruled(());

/// A rule with the variables that its template found in a URI.
#[derive(Debug)]
pub(crate) struct TemplateRuling {
    pub(crate) ruling: Ruling,
    pub(crate) variables: Vec<(String, String)>,
    /// The text of the template, which is how a listing names it.
    pub(crate) template: String,
}

impl RuleBook {
    pub(crate) fn new(rules: Vec<(Target, Arc<Rule>)>) -> Result<Self, ConfigError> {
        let mut book = Self::default();
        for (target, rule) in rules {
            let duplicate = || ConfigError::DuplicateRule { target: target.to_string() };
            if !matches!(target, Target::Tool(_)) && rule.output_schema_is_relaxed() {
                return Err(ConfigError::InapplicableArgument {
                    target: target.to_string(),
                    argument: "output_schema",
                });
            }
            let previous = match &target {
                Target::Tool(name) => book.tools.insert(name.clone(), rule),
                Target::Prompt(name) => book.prompts.insert(name.clone(), rule),
                // Two spellings of one URI are one resource.
                Target::Resource(uri) => {
                    if book.resources.keys().any(|known| uri::normalized(known) == uri::normalized(uri)) {
                        return Err(duplicate());
                    }
                    book.resources.insert(uri.clone(), rule)
                }
                Target::ResourceTemplate(text) => {
                    book.add_template(text, rule)?;
                    None
                }
            };
            if previous.is_some() {
                return Err(duplicate());
            }
        }
        Ok(book)
    }

    fn add_template(&mut self, text: &str, rule: Arc<Rule>) -> Result<(), ConfigError> {
        let template = UriTemplate::parse(text)
            .map_err(|error| ConfigError::Template { template: text.to_owned(), error })?;
        for (known, _) in &self.templates {
            if known.as_str() == text {
                return Err(ConfigError::DuplicateRule {
                    target: Target::ResourceTemplate(text.to_owned()).to_string(),
                });
            }
            if known.literal_len() == template.literal_len() && known.overlaps(&template) {
                return Err(ConfigError::AmbiguousTemplates {
                    first: known.as_str().to_owned(),
                    second: text.to_owned(),
                });
            }
        }
        self.templates.push((template, rule));
        Ok(())
    }

    pub(crate) fn tool(&self, name: &str) -> Option<&Arc<Rule>> {
        self.tools.get(name)
    }

    pub(crate) fn prompt(&self, name: &str) -> Option<&Arc<Rule>> {
        self.prompts.get(name)
    }

    pub(crate) fn resource(&self, uri: &str) -> Option<&Arc<Rule>> {
        self.resources.get(uri)
    }

    /// The rule for a template as the server lists it.
    pub(crate) fn template(&self, text: &str) -> Option<&Arc<Rule>> {
        self.templates.iter().find(|(template, _)| template.as_str() == text).map(|(_, rule)| rule)
    }

    pub(crate) fn templates(&self) -> impl Iterator<Item = (&UriTemplate, &Arc<Rule>)> {
        self.templates.iter().map(|(template, rule)| (template, rule))
    }

    pub(crate) fn has_tools(&self) -> bool {
        !self.tools.is_empty()
    }

    pub(crate) fn has_prompts(&self) -> bool {
        !self.prompts.is_empty()
    }

    pub(crate) fn has_resources(&self) -> bool {
        !self.resources.is_empty() || !self.templates.is_empty()
    }
}

impl Ruling {
    /// What holds for a component, from the builder's rule for it and the marker on its definition.
    pub(crate) fn of(book: Option<&Arc<Rule>>, marked: Marked) -> Self {
        match (book, marked) {
            (None, Marked::None) => Self::Unruled(Unruled(())),
            (Some(rule), Marked::None) => Self::Rule(Arc::clone(rule)),
            (None, Marked::Rule(rule)) => Self::Rule(rule),
            (Some(_), Marked::Rule(_)) => {
                Self::Invalid("the component has a rule of the builder and one of its own")
            }
            (_, Marked::Invalid) => Self::Invalid("the component carries a rule that is not ours or is damaged"),
        }
    }

    /// For what is known to exist and to carry no rule.
    pub(crate) fn unruled() -> Self {
        Self::Unruled(Unruled(()))
    }

    pub(crate) fn is_unruled(&self) -> bool {
        matches!(self, Self::Unruled(_))
    }
}
