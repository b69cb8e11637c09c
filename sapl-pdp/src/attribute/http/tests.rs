use sapl_base::http::TlsSettings;
use sapl_base::{AuthorizationSubscription, PolicyDecisionPoint as _};
use serde_json::{Value as Json, json};

use super::super::MAX_VALUE_SIZE;
use super::super::tests::service::Service;
use super::*;
use crate::EmbeddedPdp;

fn client() -> HttpClient {
    HttpClient::without_tls().unwrap()
}

fn pdp(finder: HttpAttributes, attribute: &str) -> EmbeddedPdp {
    let settings = json!({"secrets": {"http": {
        "headers": {"X-Key": "flat", "X-Order": "pdp"},
        "named": {"headers": {"X-Key": "named"}},
    }}});
    let policy = format!("policy \"p\" permit transform [{attribute}]");
    EmbeddedPdp::from_texts(Some(&settings.to_string()), [("p.sapl", policy)])
        .unwrap()
        .with_attribute_finder(finder)
        .unwrap()
}

/// What the attribute is, `null` for an error; `BASE` in it is the origin of the service.
async fn asked_of(service: &Service, attribute: &str) -> Json {
    let finder = HttpAttributes::new(client())
        .allow_origin(&service.origin)
        .unwrap();
    let pdp = pdp(finder, &attribute.replace("BASE", &service.origin));
    let secrets = json!({"http": {"headers": {"X-Order": "subscription", "X-Own": ["a", "b"]}}});
    let asked = AuthorizationSubscription::new(json!({"path": "/x@y"}), "read", service.origin.as_str())
        .with_secrets(secrets.as_object().cloned().unwrap());
    pdp.decide_once(&asked).await.resource.unwrap_or(Json::Null)
}

fn header<'a>(request: &'a str, name: &str) -> Vec<&'a str> {
    let lines = request.lines().filter_map(|line| line.split_once(": "));
    let lines = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
    lines.map(|(_, value)| value).collect()
}

#[tokio::test]
async fn an_answer_of_json_is_a_value() {
    let service = Service::with("200 OK", r#"{"level": 7.50}"#).await;
    assert_eq!(
        asked_of(&service, "resource.<http.get>.level").await,
        json!([7.5])
    );
    let request = service.asked().remove(0);
    assert!(request.starts_with("GET / HTTP/1.1\r\n"), "{request}");
    assert_eq!(header(&request, "accept"), ["application/json"]);
    let settings = r#"{baseUrl: "BASE", path: "/a?x=1", urlParameters: {"b c": "d&e", n: 1.5}}"#;
    assert_eq!(
        asked_of(&service, &format!("<http.get({settings})>.level")).await,
        json!([7.5])
    );
    assert!(
        service
            .asked()
            .remove(0)
            .starts_with("GET /a?x=1&b%20c=d%26e&n=1.5 HTTP/1.1\r\n")
    );
}

#[tokio::test]
async fn other_answers_are_texts_and_an_empty_one_is_undefined() {
    let service = Service::with("200 OK", "{ plain").await;
    assert_eq!(
        asked_of(&service, "resource.<http.get({accept: \"text/plain\"})>").await,
        json!(["{ plain"])
    );
    assert_eq!(asked_of(&service, "resource.<http.get>").await, Json::Null);
    let service = Service::with("200 OK", " ").await;
    assert_eq!(asked_of(&service, "resource.<http.get>").await, json!([]));
}

#[tokio::test]
async fn what_is_no_success_is_an_error_and_redirects_lead_nowhere() {
    let other = Service::with("200 OK", "1").await;
    for status in ["404 Not Found", "500 Oops"] {
        let service = Service::with(status, "1").await;
        assert_eq!(
            asked_of(&service, "resource.<http.get>").await,
            Json::Null,
            "{status}"
        );
    }
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nLocation: {}/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        other.origin
    );
    let service = Service::answering(redirect).await;
    assert_eq!(asked_of(&service, "resource.<http.get>").await, Json::Null);
    assert!(other.asked().is_empty());
    let service = Service::answering("nonsense\r\n\r\n").await;
    assert_eq!(asked_of(&service, "resource.<http.get>").await, Json::Null);
}

