//! What `fresh_token` gives, and what it leaves alone.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use hf_oauth_core::{App, UnixTime};
use hf_oauth_hub::{AppConfig, Endpoint, Fault, LocalHub};
use hf_oauth_tokens::{
    CiError, Environment, NewLogin, Renewal, TokenError, TokenSource, TokenStore, Warning,
};
use serde_json::json;
use support::{python, sign_in_with};

fn at(hub: &LocalHub, home: &Path) -> TokenStore {
    let home = home.to_str().unwrap();
    TokenStore::new(Environment::from_pairs([("HF_HOME", home), ("HF_ENDPOINT", hub.issuer())]))
}

fn ends_in(seconds: i64) -> UnixTime {
    UnixTime::from_secs(UnixTime::from(std::time::SystemTime::now()).as_secs() + seconds)
}

fn requests(hub: &LocalHub, grant: &str) -> usize {
    let journal = hub.journal();
    journal.to("/oauth/token").filter(|entry| entry.param("grant_type") == Some(grant)).count()
}

/// Until the Hub has got the refresh, which it answers late.
async fn refresh_is_under_way(hub: &LocalHub) {
    while requests(hub, "refresh_token") == 0 {
        tokio::task::yield_now().await;
    }
}

fn late() -> Fault {
    Fault::latency(Duration::from_secs(2)).on(Endpoint::Token).times(1)
}

/// A login of the command line's client that ends soon.
async fn signed_in(hub: &LocalHub, home: &Path) -> String {
    let (token, refresh) = sign_in_with(hub, App::HUB_CLI_CLIENT_ID).await;
    let login =
        NewLogin::new("cli", token.clone()).with_refresh_token(refresh).with_expires_at(ends_in(3600));
    at(hub, home).save(&login).unwrap();
    token
}

