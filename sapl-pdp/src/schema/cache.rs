//! The schemas that functions used last.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::Value as Json;

use super::Schema;
use crate::value::ErrorKind;

/// So many schemas are kept for each thread.
const KEPT: usize = 8;

/// A schema with those that it may refer to, and what they were compiled to.
type Kept = (Json, Vec<(String, Json)>, Rc<Schema>);

thread_local! {
    /// Those used last come first.
    static SCHEMAS: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
}

impl Schema {
    /// As [`new`](Self::new), but compiled before if it was used not long ago.
    pub(crate) fn of(schema: Json, others: Vec<(String, Json)>) -> Result<Rc<Self>, ErrorKind> {
        let kept = SCHEMAS.with_borrow_mut(|schemas| {
            let is_same = |(kept, known, _): &Kept| *kept == schema && *known == others;
            let place = schemas.iter().position(is_same)?;
            if let Some(recent) = schemas.get_mut(..=place) {
                recent.rotate_right(1);
            }
            schemas.first().map(|(_, _, compiled)| Rc::clone(compiled))
        });
        if let Some(compiled) = kept {
            return Ok(compiled);
        }
        let compiled = Rc::new(Self::new(schema.clone(), others.clone())?);
        SCHEMAS.with_borrow_mut(|schemas| {
            schemas.truncate(KEPT - 1);
            schemas.insert(0, (schema, others, Rc::clone(&compiled)));
        });
        Ok(compiled)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_schemas_used_last_are_kept() {
        let of = |number: usize| Schema::of(json!({"const": number}), Vec::new()).unwrap();
        let first = of(0);
        for number in 1..KEPT {
            of(number);
        }
        assert!(Rc::ptr_eq(&first, &of(0)));
        of(KEPT);
        assert!(Rc::ptr_eq(&first, &of(0)), "used again before the others");
        for number in 1..=KEPT {
            of(number);
        }
        assert!(!Rc::ptr_eq(&first, &of(0)));
    }

    #[test]
    fn schemas_with_other_references_are_others() {
        let of = |kind: &str| {
            let others = vec![("http://example.com/x".to_owned(), json!({"type": kind}))];
            let schema = Schema::of(json!({"$ref": "http://example.com/x"}), others).unwrap();
            schema.is_valid(&json!("text")).unwrap()
        };
        assert!(of("string") && !of("number") && of("string"));
    }
}
