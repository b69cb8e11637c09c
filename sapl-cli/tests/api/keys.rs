use sapl_cli::serve::{ApiKeys, ServeOptions};

use crate::client::{Served, asking};

const ENDPOINTS: [&str; 6] = [
    "decide-once",
    "multi-decide-all-once",
    "decide",
    "multi-decide",
    "multi-decide-all",
    "unknown",
];

async fn with_keys() -> Served {
    let keys = ApiKeys::parse("# two\nsapl_one_secret\nsapl_two_other\n").unwrap();
    Served::new(ServeOptions::default().with_api_keys(keys)).await
}

async fn status(served: &Served, headers: &str) -> u16 {
    let mut client = served.client().await;
    client.post_with("decide-once", headers, asking("read")).await;
    let reply = client.reply().await;
    if reply.status() == 401 {
        reply.assert_error(401, "Unauthorized", "/api/pdp/decide-once");
        assert_eq!(reply.header("www-authenticate"), None);
    }
    reply.status()
}

#[tokio::test]
async fn each_key_of_the_file_may_ask() {
    let served = with_keys().await;
    for key in ["sapl_one_secret", "sapl_two_other"] {
        assert_eq!(
            status(&served, &format!("Authorization: Bearer {key}\r\n")).await,
            200
        );
    }
}

#[tokio::test]
async fn everything_else_is_unauthorized() {
    let served = with_keys().await;
    for headers in [
        "",
        "Authorization: \r\n",
        "Authorization: Bearer\r\n",
        "Authorization: Bearer sapl_one_secre\r\n",
        "Authorization: Bearer sapl_one_secret2\r\n",
        "Authorization: Bearer sapl_one_other\r\n",
        "Authorization: Bearer sapl_one_secret sapl_two_other\r\n",
        "Authorization: Bearer  sapl_one_secret\r\n",
        "Authorization: Bearer # two\r\n",
        "Authorization: bearer sapl_one_secret\r\n",
        "Authorization: BEARER sapl_one_secret\r\n",
        "Authorization: sapl_one_secret\r\n",
        "Authorization: Basic c2FwbF9vbmVfc2VjcmV0Og==\r\n",
        "Authorization: Bearer sapl_one_secret\r\nAuthorization: Bearer sapl_one_secret\r\n",
        "Authorization: Bearer sapl_one_secret\r\nAuthorization: Bearer nonsense\r\n",
        "Authorization: Bearer s\u{e4}pl\r\n",
    ] {
        assert_eq!(status(&served, headers).await, 401, "{headers}");
    }
}

#[tokio::test]
async fn without_a_key_no_endpoint_tells_anything() {
    let served = with_keys().await;
    for endpoint in ENDPOINTS {
        for body in ["", "null", "{}", &asking("read")] {
            let reply = served.post(endpoint, body).await;
            reply.assert_error(401, "Unauthorized", &format!("/api/pdp/{endpoint}"));
        }
    }
}

#[tokio::test]
async fn where_no_key_is_needed_credentials_that_nobody_knows_are_refused_all_the_same() {
    let served = Served::new(ServeOptions::default()).await;
    for (headers, expected) in [
        ("", 200),
        ("Authorization: \r\n", 200),
        ("Authorization: Bearer sapl_nobody_nothing\r\n", 401),
        ("Authorization: Basic bWFyYTpzZWNyZXQ=\r\n", 401),
    ] {
        assert_eq!(status(&served, headers).await, expected, "{headers}");
    }
}

#[tokio::test]
async fn without_keys_a_page_that_points_its_name_here_gets_nothing() {
    let served = Served::new(ServeOptions::default()).await;
    for (host, status) in [
        ("evil.example", 403),
        ("evil.example:8443", 403),
        ("127.0.0.1:1", 200),
        ("[::1]", 200),
    ] {
        for target in ["POST /api/pdp/decide-once", "GET /actuator/health"] {
            let mut client = served.client().await;
            let body = asking("read");
            let length = body.len();
            client
                .send(format!(
                    "{target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n{body}"
                ))
                .await;
            assert_eq!(client.reply().await.status(), status, "{host} {target}");
        }
    }
    // With keys the name doesn't matter: a page has none of them.
    let served = with_keys().await;
    let mut client = served.client().await;
    client
        .send("GET /actuator/health HTTP/1.1\r\nHost: pdp.example\r\n\r\n")
        .await;
    assert_eq!(client.reply().await.status(), 200);
}
