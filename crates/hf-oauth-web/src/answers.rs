//! Failures as answers: a page for people, JSON for everybody else.

use hf_oauth::ReturnPath;
use serde_json::json;

use crate::failure::{Failure, FailureCode};
use crate::fetch_metadata::{Audience, is_framed, is_own_navigation};
use crate::frames::{FrameSignIn, Framing};
use crate::page;
use crate::reply::Reply;
use crate::runtime::Incoming;

/// The failure as a page for people, as JSON for everybody else.
pub(crate) fn failure(incoming: Incoming<'_>, failure: &Failure) -> Reply {
    let reads_html = Audience::of(incoming.request).reads_html();
    // Whoever may not show the app would get a broken frame of any other page.
    let is_unseen = reads_html && !failure.is_for_every_frame() && incoming.framing() == Framing::Foreign;
    if is_unseen {
        return self::failure(incoming, &framed(incoming, failure.return_path.clone()));
    }
    let mut reply = if reads_html { page::failure(incoming, failure) } else { as_json(incoming, failure) };
    reply = reply
        .with("vary", "Accept, Cookie, Referer, Sec-Fetch-Mode, Sec-Fetch-Dest, Sec-Fetch-Site, HX-Request");
    if let Some(wait) = failure.retry_after {
        let seconds = wait.as_secs().max(1).to_string();
        // A page that somebody only wanted to see comes by itself; a form is never sent twice.
        if failure.code == FailureCode::SessionUnavailable
            && Audience::of(incoming.request) == Audience::Navigation
        {
            reply = reply.with("refresh", seconds.clone());
        }
        reply = reply.with("retry-after", seconds);
    }
    if failure.code == FailureCode::Unauthenticated {
        reply = reply.with("www-authenticate", "HuggingFace realm=\"sign-in\"");
    }
    reply
}

/// Nobody is signed in, where somebody should be: people are sent to the sign-in, programs are told where it is.
pub(crate) fn unauthenticated(incoming: Incoming<'_>) -> Reply {
    let Incoming { runtime, request, .. } = incoming;
    match Audience::of(request) {
        // A frame is sent to the Hub by somebody's click alone: it may be an error of the browser that comes then, with
        // no way on but what they read here.
        Audience::Navigation if is_framed(request) => {
            let text = "This page is for people who are signed in.";
            let how = match incoming.frame_sign_in() {
                Some(FrameSignIn::NewTab) => {
                    "Sign in in a new tab, and go on there. This frame stays signed out."
                }
                _ => {
                    "If your browser shows an error instead of Hugging Face, load this page anew, sign in in a new tab, \
                     and go on there."
                }
            };
            let unauthenticated = Failure::new(FailureCode::Unauthenticated, text).and(how);
            failure(incoming, &unauthenticated.returning_to(incoming.here()))
        }
        // The Hub would sign them in again without a word.
        Audience::Navigation if signed_out_just_now(incoming) => {
            let text = "You signed out a moment ago. This page is for people who are signed in.";
            let unauthenticated = Failure::new(FailureCode::Unauthenticated, text);
            failure(incoming, &unauthenticated.returning_to(incoming.here()))
        }
        // Another login would end like the one before, and so would the next.
        Audience::Navigation if signed_in_just_now(incoming) => {
            tracing::warn!(
                "somebody signed in a moment ago, and their session is not here. If several instances serve this address \
                 they need the same session keys (OAUTH_SESSION_KEYS) and the same client; otherwise the browser did not \
                 keep the session's cookie"
            );
            let text = "You signed in a moment ago, but your browser did not bring your session along, or this app \
                        cannot read it.";
            let unauthenticated = Failure::new(FailureCode::Unauthenticated, text)
                .and("Sign in again. If you come back to this page, tell whoever runs this app.");
            failure(incoming, &unauthenticated.returning_to(incoming.here()))
        }
        Audience::Navigation => Reply::see_other(runtime.paths.login_to(&incoming.here())),
        audience => {
            let text = "This needs somebody who is signed in.";
            let reply = failure(incoming, &Failure::new(FailureCode::Unauthenticated, text));
            match audience {
                Audience::Htmx => reply.with("hx-redirect", runtime.paths.login_to(&htmx_page(incoming))),
                _ => reply,
            }
        }
    }
}

/// The host is neither configured nor loopback.
pub(crate) fn unknown_host(incoming: Incoming<'_>) -> Reply {
    let unknown = Failure::new(
        FailureCode::HostUnknown,
        "Without a public URL, signing in works under localhost, 127.0.0.1 and [::1] only.",
    )
    .and("Whoever runs this app: call with_public_url(\"https://...\") with the address that you see above.");
    failure(incoming, &unknown)
}

/// A frame in which nobody signs in, a stranger's or the app's own: the page says where to open it.
pub(crate) fn framed(incoming: Incoming<'_>, return_path: ReturnPath) -> Failure {
    let text = if is_own_navigation(incoming.request) {
        "This page is shown inside another one, where nobody signs in: open it in a tab of its own."
    } else {
        "This app is shown inside another page, of a site that may not show it. Nobody signs in there: open the app in a \
         tab of its own."
    };
    Failure::new(FailureCode::Framed, text).returning_to(return_path)
}

/// People sign in in a new tab: this frame leads to none by itself.
pub(crate) fn in_a_tab(return_path: ReturnPath) -> Failure {
    Failure::new(FailureCode::Framed, "Sign in in a new tab, and go on there. This frame stays signed out.")
        .returning_to(return_path)
}

/// An image, a script, a prefetch or a `HEAD` asks for what only a person's navigation may begin or end.
pub(crate) fn not_a_navigation(incoming: Incoming<'_>) -> Reply {
    let text = "Something other than a click of yours asked for this address, so nothing was done.";
    failure(incoming, &Failure::new(FailureCode::NotANavigation, text))
}

fn signed_out_just_now(incoming: Incoming<'_>) -> bool {
    incoming.site.is_some_and(|site| site.sessions.has_sign_out_note(&incoming.request.cookies()))
}

fn signed_in_just_now(incoming: Incoming<'_>) -> bool {
    let now = incoming.runtime.client.now();
    incoming.site.is_some_and(|site| site.logins.has_just_finished(&incoming.request.cookies(), now))
}

fn as_json(incoming: Incoming<'_>, failure: &Failure) -> Reply {
    let mut body = json!({
        "error": failure.code.as_str(),
        "message": failure.text.join(" "),
        "login_url": incoming.runtime.paths.login_to(&failure.return_path),
    });
    if let Some(object) = body.as_object_mut().filter(|_| !failure.restrictions.is_empty()) {
        object.insert("restrictions".to_owned(), json!(failure.restrictions));
    }
    Reply::json(failure.code.status(), &body)
}

/// The path of the page that an HTMX request was sent from, on this site whatever host it names.
fn htmx_page(incoming: Incoming<'_>) -> ReturnPath {
    let url = incoming.request.header("hx-current-url").unwrap_or_default();
    let after_scheme = url.split_once("://").map_or("", |(_, rest)| rest);
    let path = after_scheme.find('/').map_or("", |at| &after_scheme[at..]);
    incoming.runtime.paths.return_path(path)
}
