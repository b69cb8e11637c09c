//! The service: which providers there are.

use std::{fmt, sync::Arc};

use serde_json::Value;

use super::{
    ConstraintEnforcementServiceBuilder, ConsumerProvider, EnforcementPoint, ErrorHandlerProvider,
    ErrorMappingProvider, FilterPredicateProvider, MappingProvider, MethodInvocationProvider,
    RunnableProvider,
};

/// Knows the providers and turns decisions into handlers. It is cheap to clone.
///
/// [`Default`] has the built-in content filters and nothing else.
#[derive(Clone)]
pub struct ConstraintEnforcementService {
    pub(super) providers: Arc<Providers>,
    /// The types of obligations that the enforcement point carries out itself.
    pub(super) stages: &'static [&'static str],
}

/// The providers by kind, each in the order of registration.
#[derive(Default)]
pub(super) struct Providers {
    pub(super) runnable: Vec<Box<dyn RunnableProvider>>,
    pub(super) method_invocation: Vec<Box<dyn MethodInvocationProvider>>,
    pub(super) consumer: Vec<Box<dyn ConsumerProvider>>,
    pub(super) mapping: Vec<Box<dyn MappingProvider>>,
    pub(super) filter_predicate: Vec<Box<dyn FilterPredicateProvider>>,
    pub(super) error_handler: Vec<Box<dyn ErrorHandlerProvider>>,
    pub(super) error_mapping: Vec<Box<dyn ErrorMappingProvider>>,
    /// Which of the runnables run when components are listed.
    pub(super) listing: Vec<usize>,
}

impl ConstraintEnforcementService {
    /// Starts a service with the built-in content filters.
    pub fn builder() -> ConstraintEnforcementServiceBuilder {
        ConstraintEnforcementServiceBuilder::default()
    }

    pub(super) fn new(providers: Providers) -> Self {
        Self {
            providers: Arc::new(providers),
            stages: &[],
        }
    }

    /// The same providers, for a pre-enforcement that carries out obligations of these types itself, between the method
    /// invocation and the component. They count as handled there, and nowhere else; whoever says so has to carry them out and
    /// to tell of it with [`ConstraintBundle::carried_out`](super::ConstraintBundle::carried_out).
    #[must_use]
    pub fn with_stages(&self, types: &'static [&'static str]) -> Self {
        Self {
            providers: Arc::clone(&self.providers),
            stages: types,
        }
    }

    /// Whether the enforcement point carries out this constraint itself.
    pub(super) fn is_stage(&self, constraint: &Value, point: EnforcementPoint) -> bool {
        point == EnforcementPoint::PreEnforce
            && !self.stages.is_empty()
            && constraint
                .get("type")
                .and_then(Value::as_str)
                .is_some_and(|of_type| self.stages.contains(&of_type))
    }
}

impl Default for ConstraintEnforcementService {
    fn default() -> Self {
        Self::builder().build()
    }
}

impl fmt::Debug for ConstraintEnforcementService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.providers.fmt(f)
    }
}

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Providers")
            .field("runnable", &self.runnable.len())
            .field("method_invocation", &self.method_invocation.len())
            .field("consumer", &self.consumer.len())
            .field("mapping", &self.mapping.len())
            .field("filter_predicate", &self.filter_predicate.len())
            .field("error_handler", &self.error_handler.len())
            .field("error_mapping", &self.error_mapping.len())
            .finish()
    }
}
