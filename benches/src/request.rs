//! A request as rmcp's HTTP transport hands it to a server.

use std::{error::Error, sync::Arc};

use rmcp::{
    RoleServer, ServiceExt,
    model::RequestId,
    service::{RequestContext, RunningService},
};
use sapl_mcp::Identity;
use sapl_mcp_examples::analytics::{Analytics, User, claims};

/// A connection whose peer requests can name; it lives as long as this.
#[derive(Debug)]
pub struct Caller {
    context: RequestContext<RoleServer>,
    _server: RunningService<RoleServer, Arc<Analytics>>,
    _client: RunningService<rmcp::RoleClient, ()>,
}

/// Connects to a server of the demo, so that there is a peer, and takes `user` for the caller.
///
/// # Errors
/// The connection can't be made.
pub async fn caller(user: User) -> Result<Caller, Box<dyn Error>> {
    const BUFFER: usize = 1 << 16;
    let (ours, theirs) = tokio::io::duplex(BUFFER);
    let server = Arc::new(Analytics::new());
    let (server, client) = tokio::join!(server.serve(ours), ().serve(theirs));
    let (server, client) = (server?, client?);

    let mut context = RequestContext::new(RequestId::Number(1), server.peer().clone());
    let (mut parts, ()) = http::Request::post("/mcp").body(())?.into_parts();
    parts
        .extensions
        .insert(Arc::new(Identity::new("token", claims(user, 0))));
    context.extensions.insert(parts);
    Ok(Caller {
        context,
        _server: server,
        _client: client,
    })
}

/// The context of one more request of `caller`.
pub fn request(caller: &Caller) -> RequestContext<RoleServer> {
    caller.context.clone()
}
