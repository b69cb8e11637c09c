//! The rules that the layer's builder was given, by name, URI and template, and how they go together with the
//! rules that definitions carry.

use std::{collections::HashMap, sync::Arc};

use super::{Marked, Rule, template::UriTemplate, uri};
use crate::{
    layer::{ConfigError, Shared, Target, UnannotatedRule},
    surface::Caller,
};

/// All rules of the builder.
#[derive(Debug, Default)]
pub(crate) struct RuleBook {
    tools: HashMap<String, Arc<Rule>>,
    prompts: HashMap<String, Arc<Rule>>,
    resources: HashMap<String, Arc<Rule>>,
    /// The same by the normal forms of the URIs.
    normalized: HashMap<String, Arc<Rule>>,
    templates: Vec<(UriTemplate, Arc<Rule>)>,
}

/// Why something is absent of which nobody knows more than a name.
pub(crate) const UNLISTED: &str = "nothing of this name is listed";

/// What is known of a component's rule.
#[derive(Clone, Debug)]
pub(crate) enum Ruling {
    /// No rule is about it.
    Unruled(Unruled),
    /// This rule is.
    Rule(Arc<Rule>),
    /// No rule is about it, and the layer denies such components.
    Denied,
    /// To everybody it does not exist: it is unknown, or something is wrong with its rule. The text is for the log.
    Absent(&'static str),
}

/// Shows that there is nothing to enforce: somebody looked for a rule and found none. It is made here alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unruled(());

impl RuleBook {
    pub(crate) fn new(rules: Vec<(Target, Arc<Rule>)>) -> Result<Self, ConfigError> {
        let mut book = Self::default();
        for (target, rule) in rules {
            let duplicate = || ConfigError::DuplicateRule {
                target: target.to_string(),
            };
            if !matches!(target, Target::Tool(_)) && rule.relaxes_output_schema() {
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
                    book.resources.insert(uri.clone(), Arc::clone(&rule));
                    book.normalized.insert(uri::normalized(uri).into_owned(), rule)
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
        let template = UriTemplate::parse(text).map_err(|error| ConfigError::Template {
            template: text.to_owned(),
            error,
        })?;
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

    /// The rule for exactly this URI, as it was given to the builder or in its normal form.
    pub(crate) fn resource(&self, uri: &str) -> Option<&Arc<Rule>> {
        self.resources.get(uri).or_else(|| self.normalized.get(uri))
    }

    /// The rule for a template as the server lists it.
    pub(crate) fn template(&self, text: &str) -> Option<&Arc<Rule>> {
        self.templates
            .iter()
            .find(|(template, _)| template.as_str() == text)
            .map(|(_, rule)| rule)
    }

    pub(crate) fn templates(&self) -> impl Iterator<Item = (&UriTemplate, &Arc<Rule>)> {
        self.templates.iter().map(|(template, rule)| (template, rule))
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.has_tools() && !self.has_prompts() && !self.has_resources()
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
                Self::Absent("the component has a rule of the builder and one of its own")
            }
            (_, Marked::Invalid) => {
                Self::Absent("the component carries a rule that is not ours or is damaged")
            }
        }
    }

    /// What holds for a name when it is listed once more, with this definition and ruling: a rule goes before none,
    /// and of two different rules neither may win, since nobody can tell which of the two components runs.
    pub(crate) fn also<D>(before: Option<(D, Self)>, definition: D, ruling: Self) -> (D, Self) {
        let Some((known, before)) = before else {
            return (definition, ruling);
        };
        match (before, ruling) {
            (Self::Rule(one), Self::Rule(other)) if !Arc::ptr_eq(&one, &other) => (
                known,
                Self::Absent("two listed components of this name have different rules"),
            ),
            (before @ (Self::Absent(_) | Self::Denied), _) | (before, Self::Unruled(_)) => (known, before),
            (_, ruling) => (definition, ruling),
        }
    }

    /// What holds for something that nobody listed and no rule is about.
    pub(crate) fn unlisted(shared: &Shared, any_rule: bool) -> Self {
        if any_rule && !shared.forward_unlisted {
            return Self::Absent(UNLISTED);
        }
        Self::listed_unruled(shared)
    }

    /// What holds for something that exists and that no rule is about.
    pub(crate) fn listed_unruled(shared: &Shared) -> Self {
        Self::Unruled(Unruled(())).or_default(shared)
    }

    /// The same, where the layer has something to say about components without a rule.
    #[must_use]
    pub(crate) fn or_default(self, shared: &Shared) -> Self {
        match (self, &shared.unannotated) {
            (Self::Unruled(_), Some(UnannotatedRule::Ask(rule))) => Self::Rule(Arc::clone(rule)),
            (Self::Unruled(_), Some(UnannotatedRule::Deny)) => Self::Denied,
            (ruling, _) => ruling,
        }
    }
}

impl Unruled {
    /// Nothing is enforced for the user of a local subprocess, if the layer was told so.
    pub(crate) fn for_trusted(caller: &Caller) -> Option<Self> {
        caller.is_trusted().then_some(Self(()))
    }

    /// Nothing is enforced for what belongs to tools as long as none has a rule.
    pub(crate) fn while_no_tool_is_ruled(shared: &Shared) -> Option<Self> {
        (!shared.has_tool_rules() && shared.unannotated.is_none()).then_some(Self(()))
    }

    /// Nothing is enforced as long as nothing has a rule.
    pub(crate) fn while_nothing_is_ruled(shared: &Shared) -> Option<Self> {
        (!shared.has_rules() && shared.unannotated.is_none()).then_some(Self(()))
    }
}
