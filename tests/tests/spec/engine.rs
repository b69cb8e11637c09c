//! The constraint engine by itself, without a server around it: what becomes of a value is what the model says. So there
//! is time for many more of the built-in content filters, whose constraints say so much.

use proptest::{prelude::prop_oneof, sample::select};

use crate::{
    generate::{self, content},
    model::{self, Point},
    model_based::{check, in_paused_time},
    real,
};

/// How many decisions and values there are.
const VALUES: u32 = 4_000;

#[test]
fn the_engine_makes_of_a_value_what_the_model_says() {
    let decision = prop_oneof![1 => generate::decision(), 4 => content::decision()];
    let value = prop_oneof![1 => generate::value(), 4 => content::content()];
    let point = select(vec![Point::Pre, Point::Post, Point::Post, Point::Gate]);
    check(VALUES, &(decision, value, point), |(decision, value, point)| {
        let seen = in_paused_time(real::made_of_value(&decision, point, value.clone()));
        let expected = model::made_of_value(&decision, point, value);
        assert_eq!(seen, expected, "seen on the left, the model on the right");
    });
}
