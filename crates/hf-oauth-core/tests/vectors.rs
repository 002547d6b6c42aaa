//! The vectors of the project's folder `vectors`, natively: core's verdict is the one that stands there.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "../examples/verdict/rules.rs"]
mod rules;

use std::path::Path;

use serde_json::Value;

#[expect(clippy::disallowed_methods, reason = "the vectors are files, which a test may read")]
fn tests(exchange: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let text = std::fs::read_to_string(folder.join(format!("{exchange}.json"))).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["exchange"], exchange);
    file["tests"].as_array().unwrap().clone()
}

/// Those whose verdict is another one.
fn broken(exchange: &str, tests: &[Value]) -> Vec<String> {
    let differs = |test: &Value| {
        let verdict = rules::verdict(exchange, &test["input"]);
        (verdict.as_ref() != Ok(&test["verdict"]))
            .then(|| format!("{exchange}/{}: {} is right, {verdict:?} came", test["id"], test["verdict"]))
    };
    tests.iter().filter_map(differs).collect()
}

#[test]
fn every_vector_holds() {
    for exchange in rules::EXCHANGES {
        let tests = tests(exchange);
        let accepted = tests.iter().filter(|test| test["verdict"].get("accepted").is_some()).count();
        assert!(accepted >= 5 && accepted < tests.len(), "{exchange}: {accepted} of {}", tests.len());
        assert_eq!(broken(exchange, &tests), [""; 0]);
    }
}

/// What stands in the vectors is looked at: another verdict, or another input, is noticed.
#[test]
fn a_vector_that_does_not_hold_is_noticed() {
    for exchange in rules::EXCHANGES {
        let tests = tests(exchange);
        let mut accepted =
            tests.iter().find(|test| test["verdict"].get("accepted").is_some()).unwrap().clone();
        assert_eq!(broken(exchange, &[accepted.clone()]).len(), 0);
        accepted["verdict"]["accepted"]["more"] = "than comes out".into();
        assert_eq!(broken(exchange, &[accepted.clone()]).len(), 1, "{exchange}: another value");
        let refused = tests.iter().find(|test| test["verdict"].get("refused").is_some()).unwrap();
        accepted["verdict"] = refused["verdict"].clone();
        assert_eq!(broken(exchange, &[accepted]).len(), 1, "{exchange}: another rule");
        let unreadable = serde_json::json!({ "id": "x", "input": {}, "verdict": refused["verdict"] });
        assert_eq!(broken(exchange, &[unreadable]).len(), 1, "{exchange}: no input");
    }
    assert!(rules::verdict("no-exchange", &Value::Null).is_err());
}

/// The vectors that a reader of JSON, base64 or addresses differs by, each by its name: see `docs/attacks.md`.
#[test]
fn row_203_where_readers_differ_there_are_vectors() {
    let named = [
        (
            "id_token",
            &["sub-twice", "unread-surrogate", "surrogate-in-a-name", "tail-of-a-signature", "padding"][..],
        ),
        ("redirect_uri", &["backslash-for-a-host", "short-address", "tab", "capitals"]),
        ("return_path", &["slash-and-backslash", "tab-between-slashes", "escaped-dots"]),
        (
            "exchange",
            &["access-token-twice", "surrogate-in-a-token", "expires-in-text", "expires-in-fraction"],
        ),
        ("callback", &["duplicate-before-forgery", "code-of-half-a-surrogate", "tab-inside"]),
    ];
    for (exchange, ids) in named.into_iter().filter(|(exchange, _)| rules::EXCHANGES.contains(exchange)) {
        let tests = tests(exchange);
        for id in ids {
            let test = tests.iter().find(|test| test["id"] == *id);
            let test = test.unwrap_or_else(|| panic!("no vector {exchange}/{id}"));
            assert_eq!(broken(exchange, std::slice::from_ref(test)), [""; 0]);
        }
    }
}
