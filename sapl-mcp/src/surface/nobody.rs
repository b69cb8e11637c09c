//! A request that no client has sent, for what a server is asked when nobody is known.

use std::{borrow::Cow, convert::Infallible, future, sync::OnceLock};

use rmcp::{
    Peer, RoleServer, ServerHandler,
    model::NumberOrString,
    service::{RxJsonRpcMessage, TxJsonRpcMessage, serve_directly},
    transport::Transport,
};
use tokio::runtime::Handle;

use super::Context;

/// The request, unless no runtime is there.
pub(super) fn request() -> Option<Context> {
    Handle::try_current().ok()?;
    Some(Context::new(NumberOrString::Number(0), peer().clone()))
}

/// The other end of a connection that is closed. rmcp makes one for a service alone.
fn peer() -> &'static Peer<RoleServer> {
    static PEER: OnceLock<Peer<RoleServer>> = OnceLock::new();
    PEER.get_or_init(|| serve_directly(Nothing, Closed, None).peer().clone())
}

struct Nothing;

impl ServerHandler for Nothing {}

struct Closed;

impl Transport<RoleServer> for Closed {
    type Error = Infallible;

    fn name() -> Cow<'static, str> {
        "closed".into()
    }

    fn send(
        &mut self,
        _: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Infallible>> + Send + 'static {
        future::ready(Ok(()))
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        None
    }

    async fn close(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