#[tokio::test]
async fn methods_send_bodies_and_headers() {
    let service = Service::with("201 Created", "true").await;
    for (attribute, method, body) in [
        ("post({body: {a: 1}})", "POST", r#"{"a":1}"#),
        ("put({body: \"plain\"})", "PUT", "plain"),
        ("patch({})", "PATCH", ""),
        ("delete", "DELETE", ""),
    ] {
        let value = asked_of(&service, &format!("resource.<http.{attribute}>")).await;
        assert_eq!(value, json!([true]), "{attribute}");
        let request = service.asked().remove(0);
        assert!(request.starts_with(&format!("{method} / HTTP/1.1")), "{request}");
        assert!(request.ends_with(&format!("\r\n\r\n{body}")), "{request}");
    }
}

#[tokio::test]
async fn secrets_are_headers_of_which_those_of_the_configuration_go_first() {
    let service = Service::with("200 OK", "1").await;
    let order = |request: &str| ["X-Key", "X-Order", "X-Own"].map(|name| header(request, name).join(","));
    asked_of(
        &service,
        "resource.<http.get({headers: {\"x-order\": \"policy\"}})>",
    )
    .await;
    assert_eq!(order(&service.asked()[0]), ["flat", "pdp", "a,b"]);
    asked_of(
        &service,
        "resource.<http.get({secretsKey: \"named\", headers: {\"X-Order\": \"policy\"}})>",
    )
    .await;
    assert_eq!(order(&service.asked()[0]), ["named", "policy", ""]);
    asked_of(&service, "resource.<http.get({secretsKey: 5})>").await;
    assert_eq!(order(&service.asked()[0]), ["", "", ""]);
}

#[tokio::test]
async fn nothing_is_sent_to_an_origin_that_is_not_allowed() {
    let (allowed, other) = (
        Service::with("200 OK", "1").await,
        Service::with("200 OK", "1").await,
    );
    let host = other.origin.trim_start_matches("http://");
    for url in [
        other.origin.clone(),
        format!("{}@{host}", allowed.origin),
        format!("{}#@{host}", allowed.origin),
        allowed.origin.replace("http:", "https:"),
        allowed.origin.replace("http:", "ftp:"),
        allowed.origin.replace("127.0.0.1", "localhost"),
        format!("{}0", allowed.origin),
        String::from("/relative"),
        String::new(),
    ] {
        let attribute = format!("\"{url}\".<http.get>");
        assert_eq!(asked_of(&allowed, &attribute).await, Json::Null, "{url}");
    }
    // What a subscription says becomes a part of the URL, and can't lead elsewhere.
    let path = format!("@{host}/");
    let attribute = format!("resource.<http.get({{path: \"{path}\"}})>");
    assert_eq!(asked_of(&allowed, &attribute).await, Json::Null);
    assert!(other.asked().is_empty() && allowed.asked().is_empty());
    assert_eq!(
        asked_of(&allowed, "resource.<http.get({path: subject.path})>").await,
        json!([1])
    );
    let nobody = pdp(HttpAttributes::new(client()), "resource.<http.get>");
    let asked = AuthorizationSubscription::new("mara", "read", allowed.origin.as_str());
    assert_eq!(nobody.decide_once(&asked).await.resource, None);
}

#[tokio::test]
async fn cleartext_is_for_the_client_to_allow() {
    let service = Service::with("200 OK", "1").await;
    // A machine without trusted roots can't have such a client.
    let Ok(client) = HttpClient::new(&TlsSettings::default()) else {
        return;
    };
    let finder = HttpAttributes::new(client).allow_origin(&service.origin).unwrap();
    let pdp = pdp(finder, "resource.<http.get>");
    let asked = AuthorizationSubscription::new("mara", "read", service.origin.as_str());
    assert_eq!(pdp.decide_once(&asked).await.resource, None);
    assert!(service.asked().is_empty());
}

#[tokio::test]
async fn an_answer_may_be_as_large_as_its_limit() {
    let service = Service::with("200 OK", "\"12345678\"").await;
    let limited = |bytes: usize| format!("resource.<http.get({{maxResponseBytes: {bytes}}})>");
    assert_eq!(asked_of(&service, &limited(10)).await, json!(["12345678"]));
    assert_eq!(asked_of(&service, &limited(9)).await, Json::Null);
    let text = |length: usize| "x".repeat(length);
    let plain = "resource.<http.get({accept: \"text/plain\", maxResponseBytes: 1e9})>";
    let service = Service::with("200 OK", &text(MAX_VALUE_SIZE)).await;
    assert_ne!(asked_of(&service, plain).await, Json::Null);
    let service = Service::with("200 OK", &text(MAX_VALUE_SIZE + 1)).await;
    assert_eq!(asked_of(&service, plain).await, Json::Null);
}

#[tokio::test]
async fn settings_that_make_no_request_are_errors() {
    let service = Service::with("200 OK", "1").await;
    for settings in [
        "5",
        "{path: 5}",
        "{urlParameters: []}",
        "{urlParameters: {a: []}}",
        "{headers: []}",
        "{headers: {\"a b\": 1}}",
        "{headers: {a: \"x\\r\\ny: z\"}}",
        "{headers: {a: null}}",
        "{headers: {Host: \"elsewhere\"}}",
        "{headers: {\"Transfer-Encoding\": \"chunked\"}}",
        "{accept: \"text/event-stream\"}",
        "{accept: 5}",
        "{maxResponseBytes: 0}",
        "{maxResponseBytes: \"9\"}",
        "{body: [5] :: undefined}",
    ] {
        let attribute = format!("resource.<http.get({settings})>");
        assert_eq!(asked_of(&service, &attribute).await, Json::Null, "{settings}");
    }
    assert!(service.asked().is_empty());
    // Unknown attributes are undefined.
    assert_eq!(asked_of(&service, "resource.<http.websocket>").await, json!([]));
    assert_eq!(asked_of(&service, "<http.get>").await, json!([]));
}

#[test]
fn an_origin_has_no_path_and_no_user() {
    let finder = || HttpAttributes::new(HttpClient::without_tls().unwrap());
    for origin in [
        "https://a.example/x",
        "https://a.example?x",
        "https://u@a.example",
        "ftp://a.example",
        "a.example",
        "",
    ] {
        assert!(finder().allow_origin(origin).is_err(), "{origin}");
    }
    let finder = finder().allow_origin("https://A.example.").unwrap();
    let is_allowed = |url: &str| finder.is_allowed(&url.parse().unwrap());
    assert!(is_allowed("https://a.example/x?y") && is_allowed("https://a.EXAMPLE:443"));
    assert!(!is_allowed("https://a.example:8443") && !is_allowed("http://a.example:443"));
    assert!(!is_allowed("https://b.a.example"));
}
