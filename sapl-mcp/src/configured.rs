//! The one decision point and the one set of handlers of a process.

use std::sync::{Arc, OnceLock};

use sapl_base::{PolicyDecisionPoint, constraint::ConstraintEnforcementService};

use crate::{ConfigError, SaplLayer, SaplLayerBuilder};

static SAPL: OnceLock<Sapl> = OnceLock::new();

/// What a process decides with: configured once, and then there for everybody.
///
/// A server that has its layer in hand needs none of this. It is for code that is far from where the layer was built:
/// several servers, a data layer, a background job.
///
/// ```
/// use sapl_mcp::{AuthorizationDecision, ConfigError, Sapl, constraint::ConstraintEnforcementService, decide_fn};
///
/// # fn main() -> Result<(), ConfigError> {
/// assert!(Sapl::get().is_err());
/// Sapl::configure(decide_fn(|_| AuthorizationDecision::deny()), ConstraintEnforcementService::default())?;
///
/// let sapl = Sapl::get()?;
/// let (pdp, constraints, layer) = (sapl.pdp(), sapl.constraints(), sapl.layer());
/// # let _ = (pdp, constraints, layer);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Sapl {
    pdp: Pdp,
    layer: SaplLayer,
}

/// The decision point, which has nothing to print.
struct Pdp(Arc<dyn PolicyDecisionPoint>);

impl Sapl {
    /// Configures the process. To be called once, when it starts.
    ///
    /// # Errors
    /// [`ConfigError::AlreadyConfigured`] from the second time on; what was configured first stays.
    pub fn configure(
        pdp: impl PolicyDecisionPoint,
        constraints: ConstraintEnforcementService,
    ) -> Result<&'static Self, ConfigError> {
        let pdp: Arc<dyn PolicyDecisionPoint> = Arc::new(pdp);
        let layer = SaplLayer::builder(Arc::clone(&pdp))
            .constraints(constraints)
            .build()?;
        SAPL.set(Self { pdp: Pdp(pdp), layer })
            .map_err(|_| ConfigError::AlreadyConfigured)?;
        Self::get()
    }

    /// What was configured. It takes no lock.
    ///
    /// # Errors
    /// [`ConfigError::NotConfigured`] before [`configure`](Self::configure).
    pub fn get() -> Result<&'static Self, ConfigError> {
        SAPL.get().ok_or(ConfigError::NotConfigured)
    }

    /// The decision point.
    pub fn pdp(&self) -> &dyn PolicyDecisionPoint {
        &*self.pdp.0
    }

    /// The constraint engine.
    pub fn constraints(&self) -> &ConstraintEnforcementService {
        self.layer.constraints()
    }

    /// The layer without further configuration.
    pub fn layer(&self) -> &SaplLayer {
        &self.layer
    }

    /// A new layer with the decision point and the handlers of the process, to be configured further.
    pub fn layer_builder(&self) -> SaplLayerBuilder {
        SaplLayer::builder(Arc::clone(&self.pdp.0)).constraints(self.constraints().clone())
    }
}

impl std::fmt::Debug for Pdp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pdp")
    }
}