#[tokio::test(flavor = "multi_thread")]
async fn row_109_a_valid_token_outlives_an_outage_and_the_hub_is_asked_once() {
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    let old = signed_in(&hub, home.path()).await;
    hub.fault(Fault::status(503).on(Endpoint::Token));
    let store = at(&hub, home.path());
    for _ in 0..3 {
        let token = store.fresh_token().await.unwrap();
        assert_eq!(token.token.expose(), old);
        assert!(matches!(token.warnings[..], [Warning::NotRefreshed { .. }]), "{:?}", token.warnings);
    }
    let asked = hub.journal().count("/oauth/token");
    assert_eq!(asked, 2, "the sign-in and one refresh");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_109_a_token_that_ended_without_a_refresh_token_is_never_handed_out() {
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    let store = at(&hub, home.path());
    store.save(&NewLogin::new("old", "hf_old").with_expires_at(ends_in(-1))).unwrap();
    let error = store.fresh_token().await.unwrap_err();
    assert!(matches!(error, TokenError::Ended { ref name, .. } if name == "old"), "{error}");
    assert!(home.path().join("token").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn row_131_a_newer_token_of_a_peer_is_adopted_after_an_invalid_grant() {
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    let store = at(&hub, home.path());
    let spent = NewLogin::new("cli", "hf_spent").with_refresh_token("spent").with_expires_at(ends_in(3600));
    store.save(&spent).unwrap();
    hub.fault(late());
    let peer = async {
        refresh_is_under_way(&hub).await;
        // As Python's login writes: without the lock.
        let text = format!(
            "[cli]\nhf_token = hf_peer\nrefresh_token = next\nexpires_at = {}\n",
            ends_in(90_000).as_secs()
        );
        fs::write(home.path().join("stored_tokens"), text).unwrap();
        fs::write(home.path().join("token"), "hf_peer").unwrap();
    };
    let (token, ()) = tokio::join!(store.fresh_token(), peer);
    assert_eq!(token.unwrap().token.expose(), "hf_peer");
    assert_eq!(requests(&hub, "refresh_token"), 1);
    assert!(fs::read_to_string(home.path().join("stored_tokens")).unwrap().contains("refresh_token = next"));
}

#[tokio::test(flavor = "multi_thread")]
async fn row_138_a_switch_by_another_process_during_a_refresh_stands() {
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    let old = signed_in(&hub, home.path()).await;
    hub.fault(late());
    let store = at(&hub, home.path());
    let switch = async {
        refresh_is_under_way(&hub).await;
        fs::write(home.path().join("token"), "hf_other").unwrap();
    };
    let (token, ()) = tokio::join!(store.fresh_token(), switch);
    let new = token.unwrap().token;
    assert_ne!(new.expose(), old);
    assert_eq!(fs::read_to_string(home.path().join("token")).unwrap(), "hf_other");
    assert!(fs::read_to_string(home.path().join("stored_tokens")).unwrap().contains(new.expose()));
}

#[tokio::test(flavor = "multi_thread")]
async fn row_124_a_refreshed_token_that_cannot_be_kept_is_given_with_a_warning() {
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    let old = signed_in(&hub, home.path()).await;
    let before = fs::read(home.path().join("stored_tokens")).unwrap();
    hub.fault(late());
    let store = at(&hub, home.path());
    let block = async {
        refresh_is_under_way(&hub).await;
        // Nothing can be put in a folder's place, not even by root.
        fs::create_dir(home.path().join("hf-oauth.journal")).unwrap();
    };
    let (token, ()) = tokio::join!(store.fresh_token(), block);
    let token = token.unwrap();
    assert_ne!(token.token.expose(), old);
    let [Warning::NotKept { why }] = &token.warnings[..] else { panic!("{:?}", token.warnings) };
    assert!(why.contains("hf-oauth.journal"), "{why}");
    assert_eq!(fs::read(home.path().join("stored_tokens")).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_another_client_is_refreshed_with_that_clients_id() {
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    hub.add_app(AppConfig::public("my-app").redirect_uri("http://localhost/callback"));
    let (old, refresh) = sign_in_with(&hub, "my-app").await;
    let store = at(&hub, home.path());
    let login = NewLogin::new("mine", old.clone()).with_refresh_token(refresh).with_expires_at(ends_in(3600));
    store.save(&login.with_client("my-app", hub.issuer())).unwrap();
    let token = store.fresh_token().await.unwrap();
    assert_ne!(token.token.expose(), old);
    let journal = hub.journal();
    let entry = journal.to("/oauth/token").last().unwrap();
    assert_eq!(
        (entry.param("grant_type"), entry.param("client_id")),
        (Some("refresh_token"), Some("my-app"))
    );
    let [kept] = &store.list().unwrap()[..] else { panic!() };
    let own = Renewal::Own { client_id: "my-app".to_owned(), issuer: hub.issuer().to_owned() };
    assert_eq!((kept.token.as_ref(), &kept.renewal, kept.active), (Some(&token.token), &own, true));
}

fn job(hub: &LocalHub, resource: &str, more: &[(&str, &str)]) -> TokenStore {
    let variables = hub.ci_environment(resource);
    let all = variables.iter().map(|(name, value)| (*name, value.as_str())).chain(more.iter().copied());
    TokenStore::new(Environment::from_pairs(all))
}

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

#[tokio::test(flavor = "multi_thread")]
async fn row_064_two_resources_interleaved_cost_one_exchange_each_and_never_mix() {
    let (hub, other) = (LocalHub::start().await.unwrap(), LocalHub::start().await.unwrap());
    let mut seen = std::collections::BTreeMap::new();
    for _ in 0..3 {
        for (hub, resource) in [(&hub, "ada/model"), (&hub, "grace"), (&other, "ada/model")] {
            let token = job(hub, resource, &[]).fresh_token().await.unwrap();
            assert_eq!(token.source, TokenSource::CiExchange);
            let token = token.token.expose().to_owned();
            assert_eq!(seen.entry((hub.port(), resource)).or_insert_with(|| token.clone()), &token);
        }
    }
    assert_eq!((requests(&hub, EXCHANGE), requests(&other, EXCHANGE)), (2, 1));
    let mut tokens: Vec<&String> = seen.values().collect();
    tokens.sort();
    tokens.dedup();
    assert_eq!(tokens.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_064_a_failing_exchange_is_an_error_and_no_other_token_is_used() {
    let (hub, home) = (LocalHub::start().await.unwrap(), tempfile::tempdir().unwrap());
    at(&hub, home.path()).save(&NewLogin::new("a", "hf_file")).unwrap();
    let more = [("HF_TOKEN", "hf_env"), ("HF_HOME", home.path().to_str().unwrap())];
    for endpoint in [Endpoint::Token, Endpoint::CiIdToken] {
        hub.fault(Fault::status(500).on(endpoint));
        let error = job(&hub, "ada/model", &more).fresh_token().await.unwrap_err();
        let TokenError::CiExchange(why) = &error else { panic!("{error}") };
        let by_ci = matches!(why.downcast_ref::<CiError>(), Some(CiError::Status { status: 500 }));
        assert_eq!(by_ci, endpoint == Endpoint::CiIdToken, "{why}");
        assert!(error.is_network(), "{why}");
        hub.clear_faults();
        hub.fault(Fault::status(403).on(endpoint));
        let error = job(&hub, "ada/model", &more).fresh_token().await.unwrap_err();
        assert!(matches!(error, TokenError::CiExchange(_)) && !error.is_network(), "{error}");
        hub.clear_faults();
    }
    let error = job(&hub, "ada/model", &[("GITHUB_ACTIONS", "")]).fresh_token().await.unwrap_err();
    assert!(matches!(error, TokenError::NoCiToken), "{error}");
    for (name, value) in
        [("ACTIONS_ID_TOKEN_REQUEST_TOKEN", ""), ("ACTIONS_ID_TOKEN_REQUEST_URL", "http://ci.example/")]
    {
        let error = job(&hub, "ada/model", &[(name, value)]).fresh_token().await.unwrap_err();
        let TokenError::CiExchange(why) = &error else { panic!("{error}") };
        let refused = why.downcast_ref::<CiError>();
        assert!(matches!(refused, Some(CiError::NotPermitted | CiError::BadAddress)), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_064_a_ci_or_a_hub_that_nobody_reaches_is_told_from_one_that_says_no() {
    let hub = LocalHub::start().await.unwrap();
    let gone = LocalHub::start().await.unwrap().issuer().to_owned();
    for (name, value) in [("ACTIONS_ID_TOKEN_REQUEST_URL", gone.clone() + "/"), ("HF_ENDPOINT", gone.clone())]
    {
        let error = job(&hub, "ada/model", &[(name, &value)]).fresh_token().await.unwrap_err();
        assert!(matches!(error, TokenError::CiExchange(_)) && error.is_network(), "{name}: {error:?}");
    }
}

/// A child, since variables are a process's.
#[tokio::test(flavor = "multi_thread")]
async fn row_051_the_ci_is_asked_by_way_of_the_authorities_that_pythons_variable_names() {
    let hub = LocalHub::start().await.unwrap();
    let mut command = Command::new(support::example("token"));
    command.env_clear().envs(hub.ci_environment("ada/model"));
    command.env("ACTIONS_ID_TOKEN_REQUEST_URL", "https://127.0.0.1:9/?a=b");
    command.env("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("REQUESTS_CA_BUNDLE (/nowhere/bundle.pem)") && told.contains("CiIdToken"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn row_064_only_what_can_be_made_again_is_replaced_before_its_end() {
    let hub = LocalHub::start().await.unwrap();
    hub.fault(Fault::json(json!({ "expires_in": 299 })).on(Endpoint::Token));
    for _ in 0..2 {
        job(&hub, "ada/model", &[]).fresh_token().await.unwrap();
    }
    assert_eq!(requests(&hub, EXCHANGE), 2);
    let given = hub.ci_id_token(hub.issuer()).await.unwrap();
    for _ in 0..2 {
        job(&hub, "ada/model", &[("HF_OIDC_ID_TOKEN", &given)]).fresh_token().await.unwrap();
    }
    assert_eq!(requests(&hub, EXCHANGE), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn row_064_python_asks_the_ci_and_the_hub_for_the_same_things() {
    let Some(python) = python() else { return };
    let hub = LocalHub::start().await.unwrap();
    job(&hub, "datasets/ada/engine", &[]).fresh_token().await.unwrap();
    let mut command = Command::new(python);
    command.args(["-c", "from huggingface_hub import get_token; print(get_token())"]);
    command.envs(hub.ci_environment("datasets/ada/engine")).env_remove("HF_OIDC_ID_TOKEN");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let journal = hub.journal();
    for path in ["/ci/id-token", "/oauth/token"] {
        let asked: Vec<_> = journal
            .to(path)
            .map(|entry| {
                ["audience", "grant_type", "subject_token_type", "resource"].map(|name| entry.param(name))
            })
            .collect();
        assert_eq!(asked.len(), 2, "{path}");
        assert_eq!(asked[0], asked[1], "{path}");
    }
}
