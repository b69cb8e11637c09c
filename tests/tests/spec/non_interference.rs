//! Two servers that differ only in what somebody may not see are the same to him, byte for byte.
//!
//! They differ in components that are hidden from him: in what these are called, in all that they do and in whether they
//! are there at all; and in the content of components that he may know of and whose content is kept from him, by a denial
//! or by an obligation that takes it out.
//!
//! What the two have in common: of each kind of components some has a rule, since that is when the layer answers for
//! unknown names; a page of a list is a page of the server, so that it is as long in both; and the decision point answers,
//! since a question about a whole page that it does not answer hides all that is in question.

mod filtered;
mod twins;

use sapl_mcp_tests::Mode;

use crate::{
    model_based::{check, in_paused_time},
    real::{Real, RealHttp},
};
use twins::{Twins, twins};

/// How many pairs of servers are compared.
const PAIRS: u32 = 600;

/// How many of them by HTTP.
const PAIRS_BY_HTTP: u32 = 12;

#[test]
fn what_somebody_may_not_see_changes_no_byte_for_him() {
    check(PAIRS, &twins(), |Twins { one, other, requests }| {
        in_paused_time(async {
            let (one, other) = (Real::new(&one).await, Real::new(&other).await);
            for (method, params) in requests {
                let seen = one.send(method, params.clone()).await;
                assert_eq!(seen.bytes, other.send(method, params).await.bytes, "{method}");
            }
        });
    });
}

#[test]
fn nor_does_it_by_http() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    for mode in [Mode::Json, Mode::Sse, Mode::Sessions] {
        check(PAIRS_BY_HTTP, &twins(), |Twins { one, other, requests }| {
            runtime.block_on(async {
                let one = RealHttp::new(&one, mode).await;
                let other = RealHttp::new(&other, mode).await;
                for (method, params) in requests {
                    let seen = one.send("sam", method, params.clone()).await;
                    assert_eq!(
                        seen.bytes,
                        other.send("sam", method, params).await.bytes,
                        "{method}"
                    );
                }
            });
        });
    }
}
