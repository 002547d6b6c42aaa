//! Signing out, which no other site may do for somebody.

use hf_oauth::ReturnPath;

use crate::answers;
use crate::failure::{Failure, FailureCode};
use crate::fetch_metadata::{Audience, is_own_link, is_own_request};
use crate::frames::Framing;
use crate::page;
use crate::refresh::Refresher;
use crate::reply::{Replaces, Reply};
use crate::request::Request;
use crate::runtime::Incoming;
use crate::site::Site;
use crate::visit::Visit;

/// `POST` of the app's own page, or a link of its own that somebody followed, signs out. Any other `GET` gets a page that
/// asks; any other `POST` is refused.
pub(crate) async fn logout(visit: &Visit, request: &Request<'_>) -> Reply {
    let incoming = visit.incoming(request);
    let Some(site) = visit.site() else { return answers::unknown_host(incoming) };
    let return_path = visit.runtime().paths.return_path_of_query(request.query());
    if request.method() == "POST" {
        if is_own_request(request, &site.origin) {
            return sign_out(visit, site, request, &return_path).await;
        }
        let text = "You are still signed in. If you want to sign out, do it in the app itself.";
        return answers::failure(incoming, &Failure::new(FailureCode::CrossSiteLogout, text));
    }
    if is_own_link(request) {
        sign_out(visit, site, request, &return_path).await
    } else if incoming.framing() == Framing::Foreign {
        // No other page may put its own picture over the button.
        answers::failure(incoming, &answers::framed(incoming, return_path))
    } else if visit.session().is_none() && is_signed_out_in_frame(incoming, site) {
        page::signed_out(incoming, &return_path)
    } else {
        page::ask_logout(incoming, &return_path)
    }
}

fn is_signed_out_in_frame(incoming: Incoming<'_>, site: &Site) -> bool {
    incoming.framing() == Framing::Framed && site.sessions.has_sign_out_note(&incoming.request.cookies())
}

async fn sign_out(visit: &Visit, site: &Site, request: &Request<'_>, return_path: &ReturnPath) -> Reply {
    let (runtime, cookies) = (visit.runtime(), request.cookies());
    let now = runtime.client.now();
    // Not the session as handlers have it: one whose access token has ended is signed out of as well.
    let session = site.sessions.read(&cookies, now).await.session;
    if let Some(session) = &session {
        runtime.end_of(session, Refresher::sign_out);
    }
    // A tab is signed in apart from the frame: somebody who leaves has to be told.
    let incoming = visit.incoming(request);
    let is_form_in_frame = incoming.framing() == Framing::Framed && Audience::of(request) == Audience::Form;
    let next =
        if is_form_in_frame { runtime.paths.logout_to(return_path) } else { return_path.as_str().to_owned() };
    Reply::see_other(next)
        .with_cookies(site.sessions.end(session.as_ref(), &cookies).await)
        .with_cookies(site.logins.clear(&cookies, now))
        .with_cookies([site.sessions.sign_out_note()])
        .replacing(Replaces::Everything)
}
