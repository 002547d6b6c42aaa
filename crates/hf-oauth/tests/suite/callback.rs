//! Redirects that are not this login's: no token request, and the login stays usable.

use hf_oauth::*;
use hf_oauth_hub::{Clock, LocalHub};

use crate::support::*;

struct Begun {
    hub: LocalHub,
    client: Client,
    redirect: String,
    pending: PendingLogin,
    secrets: Vec<String>,
}

async fn begun(hub: LocalHub) -> Begun {
    let client = client(&hub);
    let (url, pending) = client.login_url(&LoginOptions::new()).await.unwrap();
    let redirect = hub.approve(&url, "ada").await.unwrap();
    let (pending, secrets) = secrets_of(pending, &redirect);
    Begun { hub, client, redirect, pending, secrets }
}

impl Begun {
    /// A redirect that must be refused, without a request, and that gives the login back.
    async fn refused(self, redirect: &str, expected: &str) -> Self {
        let before = self.hub.journal().entries().len();
        let error = self.client.handle_redirect(redirect, self.pending).await.unwrap_err();
        assert_kind(&error, expected, redirect);
        no_secret_in(&error, &self.secrets);
        assert!(error.is_retryable());
        assert_eq!(self.hub.journal().entries().len(), before, "{redirect} cost a request");
        let pending = error.into_pending();
        let pending = match pending {
            Some(pending) => pending,
            None => panic!("{redirect} used the login up"),
        };
        Self { pending, ..self }
    }

    /// The real redirect still works after all that.
    async fn finishes(self) {
        self.client.handle_redirect(&self.redirect, self.pending).await.unwrap();
        assert_eq!(asked(&self.hub, TOKEN), 1);
    }
}

fn with(redirect: &str, more: &str) -> String {
    format!("{redirect}&{more}")
}

#[tokio::test]
async fn row_001_a_forged_state_costs_no_request_and_no_login() {
    let mut login = begun(hub().await).await;
    let code = param(&login.redirect, "code").unwrap();
    let state = param(&login.redirect, "state").unwrap();
    login = login.refused(&format!("{CALLBACK}?code={code}"), "Callback(StateMissing").await;
    login = login.refused(CALLBACK, "Callback(StateMissing").await;
    let upper = state.to_uppercase();
    for state in ["guessed", &state[1..], &upper, &format!("{state}%00"), &format!("{state}=")] {
        login =
            login.refused(&format!("{CALLBACK}?code={code}&state={state}"), "Callback(StateMismatch").await;
    }
    login = login.refused(&format!("{CALLBACK}?code={code}&state="), "Callback(StateMissing").await;
    login = login.refused(&format!("{CALLBACK}?error=access_denied&state=x"), "Callback(StateMismatch").await;
    login.finishes().await;
}

#[tokio::test]
async fn row_003_a_redirect_that_comes_twice_is_one_login() {
    let Begun { hub, client, redirect, pending, .. } = begun(hub().await).await;
    let parts = pending.into_parts();
    let again = || PendingLogin::from_parts(parts.clone()).unwrap();
    client.handle_redirect(&redirect, again()).await.unwrap();
    // An app that failed to forget the login: the provider takes the code once.
    let error = client.handle_redirect(&redirect, again()).await.unwrap_err();
    assert_kind(&error, "Exchange(InvalidGrant", "the second time");
    assert!(!error.is_retryable() && error.into_pending().is_none());
    assert_eq!((asked(&hub, TOKEN), asked(&hub, USERINFO)), (2, 1));
}

#[tokio::test]
async fn row_005_a_login_ends_ten_minutes_after_it_began() {
    for (waited, finishes) in [(600, true), (601, false)] {
        let hub = hub().await;
        let client = client(&hub);
        let (url, pending) = client.login_url(&LoginOptions::new()).await.unwrap();
        hub.clock().advance(waited);
        let redirect = hub.approve(&url, "ada").await.unwrap();
        let begun = Begun { hub, client, redirect: redirect.clone(), pending, secrets: Vec::new() };
        if finishes {
            begun.finishes().await;
        } else {
            let begun = begun.refused(&redirect, "Callback(StateExpired").await;
            assert_eq!(asked(&begun.hub, TOKEN), 0);
            login(&begun.client, &begun.hub).await.unwrap();
        }
    }
}

#[tokio::test]
async fn row_006_a_parameter_that_comes_twice_is_refused_here_and_there() {
    let mut login = begun(hub().await).await;
    let redirect = login.redirect.clone();
    for more in ["code=x", "state=x", "code=", "%63ode=x", "iss=a&iss=a", "error=a&error=b"] {
        login = login.refused(&with(&redirect, more), "Callback(DuplicateParameter").await;
    }
    for name in ["code", "state"] {
        let same = format!("{name}={}", param(&login.redirect, name).unwrap());
        login = login.refused(&with(&redirect, &same), "Callback(DuplicateParameter").await;
    }
    login.finishes().await;
}

