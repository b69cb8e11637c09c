//! Snapshots of the parts of a multi-subscription put together.

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, stream};

use crate::MultiAuthorizationDecision;

/// The whole of what the parts show, once all have shown something and each time one changes. Never ends.
pub(super) fn snapshots<'a>(
    mut parts: Vec<BoxStream<'a, MultiAuthorizationDecision>>,
) -> BoxStream<'a, MultiAuthorizationDecision> {
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return only;
    }
    let mut newest: Vec<Option<MultiAuthorizationDecision>> = vec![None; parts.len()];
    if newest.is_empty() {
        return stream::iter([MultiAuthorizationDecision::default()])
            .chain(stream::pending())
            .boxed();
    }
    let numbered = parts
        .into_iter()
        .enumerate()
        .map(|(part, snapshots)| snapshots.map(move |snapshot| (part, snapshot)));
    stream::select_all(numbered)
        .filter_map(move |(part, snapshot)| {
            if let Some(place) = newest.get_mut(part) {
                *place = Some(snapshot);
            }
            std::future::ready(whole(&newest))
        })
        .boxed()
}

fn whole(parts: &[Option<MultiAuthorizationDecision>]) -> Option<MultiAuthorizationDecision> {
    let decisions = parts.iter().map(Option::as_ref).collect::<Option<Vec<_>>>()?;
    let decisions = decisions.into_iter().flat_map(MultiAuthorizationDecision::iter);
    Some(
        decisions
            .map(|(id, decision)| (id.to_owned(), decision.clone()))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

    use super::*;
    use crate::{AuthorizationDecision, Decision};

    fn part() -> (
        UnboundedSender<MultiAuthorizationDecision>,
        BoxStream<'static, MultiAuthorizationDecision>,
    ) {
        let (show, mut shown) = unbounded_channel();
        (
            show,
            stream::poll_fn(move |context| shown.poll_recv(context)).boxed(),
        )
    }

    fn snapshot(id: &str, decision: AuthorizationDecision) -> MultiAuthorizationDecision {
        [(id.to_owned(), decision)].into_iter().collect()
    }

    #[test]
    fn the_whole_is_shown_once_all_parts_are_there_and_at_each_change() {
        let ((first, a), (second, b)) = (part(), part());
        let mut merged = snapshots(vec![a, b]);
        let mut next = || merged.next().now_or_never().flatten();
        first
            .send(snapshot("a", AuthorizationDecision::permit()))
            .unwrap();
        assert!(next().is_none());
        second.send(snapshot("b", AuthorizationDecision::deny())).unwrap();
        let shown = next().unwrap();
        assert_eq!(shown.len(), 2);
        assert_eq!(shown.decision("a").decision, Decision::Permit);
        assert_eq!(shown.decision("b").decision, Decision::Deny);
        first
            .send(snapshot("a", AuthorizationDecision::indeterminate()))
            .unwrap();
        let shown = next().unwrap();
        assert_eq!(shown.decision("a").decision, Decision::Indeterminate);
        assert_eq!(shown.decision("b").decision, Decision::Deny);
        assert!(next().is_none());
    }

    #[test]
    fn nothing_asked_is_shown_once() {
        let mut merged = snapshots(Vec::new());
        assert!(merged.next().now_or_never().flatten().unwrap().is_empty());
        assert!(merged.next().now_or_never().is_none());
    }
}
