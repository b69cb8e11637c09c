//! Policies that change.

use sapl_mcp::{
    EmbeddedPdp,
    source::{Configuration, ConfigurationError, PolicySource},
};

use super::{super::traced::seen, Scenario, block_on};

const REFUSED: &str = "the changed policies are refused, those before stay in force";

pub(super) const SCENARIOS: &[Scenario] = &[(REFUSED, || {
    block_on(async {
        let mut source = Broken { is_read: false };
        let pdp = EmbeddedPdp::from_source(&mut source).await.unwrap();
        tokio::select! {
            () = pdp.follow_source(source) => {}
            () = seen(REFUSED) => {}
        }
        assert!(pdp.health().problem.is_some());
    });
})];

/// A source whose second policies are broken.
struct Broken {
    is_read: bool,
}

impl PolicySource for Broken {
    async fn changed(&mut self) {
        tokio::task::yield_now().await;
    }

    async fn read(&mut self) -> Result<Configuration, ConfigurationError> {
        let policy = if self.is_read {
            "policy"
        } else {
            "policy \"a\" permit"
        };
        self.is_read = true;
        Configuration::from_texts(None, [("a.sapl", policy)])
    }
}
