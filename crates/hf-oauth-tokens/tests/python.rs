//! The same answers as Python's `huggingface_hub`, and files that it reads.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

mod support;

use std::fs;

use hf_oauth_core::UnixTime;
use hf_oauth_tokens::{Environment, NewLogin, Renewal, TokenStore};
use serde_json::json;
use support::{ask_python, python, store};

#[test]
fn row_137_the_same_token_and_paths_as_python_for_a_matrix_of_variables() {
    let Some(python) = python() else { return };
    let home = tempfile::tempdir().unwrap();
    let root = home.path().to_str().unwrap();
    fs::create_dir_all(home.path().join(".cache/huggingface")).unwrap();
    fs::write(home.path().join(".cache/huggingface/token"), " hf_\nfile \n").unwrap();
    fs::write(home.path().join("other"), "hf_other").unwrap();
    let under = |rest: &str| format!("{root}{rest}");
    let matrix: Vec<Vec<(&str, String)>> = vec![
        vec![],
        vec![("HF_TOKEN", "hf_env".into())],
        vec![("HF_TOKEN", String::new()), ("HUGGING_FACE_HUB_TOKEN", "hf_older".into())],
        vec![("HF_TOKEN", "  ".into()), ("HUGGING_FACE_HUB_TOKEN", "hf_older".into())],
        vec![("HF_TOKEN", "\u{1c}hf_\r\na\u{a0}".into())],
        vec![("HF_HOME", "~/x/$SUB/${SUB}/$NOT/${NOT}/$".into()), ("SUB", "$HOME~".into())],
        vec![("HF_HOME", String::new())],
        vec![("XDG_CACHE_HOME", under("/xdg/"))],
        vec![("XDG_CACHE_HOME", String::new())],
        vec![("HF_TOKEN_PATH", "~/other".into())],
        vec![("HF_TOKEN_PATH", "$HOME//deep///other".into())],
        vec![("HF_TOKEN_PATH", "other".into())],
        vec![("HF_TOKEN_PATH", "~root/other".into())],
        vec![("HF_TOKEN_PATH", "~nobody-of-this-name/other".into())],
        vec![("HF_ENDPOINT", "http://localhost:1//".into()), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "yes".into())],
        vec![("HUGGINGFACE_CO_STAGING", "1".into())],
    ];
    let mut environments: Vec<Vec<(&str, String)>> = matrix
        .into_iter()
        .map(|mut row| {
            row.push(("HOME", root.to_owned()));
            row
        })
        .collect();
    environments.push(vec![("HF_TOKEN", "hf_env".into())]);
    environments.push(vec![("HOME", String::new()), ("HF_TOKEN", "hf_env".into())]);
    let tasks: Vec<_> = environments
        .iter()
        .map(|row| json!({"environment": row.iter().cloned().collect::<std::collections::BTreeMap<_, _>>()}))
        .collect();
    for (row, answer) in environments.into_iter().zip(ask_python(&python, &tasks)) {
        let ours = TokenStore::new(Environment::from_pairs(row.clone()));
        let places = ours.locations();
        let resolution = ours.resolve().unwrap();
        let token = resolution.token().map(|token| token.token.expose());
        let told = json!([
            token,
            places.token.to_str(),
            places.stored_tokens.to_str(),
            places.endpoint.as_str(),
            resolution.implicit_disabled
        ]);
        assert_eq!(told, answer, "{row:?}");
    }
}

#[test]
fn python_reads_what_was_saved_and_the_other_way_round() {
    let Some(python) = python() else { return };
    let home = tempfile::tempdir().unwrap();
    let ours = store(home.path());
    let far = UnixTime::from_secs(4_000_000_000);
    ours.save(&NewLogin::new("é ]=:#", "hf_%(a)s").with_refresh_token("r").with_expires_at(far)).unwrap();
    let other = NewLogin::new("b", "hf_b").with_refresh_token("secret").with_expires_at(far);
    ours.save(&other.with_client("my-app", "https://huggingface.co").inactive()).unwrap();
    let answers = ask_python(&python, &[json!({"stored": home.path()})]);
    assert_eq!(answers[0], json!(["hf_%(a)s", {"b": "hf_b", "é ]=:#": "hf_%(a)s"}]));
    assert!(!fs::read_to_string(home.path().join("stored_tokens")).unwrap().contains("secret"));
    let renewals: Vec<Renewal> = ours.list().unwrap().into_iter().map(|token| token.renewal).collect();
    let own = Renewal::Own { client_id: "my-app".into(), issuer: "https://huggingface.co".into() };
    assert_eq!(renewals, [own, Renewal::Shared]);
}