#[tokio::test]
async fn row_007_another_issuer_in_the_redirect_is_refused() {
    let mut login = begun(hub().await).await;
    let issuer = login.hub.issuer().to_owned();
    for iss in ["https://evil.example".to_owned(), String::new(), format!("{issuer}/"), issuer.to_uppercase()]
    {
        let redirect = with(&login.redirect, &format!("iss={iss}"));
        login = login.refused(&redirect, "Callback(IssuerMismatch").await;
    }
    login.finishes().await;
}

#[tokio::test]
async fn row_007_a_provider_that_promises_its_name_must_send_it() {
    let hub = LocalHub::builder().send_iss(true).clock(Clock::manual(NOW)).start().await.map(with_apps);
    let login = begun(hub.unwrap()).await;
    let (without, iss) = login.redirect.rsplit_once("&iss=").expect("the Hub sends it last");
    assert!(!iss.contains('&'));
    let without = without.to_owned();
    login.refused(&without, "Callback(IssuerMissing").await.finishes().await;
}

#[tokio::test]
async fn row_007_a_foreign_issuer_costs_a_cold_client_no_request_either() {
    let Begun { hub, redirect, pending, secrets, .. } = begun(hub().await).await;
    hub.clear_journal();
    let cold = client(&hub);
    let mut login = Begun { hub, client: cold, redirect: redirect.clone(), pending, secrets };
    login =
        login.refused(&with(&redirect, "iss=https%3A%2F%2Fevil.example"), "Callback(IssuerMismatch").await;
    let state = param(&redirect, "state").unwrap();
    login = login.refused(&format!("{CALLBACK}?state={state}"), "Callback(CodeMissing").await;
    login.hub.clock().advance(601);
    login = login.refused(&redirect, "Callback(StateExpired").await;
    assert_eq!(asked(&login.hub, DISCOVERY), 0);
}

#[tokio::test]
async fn row_010_what_a_code_flow_never_carries_is_refused() {
    let mut login = begun(hub().await).await;
    for name in ["access_token", "id_token", "token", "response"] {
        for separator in ['&', '#'] {
            let redirect = format!("{}{separator}{name}=canary", login.redirect);
            login = login.refused(&redirect, "Callback(UnexpectedParameter").await;
        }
    }
    login.finishes().await;
}

#[tokio::test]
async fn who_says_no_is_told_apart_from_a_provider_that_fails() {
    let hub = hub().await;
    let client = client(&hub);
    let (url, pending) = client.login_url(&LoginOptions::new()).await.unwrap();
    let redirect = hub.deny(&url, "ada").await.unwrap();
    let begun = Begun { hub, client, redirect: redirect.clone(), pending, secrets: Vec::new() };
    let begun = begun.refused(&redirect, "Callback(Declined").await;
    let state = param(&redirect, "state").unwrap();
    let failing = format!("{CALLBACK}?error=server_error&state={state}");
    let begun = begun.refused(&failing, "Callback(Provider").await;
    begun.refused(&format!("{CALLBACK}?state={state}"), "Callback(CodeMissing").await;
}

#[tokio::test]
async fn row_164_an_error_that_does_not_say_whose_it_is_uses_no_login_up() {
    let hub = LocalHub::builder().send_iss(true).clock(Clock::manual(NOW)).start().await.map(with_apps);
    let mut login = begun(hub.unwrap()).await;
    let state = param(&login.redirect, "state").unwrap();
    for error in ["access_denied", "server_error", ""] {
        let redirect = format!("{CALLBACK}?error={error}&state={state}");
        login = login.refused(&redirect, "Callback(IssuerMissing").await;
        let foreign = with(&redirect, "iss=https%3A%2F%2Fevil.example");
        login = login.refused(&foreign, "Callback(IssuerMismatch").await;
        login = login.refused(&with(&redirect, "iss="), "Callback(IssuerMismatch").await;
    }
    // The provider's own is believed, and even that gives the login back.
    let own = format!("{CALLBACK}?error=access_denied&state={state}&iss={}", login.hub.issuer());
    login.refused(&own, "Callback(Declined").await.finishes().await;
}

#[tokio::test]
async fn row_164_a_cold_client_asks_for_the_metadata_before_it_believes_an_error() {
    let hub = LocalHub::builder().send_iss(true).clock(Clock::manual(NOW)).start().await.map(with_apps);
    let Begun { hub, redirect, pending, .. } = begun(hub.unwrap()).await;
    hub.clear_journal();
    let state = param(&redirect, "state").unwrap();
    let cold = client(&hub);
    let declined = format!("{CALLBACK}?error=access_denied&state={state}");
    let error = cold.handle_redirect(&declined, pending).await.unwrap_err();
    assert_kind(&error, "Callback(IssuerMissing", "no iss");
    assert_eq!((asked(&hub, DISCOVERY), asked(&hub, TOKEN)), (1, 0));
    cold.handle_redirect(&redirect, error.into_pending().unwrap()).await.unwrap();
}
