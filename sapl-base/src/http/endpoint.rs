//! The addresses of a SAPL node's HTTP API, and what comes from each.

use http::Uri;

/// One of the five ways to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    DecideOnce,
    MultiDecideAllOnce,
    Decide,
    MultiDecide,
    MultiDecideAll,
}

/// The address of each, made once.
#[derive(Debug)]
pub(super) struct Endpoints {
    pub(super) decide_once: Uri,
    pub(super) multi_decide_all_once: Uri,
    pub(super) decide: Uri,
    pub(super) multi_decide: Uri,
    pub(super) multi_decide_all: Uri,
}

impl Endpoint {
    /// The last part of its path, by which the log calls it too.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::DecideOnce => "decide-once",
            Self::MultiDecideAllOnce => "multi-decide-all-once",
            Self::Decide => "decide",
            Self::MultiDecide => "multi-decide",
            Self::MultiDecideAll => "multi-decide-all",
        }
    }

    /// Whether its answer has no end.
    pub(super) const fn is_stream(self) -> bool {
        matches!(self, Self::Decide | Self::MultiDecide | Self::MultiDecideAll)
    }

    /// The only content type that its answer may have.
    pub(super) const fn media_type(self) -> &'static str {
        if self.is_stream() {
            "text/event-stream"
        } else {
            "application/json"
        }
    }
}

impl Endpoints {
    /// The endpoints below `base`, which was checked; `None` where the addresses would get too long.
    pub(super) fn below(base: &Uri) -> Option<Self> {
        let base = base.to_string();
        let base = base.trim_end_matches('/');
        let at = |endpoint: Endpoint| format!("{base}/api/pdp/{}", endpoint.name()).parse().ok();
        Some(Self {
            decide_once: at(Endpoint::DecideOnce)?,
            multi_decide_all_once: at(Endpoint::MultiDecideAllOnce)?,
            decide: at(Endpoint::Decide)?,
            multi_decide: at(Endpoint::MultiDecide)?,
            multi_decide_all: at(Endpoint::MultiDecideAll)?,
        })
    }

    pub(super) const fn address(&self, endpoint: Endpoint) -> &Uri {
        match endpoint {
            Endpoint::DecideOnce => &self.decide_once,
            Endpoint::MultiDecideAllOnce => &self.multi_decide_all_once,
            Endpoint::Decide => &self.decide,
            Endpoint::MultiDecide => &self.multi_decide,
            Endpoint::MultiDecideAll => &self.multi_decide_all,
        }
    }
}
