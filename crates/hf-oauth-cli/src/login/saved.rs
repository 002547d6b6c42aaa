//! From a token to a login that lasts: whose it is, under which name, and then the store.

use std::sync::Arc;

use hf_oauth::{ProviderError, Secret, Tokens, WhoAmI};
use hf_oauth_tokens::{NewLogin, Renewal};

use super::events::Success;
use super::plan::Plan;
use crate::failure::{Failure, Kind};
use crate::output::clean;

/// What a device or a browser brought.
pub(super) async fn granted(plan: &Plan, tokens: Tokens) -> Result<Success, Failure> {
    let who = check(plan, &tokens.access_token).await?;
    let mut login = NewLogin::new(name(plan, &who), tokens.access_token)
        .with_expires_at(tokens.expires_at)
        .with_client(&plan.client_id, plan.client.issuer().as_str());
    let renewable = tokens.refresh_token.is_some();
    if let Some(refresh_token) = tokens.refresh_token {
        login = login.with_refresh_token(refresh_token);
    }
    let scopes = tokens.scope.iter().map(ToString::to_string).collect();
    let success = Success {
        name: login.name.clone(),
        user: who.name.clone(),
        scopes: Some(scopes),
        expires_at: Some(tokens.expires_at.as_secs()),
        renewable,
        overridden_by: None,
    };
    save(plan, &who, login, success).await
}

/// A token that the person had.
pub(super) async fn pasted(plan: &Plan, token: Secret) -> Result<Success, Failure> {
    let who = check(plan, &token).await?;
    let login = NewLogin::new(name(plan, &who), token);
    let success = Success {
        name: login.name.clone(),
        user: who.name.clone(),
        scopes: None,
        expires_at: None,
        renewable: false,
        overridden_by: None,
    };
    save(plan, &who, login, success).await
}

/// Another process finished the login that this one joined: whose it is.
pub(super) async fn by_another(plan: &Plan, name: String, token: &Secret) -> Result<Success, Failure> {
    let user = check(plan, token).await?.name;
    let overridden_by = plan.overridden_by();
    Ok(Success { name, user, scopes: None, expires_at: None, renewable: false, overridden_by })
}

/// Asks the Hub. Only a person's token will do, as for Python.
async fn check(plan: &Plan, token: &Secret) -> Result<WhoAmI, Failure> {
    let who = plan.client.whoami(token).await.map_err(|error| match &error {
        ProviderError::Backchannel(cause) if cause.status == Some(401) => {
            Failure::new(Kind::SignInRefused, "the Hub does not know this token")
                .next("check that it is whole, and that HF_ENDPOINT is the Hub that gave it")
                .because(error)
        }
        _ => error.into(),
    })?;
    match who.kind.as_deref() {
        None | Some("user") => Ok(who),
        Some(kind) => {
            Err(Failure::new(Kind::SignInRefused, format!("the token belongs to no person ({kind})"))
                .next("use a token of your own account"))
        }
    }
}

/// As Python names it: the name that the token has on the Hub, or the user's.
fn name(plan: &Plan, who: &WhoAmI) -> String {
    let on_the_hub = || {
        let token = who.auth.as_ref()?.access_token.as_ref()?;
        token.display_name.clone().filter(|name| !name.is_empty())
    };
    let name = plan.name.clone().or_else(on_the_hub);
    name.map_or_else(|| own_name(who), |name| on_a_line(&name))
}

/// What Python calls a login of that user's.
fn own_name(who: &WhoAmI) -> String {
    on_a_line(&format!("oauth-{}", who.name))
}

fn on_a_line(name: &str) -> String {
    clean(name).replace('\n', " ")
}

async fn save(plan: &Plan, who: &WhoAmI, login: NewLogin, success: Success) -> Result<Success, Failure> {
    if !plan.force {
        leave_others_alone(plan, who, &login.name).await?;
    }
    // On a thread of its own: it may wait long for the store's lock, and a signal or --timeout ends the login meanwhile.
    let store = Arc::clone(&plan.store);
    let save = tokio::task::spawn_blocking(move || store.save(&login));
    save.await.map_err(|error| Failure::new(Kind::Failed, "the login was not saved").because(error))??;
    Ok(Success { overridden_by: plan.overridden_by(), ..success })
}

/// A name stays another account's until its token has ended for good: what is refused and cannot be refreshed. Where the
/// Hub does not say whose a token is, nobody takes its name by accident. `oauth-` with the user's own name is what this
/// account's logins are called.
async fn leave_others_alone(plan: &Plan, who: &WhoAmI, name: &str) -> Result<(), Failure> {
    let stored = plan.store.list()?;
    let Some((stored, token)) = stored
        .into_iter()
        .find(|stored| stored.name == name)
        .and_then(|mut stored| stored.token.take().map(|token| (stored, token)))
    else {
        return Ok(());
    };
    const NEXT: &str = "give another --name, or --force to replace it";
    let error = match plan.client.whoami(&token).await {
        Ok(owner) if owner.id == who.id => return Ok(()),
        Ok(owner) => {
            let what = format!("{name} is the name of {}'s token, not of {}'s", owner.name, who.name);
            return Err(Failure::new(Kind::Failed, what).next(NEXT));
        }
        Err(error) => error,
    };
    let is_refused = matches!(&error, ProviderError::Backchannel(cause) if cause.status == Some(401));
    if name == own_name(who) || (is_refused && stored.renewal == Renewal::None) {
        return Ok(());
    }
    let kind = if is_refused { Kind::Failed } else { Failure::from(error.clone()).kind() };
    let what = format!("{name} is the name of a token of which the Hub does not say whose it is");
    Err(Failure::new(kind, what).next(NEXT).because(error))
}
