//! What was made of the schemas seen so far, so that a call compiles nothing.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use rmcp::model::JsonObject;
use serde_json::Value;

use super::{OutputSchema, compile::Compiled, relaxed};
use crate::value::Unfit;

/// How many schemas are kept. One more than that, and the cache starts anew.
pub(crate) const MAX_SCHEMAS: usize = 4096;

/// The schemas of a layer's tools, with what was made of them. Bounded, cheap to ask, safe to share.
#[derive(Default)]
pub(crate) struct Schemas {
    known: RwLock<Known>,
}

impl Schemas {
    /// A cache that knows no schema yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Checks a value against a schema.
    ///
    /// # Errors
    ///
    /// [`Unfit`] when the value does not fit, or when the schema can't be used.
    pub(crate) fn check(&self, schema: OutputSchema<'_>, value: &Value) -> Result<(), Unfit> {
        self.entry(schema.declared)
            .compiled(schema.relaxed)
            .as_ref()
            .map_err(Clone::clone)?
            .validate(value)
    }

    /// The form in which a schema is published when results are held to its relaxed form; made once.
    pub(crate) fn published(&self, schema: &Arc<JsonObject>) -> Arc<JsonObject> {
        Arc::clone(self.entry(schema).relaxed())
    }

    /// How many schemas are kept at the moment.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .by_content
            .len()
    }

    fn entry(&self, schema: &Arc<JsonObject>) -> Arc<Entry> {
        if let Some(entry) = self
            .known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(schema)
        {
            return entry;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = known.get(schema) {
            return entry;
        }
        if known.by_content.len() >= MAX_SCHEMAS {
            known.clear();
        }
        known.insert(schema)
    }
}

impl fmt::Debug for Schemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schemas").finish_non_exhaustive()
    }
}

/// The entries, found by address first: that costs nothing, and a server that shares its tools always hits. A server
/// that builds its tools anew for each request is found by content.
#[derive(Default)]
struct Known {
    /// Keyed by the address of a schema that `by_content` keeps alive, so no other schema can have it.
    by_address: HashMap<usize, Arc<Entry>>,
    by_content: HashMap<Arc<JsonObject>, Arc<Entry>>,
}

impl Known {
    fn get(&self, schema: &Arc<JsonObject>) -> Option<Arc<Entry>> {
        self.by_address
            .get(&address(schema))
            .or_else(|| self.by_content.get(schema))
            .cloned()
    }

    fn insert(&mut self, schema: &Arc<JsonObject>) -> Arc<Entry> {
        let entry = Arc::new(Entry::new(schema));
        self.by_address.insert(address(schema), Arc::clone(&entry));
        self.by_content.insert(Arc::clone(schema), Arc::clone(&entry));
        entry
    }

    fn clear(&mut self) {
        self.by_address.clear();
        self.by_content.clear();
    }
}

fn address(schema: &Arc<JsonObject>) -> usize {
    Arc::as_ptr(schema).addr()
}

/// What was made of one schema. Each part is made when it is first asked for.
struct Entry {
    declared: Arc<JsonObject>,
    relaxed: OnceLock<Arc<JsonObject>>,
    compiled: OnceLock<Result<Compiled, Unfit>>,
    compiled_relaxed: OnceLock<Result<Compiled, Unfit>>,
}

impl Entry {
    fn new(schema: &Arc<JsonObject>) -> Self {
        Self {
            declared: Arc::clone(schema),
            relaxed: OnceLock::new(),
            compiled: OnceLock::new(),
            compiled_relaxed: OnceLock::new(),
        }
    }

    fn relaxed(&self) -> &Arc<JsonObject> {
        self.relaxed.get_or_init(|| Arc::new(relaxed(&self.declared)))
    }

    fn compiled(&self, relaxed: bool) -> &Result<Compiled, Unfit> {
        if relaxed {
            self.compiled_relaxed
                .get_or_init(|| Compiled::new(self.relaxed()))
        } else {
            self.compiled.get_or_init(|| Compiled::new(&self.declared))
        }
    }
}
