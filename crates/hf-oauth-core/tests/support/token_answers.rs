//! Answers of the token endpoint, read as a code's and as a refresh's.

use hf_oauth_core::*;
use serde_json::Value;

use super::*;

pub(crate) fn receive(response: Response) -> Result<UnverifiedLogin, ExchangeError> {
    let (request, exchange) = exchange(&app());
    let answer = request.read(response);
    exchange.receive(answer, NOW, None)
}

/// The whole login with a token answer that is right but for `members`.
pub(crate) fn tokens(members: Value) -> Result<Tokens, ExchangeError> {
    let login = receive(ok(token_json(members)))?;
    let attempt = Attempt::new();
    let verified =
        login.decode().unwrap().verify(&app(), &hub(), &attempt.keys, &attempt.verifier, attempt.policy, NOW);
    Ok(verified.unwrap().tokens)
}

pub(crate) fn fault(response: Response) -> BackchannelError {
    match receive(response).unwrap_err() {
        ExchangeError::Backchannel(error) => error,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn previous() -> Tokens {
    Tokens::new("old-access".into(), Some("old-refresh".into()), NOW, Scopes::from("openid jobs"))
}

pub(crate) fn refresh(response: Response) -> Result<Refreshed, RefreshError> {
    refresh_of("user-1".into(), response)
}

pub(crate) fn refresh_of(expected: ExpectedIdentity, response: Response) -> Result<Refreshed, RefreshError> {
    let (request, refresh) = Refresh::request(&app(), &hub(), expected, previous()).unwrap();
    let answer = request.read(response);
    let attempt = Attempt::new();
    let unconfirmed = refresh.receive(answer, NOW, None)?.check(&app(), &hub(), attempt.policy)?;
    Ok(unconfirmed.decode()?.verify(&app(), &hub(), &attempt.keys, &attempt.verifier, attempt.policy)?)
}

pub(crate) fn field(request: &Request, name: &str) -> Option<String> {
    let form = request.form().unwrap();
    assert!(form.iter().filter(|(key, _)| *key == name).count() <= 1);
    form.iter().find(|(key, _)| *key == name).map(|(_, value)| value.expose().to_owned())
}
