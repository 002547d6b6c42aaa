//! Who may pass a guard: a visit and a requirement in, a decision out.

use std::sync::Arc;
use std::time::Duration;

use hf_oauth::{LoginOptions, OAuthUserInfo, Prompt, ReturnPath, Scopes, UserinfoError};
use hf_oauth_session::Session;

use crate::answers;
use crate::begin::{Attempt, Begin, Step};
use crate::failure::Failure;
use crate::fetch_metadata::{Audience, is_no_navigation};
use crate::request::Request;
use crate::requirement::{OrgLack, Requirement, denied, unmet, unmet_by};
use crate::runtime::Runtime;
use crate::single_flight::call_key;
use crate::visit::Visit;

/// How long the Hub's word on somebody's organisations stands.
const TOLD: Duration = Duration::from_secs(60);
/// How long a failure to ask stands.
const NOT_TOLD: Duration = Duration::from_secs(5);

/// What keeps a visitor from passing; `None` lets them pass.
///
/// Somebody who lacks something that a consent page can bring is asked for it once a session, and then told why not.
pub(crate) async fn access(visit: &Visit, requirement: &Requirement, request: &Request<'_>) -> Option<Step> {
    if let Err(refusal) = visit.signed_in(request) {
        return Some(refusal.reply.into());
    }
    let incoming = visit.incoming(request);
    let session = visit.session()?;
    let mut lack = unmet(requirement, session)?;
    if lack.orgs.iter().any(|(_, why)| *why == OrgLack::NotKept) {
        // The cookie had no room for all organisations: only the Hub knows.
        match told_by_the_hub(visit.runtime(), session).await.as_deref() {
            Some(Ok(user)) if user.sub == session.subject() => {
                lack = unmet_by(requirement, session.scope(), user.orgs.as_deref(), true)?;
            }
            // The Hub does not know the token any more: access was taken away there.
            Some(Err(UserinfoError::Backchannel(error))) if error.status == Some(401) => {
                return Some(answers::unauthenticated(incoming).into());
            }
            Some(Err(error)) => {
                return Some(answers::failure(incoming, &Failure::of_login(&error.clone().into())).into());
            }
            Some(Ok(_)) | None => return Some(answers::failure(incoming, &denied(&lack)).into()),
        }
    }
    // Nobody answers a question that a prefetch was sent away with, and each would push out a real login.
    let may_ask = Audience::of(request) == Audience::Navigation
        && request.method() != "HEAD"
        && !is_no_navigation(request)
        && lack.can_be_granted()
        && !session.has_asked(&requirement.id());
    if !may_ask {
        return Some(answers::failure(incoming, &denied(&lack).returning_to(incoming.here())).into());
    }
    Some(Step::Begin(step_up(visit.runtime(), session, requirement, incoming.here())))
}

/// A login that asks for the scopes granted so far and those that are required, for access to the organisations that are
/// required and to those that let somebody in, and
/// that the Hub asks again, since a consent that stands would go straight through.
fn step_up(runtime: &Runtime, session: &Session, requirement: &Requirement, here: ReturnPath) -> Begin {
    // New tokens carry what their own login asked for, no more.
    let granted = runtime.client.app().scopes.iter().chain(session.scope());
    let scopes = granted.chain(&requirement.scopes).cloned().collect::<Scopes>();
    let mut options =
        LoginOptions::new().with_scopes(scopes).with_prompt(Prompt::Consent).with_return_path(here);
    options.app_state = session.app_state().map(str::to_owned);
    let shown = runtime.admission.shown(session).filter(|org| !requirement.orgs.contains(org));
    let orgs = requirement.orgs.iter().chain(shown);
    let options = orgs.fold(options, |options, org| options.with_org_id(org.as_str()));
    let asked = session.asked().iter().copied().chain([requirement.id()]).collect();
    Begin { options, asked, attempt: Attempt::First }
}

/// Userinfo, asked once a minute and session, however many requests there are.
async fn told_by_the_hub(
    runtime: &Runtime,
    session: &Session,
) -> Option<Arc<Result<OAuthUserInfo, UserinfoError>>> {
    let client = runtime.client.clone();
    let token = session.tokens().access_token.clone();
    let key = call_key("userinfo", token.expose());
    let clock = client.clone();
    let work = || async move { Arc::new(client.userinfo(&token).await) };
    let keep = |told: &Arc<Result<_, _>>| if told.is_ok() { TOLD } else { NOT_TOLD };
    runtime.userinfos.run(key, move || clock.now(), work, keep).await
}
