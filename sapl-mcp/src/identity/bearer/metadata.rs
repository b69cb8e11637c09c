//! The protected resource's metadata (RFC 9728): where a client gets a token for this server.

#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::{Method, Request, Uri};
use serde_json::{Value, json};

use crate::identity::IdentityConfigError;

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// What is published about the server.
#[derive(Debug, Clone)]
pub(super) struct ProtectedResource {
    resource: String,
    /// The path of the resource, empty for the root.
    path: String,
    metadata_url: String,
    authorization_servers: Vec<String>,
    scopes: Vec<String>,
    document: Bytes,
}

impl ProtectedResource {
    pub(super) fn new(resource: &str) -> Result<Self, IdentityConfigError> {
        let uri = absolute_uri("resource", resource)?;
        let path = uri
            .path()
            .strip_suffix('/')
            .filter(|rest| rest.is_empty())
            .unwrap_or(uri.path())
            .to_owned();
        let scheme = uri.scheme_str().unwrap_or_default();
        let authority = uri
            .authority()
            .map(http::uri::Authority::as_str)
            .unwrap_or_default();
        let mut this = Self {
            resource: resource.to_owned(),
            metadata_url: format!("{scheme}://{authority}{WELL_KNOWN}{path}"),
            path,
            authorization_servers: Vec::new(),
            scopes: Vec::new(),
            document: Bytes::new(),
        };
        this.write_document();
        Ok(this)
    }

    pub(super) fn add_authorization_server(&mut self, issuer: &str) -> Result<(), IdentityConfigError> {
        absolute_uri("authorization_server", issuer)?;
        self.authorization_servers.push(issuer.to_owned());
        self.write_document();
        Ok(())
    }

    pub(super) fn add_scopes(
        &mut self,
        scopes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<(), IdentityConfigError> {
        for scope in scopes {
            let value = scope.into();
            if !is_scope(&value) {
                return Err(IdentityConfigError::Scope { value });
            }
            self.scopes.push(value);
        }
        self.write_document();
        Ok(())
    }

    /// Where the document is found, for the challenge.
    pub(super) fn metadata_url(&self) -> &str {
        &self.metadata_url
    }

    /// The document, if that is what `request` asks for: at the well-known path, alone or followed by the resource's path.
    pub(super) fn document_for<B>(&self, request: &Request<B>) -> Option<Bytes> {
        let rest = request.uri().path().strip_prefix(WELL_KNOWN)?;
        let asked =
            matches!(*request.method(), Method::GET | Method::HEAD) && (rest.is_empty() || rest == self.path);
        asked.then(|| self.document.clone())
    }

    fn write_document(&mut self) {
        let mut document = json!({"resource": self.resource, "bearer_methods_supported": ["header"]});
        for (name, values) in [
            ("authorization_servers", &self.authorization_servers),
            ("scopes_supported", &self.scopes),
        ] {
            // RFC 9728 §2: what has no values is left out.
            if let Value::Object(members) = &mut document
                && !values.is_empty()
            {
                members.insert(name.to_owned(), json!(values));
            }
        }
        self.document = Bytes::from(document.to_string());
    }
}

/// An `https` URI without user, query and fragment; `http` is for loopback hosts alone.
fn absolute_uri(setting: &'static str, value: &str) -> Result<Uri, IdentityConfigError> {
    let refused = |reason| {
        // What stands before an `@` may be a password.
        let shown = if value.contains('@') { "[not shown]" } else { value };
        Err(IdentityConfigError::Uri {
            setting,
            value: shown.to_owned(),
            reason,
        })
    };
    // `http::Uri` drops a fragment and lets characters through that RFC 3986 does not have.
    if value.contains('#') {
        return refused("it has a fragment");
    }
    if !value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=%[]".contains(&byte))
    {
        return refused("it has characters that a URI must encode");
    }
    let Ok(uri) = value.parse::<Uri>() else {
        return refused("it is not a URI");
    };
    let Some(authority) = uri.authority() else {
        return refused("it is not absolute");
    };
    if authority.as_str().contains('@') {
        return refused("it names a user");
    }
    if uri.query().is_some() {
        return refused("it has a query");
    }
    match uri.scheme_str() {
        Some("https") => Ok(uri),
        Some("http") if is_loopback(authority.host()) => Ok(uri),
        Some("http") => refused("plain http is for loopback hosts alone, use https"),
        _ => refused("it is not an https URI"),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// `1*( %x21 / %x23-5B / %x5D-7E )` (RFC 6749 §3.3).
pub(super) fn is_scope(scope: &str) -> bool {
    !scope.is_empty()
        && scope
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'))
}
