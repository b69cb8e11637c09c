//! The rules that the layer's builder was given, by name, URI and template, and how they go together with the
//! rules that definitions carry.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use super::{Marked, Rule, Rules, template::UriTemplate, uri};
use crate::{
    advisory,
    layer::{ConfigError, Shared, Target, UnannotatedRule},
    surface::Caller,
};

/// All rules of the builder.
#[derive(Debug, Default)]
pub(crate) struct RuleBook {
    tools: HashMap<String, Rules>,
    prompts: HashMap<String, Rules>,
    /// By the normal forms of the URIs: two spellings of one URI are one resource.
    resources: HashMap<String, Rules>,
    /// The normal forms of the URIs as the builder was given them.
    spellings: HashMap<String, String>,
    templates: Vec<(UriTemplate, Rules)>,
}

/// Why something is absent of which nobody knows more than a name.
pub(crate) const UNLISTED: &str = "nothing of this name is listed";

/// What is known of a component's rule.
#[derive(Clone, Debug)]
pub(crate) enum Ruling {
    /// No rule is about it.
    Unruled(Unruled),
    /// These rules are.
    Rules(Rules),
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
            if let Some(argument) = rule.misplaced() {
                return Err(ConfigError::GateArgument {
                    target: target.to_string(),
                    argument,
                });
            }
            let for_tools = [
                ("output_schema", rule.relaxes_output_schema()),
                ("advisory_policy", rule.advisory().is_some()),
            ];
            if !matches!(target, Target::Tool(_))
                && let Some((argument, _)) = for_tools.into_iter().find(|(_, given)| *given)
            {
                return Err(ConfigError::InapplicableArgument {
                    target: target.to_string(),
                    argument,
                });
            }
            if let Some(Err(error)) = rule.advisory().map(advisory::check) {
                return Err(ConfigError::AdvisoryPolicy {
                    target: target.to_string(),
                    error,
                });
            }
            book.add(target, rule.into())?;
        }
        Ok(book)
    }

    /// Adds a rule. A gate and an enforcement of one component go together, two of a kind don't.
    fn add(&mut self, target: Target, rules: Rules) -> Result<(), ConfigError> {
        let duplicate = |target: Target| ConfigError::DuplicateRule {
            target: target.to_string(),
        };
        let known = match &target {
            Target::Tool(name) => self.tools.entry(name.clone()),
            Target::Prompt(name) => self.prompts.entry(name.clone()),
            Target::Resource(uri) => {
                let normal = uri::normalized(uri).into_owned();
                self.spellings.insert(uri.clone(), normal.clone());
                self.resources.entry(normal)
            }
            Target::ResourceTemplate(text) => {
                let template = self.template_to_add(text)?;
                let known = self
                    .templates
                    .iter()
                    .position(|(known, _)| known.as_str() == text);
                let rules = match known.map(|at| self.templates.remove(at)) {
                    Some((_, known)) => known.and(rules).ok_or_else(|| duplicate(target))?,
                    None => rules,
                };
                self.templates.push((template, rules));
                return Ok(());
            }
        };
        match known {
            Entry::Vacant(place) => place.insert(rules),
            Entry::Occupied(known) => {
                let both = known.get().clone().and(rules).ok_or_else(|| duplicate(target))?;
                let place = known.into_mut();
                *place = both;
                place
            }
        };
        Ok(())
    }

    /// The template, if no other one matches some URI equally well.
    fn template_to_add(&self, text: &str) -> Result<UriTemplate, ConfigError> {
        let template = UriTemplate::parse(text).map_err(|error| ConfigError::Template {
            template: text.to_owned(),
            error,
        })?;
        for (known, _) in &self.templates {
            if known.as_str() != text
                && known.literal_len() == template.literal_len()
                && known.overlaps(&template)
            {
                return Err(ConfigError::AmbiguousTemplates {
                    first: known.as_str().to_owned(),
                    second: text.to_owned(),
                });
            }
        }
        Ok(template)
    }

    pub(crate) fn tool(&self, name: &str) -> Option<&Rules> {
        self.tools.get(name)
    }

    pub(crate) fn prompt(&self, name: &str) -> Option<&Rules> {
        self.prompts.get(name)
    }

    /// The rules for exactly this URI, as it was given to the builder or in its normal form.
    pub(crate) fn resource(&self, uri: &str) -> Option<&Rules> {
        let normal = self.spellings.get(uri).map_or(uri, String::as_str);
        self.resources.get(normal)
    }

    /// The rules for a template as the server lists it.
    pub(crate) fn template(&self, text: &str) -> Option<&Rules> {
        self.templates
            .iter()
            .find(|(template, _)| template.as_str() == text)
            .map(|(_, rules)| rules)
    }

    pub(crate) fn templates(&self) -> impl Iterator<Item = (&UriTemplate, &Rules)> {
        self.templates.iter().map(|(template, rules)| (template, rules))
    }

    /// Whether a resource or an instance of a template may be hidden from some caller.
    pub(crate) fn hides_resources(&self) -> bool {
        let of_templates = self.templates.iter().map(|(_, rules)| rules);
        self.resources.values().chain(of_templates).any(Rules::hides)
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
    /// What holds for a component, from the builder's rules for it and the markers on its definition.
    pub(crate) fn of(book: Option<&Rules>, marked: Marked) -> Self {
        match (book, marked) {
            (None, Marked::None) => Self::Unruled(Unruled(())),
            (Some(rules), Marked::None) => Self::Rules(rules.clone()),
            (None, Marked::Rules(rules)) => Self::Rules(rules),
            (Some(book), Marked::Rules(marked)) => match book.clone().and(marked) {
                Some(rules) => Self::Rules(rules),
                None => Self::Absent("the component has a rule of the builder and one of its own"),
            },
            (_, Marked::Invalid) => {
                Self::Absent("the component carries a rule that is not ours or is damaged")
            }
        }
    }

    /// What holds for a name when it is listed once more, with this definition and ruling: a rule goes before none,
    /// and of different rules none may win, since nobody can tell which of the two components runs.
    pub(crate) fn also<D>(before: Option<(D, Self)>, definition: D, ruling: Self) -> (D, Self) {
        let Some((known, before)) = before else {
            return (definition, ruling);
        };
        match (before, ruling) {
            (Self::Rules(one), Self::Rules(other)) if !one.are(&other) => (
                known,
                Self::Absent("two listed components of this name have different rules"),
            ),
            (before @ (Self::Absent(_) | Self::Denied), _) | (before, Self::Unruled(_)) => (known, before),
            (_, ruling) => (definition, ruling),
        }
    }

    /// Whether what it holds for may be hidden from some caller.
    pub(crate) fn hides(&self) -> bool {
        match self {
            Self::Rules(rules) => rules.hides(),
            Self::Absent(_) => true,
            Self::Unruled(_) | Self::Denied => false,
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
            (Self::Unruled(_), Some(UnannotatedRule::Ask(rule))) => Self::Rules(Arc::clone(rule).into()),
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

    #[cfg(test)]
    pub(crate) const fn for_tests() -> Self {
        Self(())
    }

    /// Nothing is enforced for what belongs to tools as long as none has a rule.
    pub(crate) fn while_no_tool_is_ruled(shared: &Shared) -> Option<Self> {
        (!shared.has_tool_rules() && shared.unannotated.is_none()).then_some(Self(()))
    }
}
