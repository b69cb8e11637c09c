//! What holds whatever happens.

use super::*;
use proptest::prelude::*;

const POLICIES: [&str; 5] = [
    "policy \"1\" permit <sensor.a> == 1; <sensor.b> > 0;",
    "policy \"2\" deny <sensor.c> == 2 || <sensor.a> == 3; obligation <sensor.b>",
    "set \"3\" first or abstain policy \"4\" permit <sensor.b> == 3; policy \"5\" suspend <sensor.c>;",
    "policy \"6\" permit <sensor.a> / <sensor.b> > 1; transform <sensor.c>",
    "policy \"7\" deny subject.<sensor.a(<sensor.c>)> == 2; advice |<sensor.d>",
];

fn change() -> impl Strategy<Value = (&'static str, i64)> {
    (prop::sample::select(vec!["a", "b", "c"]), 0..4_i64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_newest_decision_of_a_stream_is_that_which_is_made_at_once(
        used in prop::sample::subsequence(POLICIES.to_vec(), 1..=POLICIES.len()),
        changes in prop::collection::vec(change(), 1..30),
    ) {
        let (pdp, sensors) = sensing(&used);
        for name in ["a", "b", "c", "d"] {
            sensors.set(name, 0_i64);
        }
        let asked = subscription();
        let mut decisions = pdp.decide(&asked);
        let mut newest = now(&mut decisions);
        let mut told = 1;
        for (name, value) in changes {
            sensors.set(name, value);
            while let Some(next) = now(&mut decisions) {
                prop_assert_ne!(Some(&next), newest.as_ref());
                newest = Some(next);
                told += 1;
            }
            let at_once = pdp.decide_once(&asked).now().ok();
            prop_assert_eq!(&newest, &at_once);
            prop_assert_eq!(Some(pdp.decision(&asked)), at_once);
        }
        prop_assert!(told < 200);
        drop(decisions);
        prop_assert_eq!((sensors.alive(), pdp.open_attributes()), (0, 0));
    }
}
