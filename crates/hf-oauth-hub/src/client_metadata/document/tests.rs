//! Documents of every kind, most of which make no app.

use serde_json::json;

use super::*;

const ID: &str = "https://app.example/.well-known/oauth-cimd";

fn document() -> Value {
    json!({
        "client_id": ID, "client_name": "An app", "redirect_uris": ["https://app.example/cb"],
        "token_endpoint_auth_method": "none",
    })
}

fn of(document: &Value) -> Result<AppConfig, Unusable> {
    read(&Location::parse(ID, true).unwrap(), document.to_string().as_bytes())
}

fn with(name: &str, value: Value) -> Result<AppConfig, Unusable> {
    let mut document = document();
    document[name] = value;
    of(&document)
}

#[track_caller]
fn refused(made: Result<AppConfig, Unusable>, why: &str) {
    let Unusable(reason) = made.unwrap_err();
    assert!(reason.contains(why), "{reason}");
}

#[test]
fn a_document_makes_a_public_app_named_with_its_host() {
    let app = of(&document()).unwrap();
    assert_eq!((app.client_id.as_str(), app.name.as_str()), (ID, "An app (app.example)"));
    assert!(app.is_public() && app.refresh && !app.space);
    assert_eq!(app.redirect_uris, ["https://app.example/cb"]);
    let more = with("software_version", json!({ "any": [1, null] })).unwrap();
    assert_eq!(more.client_id, ID);
    assert_eq!(with("scope", json!("email jobs")).unwrap().scopes, ["email", "jobs"]);
    assert!(!with("grant_types", json!(["authorization_code"])).unwrap().refresh);
    assert!(with("grant_types", json!(["authorization_code", "refresh_token"])).unwrap().refresh);
    assert!(with("logo_uri", json!("https://cdn.example/logo.svg")).is_ok());
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    for (name, value, why) in [
        ("client_id", json!("https://other.example/x"), "another client_id"),
        ("client_id", json!("https://app.example/.well-known/OAUTH-CIMD"), "another client_id"),
        ("client_id", json!(null), "client_id that is no text"),
        ("token_endpoint_auth_method", json!("client_secret_basic"), "\"none\""),
        ("token_endpoint_auth_method", json!("private_key_jwt"), "\"none\""),
        ("client_secret", json!("hush"), "client_secret"),
        ("client_secret_expires_at", json!(0), "client_secret_expires_at"),
        ("client_name", json!(""), "client_name"),
        ("client_name", json!("a\u{202e}b"), "client_name"),
        ("client_name", json!("a\nb"), "client_name"),
        ("client_name", json!("x".repeat(101)), "client_name"),
        ("logo_uri", json!("javascript:alert(1)"), "logo_uri"),
        ("client_uri", json!("http://app.example"), "client_uri"),
        ("policy_uri", json!("data:text/html,x"), "policy_uri"),
        ("redirect_uris", json!([]), "1 to 32"),
        ("redirect_uris", json!("https://app.example/cb"), "no list"),
        ("redirect_uris", json!(["https://app.example/cb", 7]), "no list"),
        ("redirect_uris", json!(vec!["https://app.example/cb"; 33]), "1 to 32"),
        ("response_types", json!(["token"]), "response_types"),
        ("grant_types", json!(["implicit"]), "grant_types"),
    ] {
        refused(with(name, value), why);
    }
    for missing in ["client_id", "client_name", "redirect_uris", "token_endpoint_auth_method"] {
        let mut document = document();
        document.as_object_mut().unwrap().remove(missing);
        refused(of(&document), missing);
    }
}

#[test]
fn nobody_is_sent_back_to_a_stranger() {
    for uri in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "https://evil.example/cb",
        "https://app.example.evil.example/cb",
        "https://app.example:8443/cb",
        "http://app.example/cb",
        "https://app.example@evil.example/cb",
        "https://me@app.example/cb",
        "https://app.example/cb#x",
        "https:\\\\app.example/cb",
        "https:app.example/cb",
        "https:///app.example/cb",
        "https://app.example:x/cb",
        "http://localhost:99999/cb",
        "http://localhost.evil.example/cb",
        "http://localhost:80x/cb",
        "//app.example/cb",
        "/cb",
        "",
        " https://app.example/cb",
        "https://app.example/\u{e9}",
        "com.example.app:/cb",
        "http://127.0.0.2/cb",
        "https://localhost/cb",
    ] {
        refused(with("redirect_uris", json!(["https://app.example/cb", uri])), "redirect URI");
    }
    let own = json!(["http://localhost/cb", "http://127.0.0.1:1/cb", "http://[::1]/cb"]);
    assert_eq!(with("redirect_uris", own).unwrap().redirect_uris.len(), 3);
}

#[test]
fn whatever_the_bytes_are_nobody_is_sent_elsewhere() {
    let whole = document().to_string().into_bytes();
    let location = Location::parse(ID, true).unwrap();
    let mut made = 0;
    let mut look = |body: &[u8]| {
        if let Ok(app) = read(&location, body) {
            assert_eq!(app.client_id, ID);
            let own = |uri: &String| {
                let rest = uri.strip_prefix("https://app.example");
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
            };
            assert!(app.redirect_uris.iter().all(own), "{app:?}");
            made += 1;
        }
    };
    for at in 0..whole.len() {
        look(&whole[..at]);
        for byte in 0..=u8::MAX {
            let mut changed = whole.clone();
            changed[at] = byte;
            look(&changed);
        }
    }
    assert!(made > 500, "changes of a name or of a path do not matter: {made}");
}

#[test]
fn a_member_that_stands_there_twice_is_refused() {
    for twice in ["redirect_uris", "client_id", "anything"] {
        let first = match twice {
            "redirect_uris" => r#""redirect_uris": ["https://evil.example/cb"]"#.to_owned(),
            name => format!(r#""{name}": "x""#),
        };
        let mut whole = document();
        whole["anything"] = json!("y");
        let body = whole.to_string().replacen('{', &format!("{{{first},"), 1);
        let made = read(&Location::parse(ID, true).unwrap(), body.as_bytes());
        refused(made, "twice");
    }
    for no_object in ["", "[]", "null", "{", "{}x", "\"x\"", "\u{feff}{}"] {
        refused(read(&Location::parse(ID, true).unwrap(), no_object.as_bytes()), "no JSON object");
    }
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    refused(read(&Location::parse(ID, true).unwrap(), deep.as_bytes()), "no JSON object");
}
