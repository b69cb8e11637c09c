//! A store that lives as long as one operation.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    fmt,
    marker::PhantomData,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What an operation keeps for later: one value of each type, seen by the functions of the rule, by the component
/// and by what runs at the end.
///
/// A component reaches it with rmcp's extractor `Extension<Slots>`, or as `context.extensions.get::<Slots>()`, where
/// its rule has a function or something to run at the end; nobody else could look into it. Clones are the same store.
///
/// ```
/// use sapl_mcp::Slots;
///
/// struct Transaction(u32);
///
/// let slots = Slots::default();
/// slots.slot::<Transaction>().set(Transaction(7));
/// let transaction = slots.slot::<Transaction>().take();
/// assert_eq!(transaction.map(|t| t.0), Some(7));
/// ```
#[derive(Clone, Default)]
pub struct Slots(Arc<Mutex<Values>>);

type Values = HashMap<TypeId, Box<dyn Any + Send>>;

/// The place of a value of type `T` in the store of an operation.
pub struct Slot<'a, T> {
    slots: &'a Slots,
    value: PhantomData<fn() -> T>,
}

impl Slots {
    /// The place of the value of type `T`.
    pub fn slot<T: Send + 'static>(&self) -> Slot<'_, T> {
        Slot {
            slots: self,
            value: PhantomData,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Values> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Send + 'static> Slot<'_, T> {
    /// Puts a value in, and gives the one that was there.
    pub fn set(&self, value: T) -> Option<T> {
        let before = self.slots.lock().insert(TypeId::of::<T>(), Box::new(value))?;
        before.downcast().ok().map(|value| *value)
    }

    /// Takes the value out.
    pub fn take(&self) -> Option<T> {
        let value = self.slots.lock().remove(&TypeId::of::<T>())?;
        value.downcast().ok().map(|value| *value)
    }

    /// A clone of the value.
    pub fn get(&self) -> Option<T>
    where
        T: Clone,
    {
        self.slots.lock().get(&TypeId::of::<T>())?.downcast_ref().cloned()
    }

    /// Whether there is a value.
    pub fn is_set(&self) -> bool {
        self.slots.lock().contains_key(&TypeId::of::<T>())
    }
}

impl fmt::Debug for Slots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slots").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Slot<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}
