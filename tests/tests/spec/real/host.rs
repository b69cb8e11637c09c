//! What hosts a service, and can cancel the request that it handles. Other than by a message of the client, the reply is
//! sent nevertheless, so that it can be looked at.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use rmcp::{
    ErrorData, RoleServer, Service,
    model::{ClientNotification, ClientRequest, ServerConfig, ServerResult},
    service::{NotificationContext, RequestContext},
};
use tokio_util::sync::CancellationToken;

/// Knows the token of the request that is handled.
#[derive(Clone, Debug, Default)]
pub(crate) struct Host(Arc<Mutex<CancellationToken>>);

/// A service with its host.
pub(crate) struct Hosted<S> {
    service: S,
    host: Host,
}

impl Host {
    pub(crate) fn of<S>(&self, service: S) -> Hosted<S> {
        Hosted {
            service,
            host: self.clone(),
        }
    }

    /// Cancels the request that is handled.
    pub(crate) fn cancel(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).cancel();
    }
}

impl<S: Service<RoleServer>> Service<RoleServer> for Hosted<S> {
    async fn handle_request(
        &self,
        request: ClientRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<ServerResult, ErrorData> {
        *self.host.0.lock().unwrap_or_else(PoisonError::into_inner) = context.ct.clone();
        self.service.handle_request(request, context).await
    }

    async fn handle_notification(
        &self,
        notification: ClientNotification,
        context: NotificationContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.service.handle_notification(notification, context).await
    }

    fn get_info(&self) -> ServerConfig {
        self.service.get_info()
    }
}

impl<S> fmt::Debug for Hosted<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hosted")
    }
}
