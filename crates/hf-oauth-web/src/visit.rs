//! Who sent a request: read from its cookies, renewed where it is time. This is written once, here.

mod waiting;

use std::fmt;
use std::sync::Arc;

use hf_oauth_session::{ReadSession, Session, SetCookie};

use crate::answers;
use crate::cookie_lines::CookieLines;
use crate::failure::{Failure, FailureCode};
use crate::fetch_metadata::is_own_request;
use crate::refresh::Unavailability;
use crate::reply::{Replaces, Reply};
use crate::request::Request;
use crate::runtime::{Incoming, Runtime};
use crate::signed_in::{Identity, SignedIn, Visitor};
use crate::site::{RequestSite, Site};

pub use waiting::Waiting;

/// One request's visitor, and the cookies that its answer is to set.
///
/// Cheap to clone. A middleware makes one of every request, and keeps it where handlers find it.
#[derive(Clone)]
pub struct Visit {
    runtime: Arc<Runtime>,
    site: RequestSite,
    who: Who,
    session_cookies: CookieLines,
    stale_logins: CookieLines,
}

#[derive(Clone)]
enum Who {
    Nobody,
    Somebody(Session),
    /// The access token has ended and could not be renewed; the session stands.
    TokenUnavailable(Session, Unavailability),
}

/// A visit that is known at once, as most are, or one that has to wait for the provider.
#[must_use = "a visit that waits is known when it is finished"]
pub enum Visiting {
    /// Everything is known.
    Ready(Visit),
    /// [`Waiting::finish`] knows it. The request itself is not needed any more.
    Waiting(Waiting),
}

/// Why a request does not go on, and the answer to it.
#[derive(Debug)]
pub struct Refusal {
    /// The stable name of the reason.
    pub code: FailureCode,
    /// The answer.
    pub reply: Reply,
}

/// Reads who sent `request`.
pub(crate) fn visit(runtime: &Arc<Runtime>, request: &Request<'_>) -> Visiting {
    let mut visit = Visit::unread(runtime, request);
    let cookies = request.cookies();
    let Some(site) = visit.site.among(&runtime.sites) else { return Visiting::Ready(visit) };
    if cookies.is_empty() || matches!(visit.who, Who::Somebody(_)) || is_foreign_action(site, request) {
        return Visiting::Ready(visit);
    }
    let now = runtime.client.now();
    let mut read = site.sessions.read_now(&cookies, now);
    let stale_logins = site.logins.stale(&cookies, now);
    if let Some(ReadSession { session, reseal: false, stale, .. }) = &mut read
        && stale.is_empty()
        && stale_logins.is_empty()
    {
        let is_settled = |session: &mut Session| {
            runtime.refresher.is_settled(session, now) && runtime.admission.still_holds(session)
        };
        match session.take_if(is_settled) {
            Some(settled) => {
                visit.who = Who::Somebody(settled);
                return Visiting::Ready(visit);
            }
            None if session.is_none() => return Visiting::Ready(visit),
            None => {}
        }
    }
    visit.stale_logins.put(stale_logins);
    let cookie_headers = request.values("cookie").map(<[u8]>::to_vec).collect();
    // The crate's own routes begin and end sessions: what they find is not renewed first.
    let renew = !runtime.paths.is_own(request.path());
    Visiting::Waiting(Waiting { visit, read, cookie_headers, renew })
}

/// In a Space the cookies are `SameSite=None`: another site's form brings them along, and so does its WebSocket, whose
/// handshake is a `GET`, and which no CORS rule keeps from being read. Nobody is signed in for such a request.
fn is_foreign_action(site: &Site, request: &Request<'_>) -> bool {
    site.frames.are_possible()
        && (!request.is_safe() || request.has("upgrade"))
        && !is_own_request(request, &site.origin)
}

impl Visit {
    /// A visit whose cookies nobody reads: of the person whom a test signed in, or of nobody.
    pub(crate) fn unread(runtime: &Arc<Runtime>, request: &Request<'_>) -> Self {
        let who = request.test_user().map_or(Who::Nobody, |user| Who::Somebody(user.0.clone()));
        let site = runtime.sites.of(request);
        Self {
            runtime: Arc::clone(runtime),
            site,
            who,
            session_cookies: CookieLines::default(),
            stale_logins: CookieLines::default(),
        }
    }

    /// Who this is.
    pub fn visitor(&self) -> Visitor {
        match &self.who {
            Who::Nobody => Visitor::Nobody,
            Who::Somebody(session) => Visitor::SignedIn(SignedIn::new(session.clone())),
            Who::TokenUnavailable(session, _) => Visitor::TokenUnavailable(Identity::new(session.clone())),
        }
    }

    /// Whoever is signed in.
    ///
    /// # Errors
    ///
    /// [`Refusal`]: a redirect to the sign-in or 401 for nobody, 503 where the token has ended and the Hub is away.
    pub fn signed_in(&self, request: &Request<'_>) -> Result<SignedIn, Refusal> {
        match self.signed_in_or_nobody(request)? {
            Some(user) => Ok(user),
            None => {
                let reply = answers::unauthenticated(self.incoming(request));
                Err(Refusal { code: FailureCode::Unauthenticated, reply })
            }
        }
    }

    /// Whoever is signed in, or nobody.
    ///
    /// # Errors
    ///
    /// [`Refusal`]: 503 where somebody's token has ended and the Hub is away. They are signed in: treating them as
    /// nobody would be wrong.
    pub fn signed_in_or_nobody(&self, request: &Request<'_>) -> Result<Option<SignedIn>, Refusal> {
        match &self.who {
            Who::Nobody => Ok(None),
            Who::Somebody(session) => Ok(Some(SignedIn::new(session.clone()))),
            Who::TokenUnavailable(_, why) => {
                let incoming = self.incoming(request);
                let failure = unavailable(*why).returning_to(incoming.here());
                Err(Refusal { code: failure.code, reply: answers::failure(incoming, &failure) })
            }
        }
    }

    /// The cookies to append to the answer of a handler, as `Set-Cookie` values. Secret: they let their bearer in. Where
    /// there are any, the answer is for one person and must not be stored (`Cache-Control: no-store`).
    ///
    /// Whoever signed out while the handler was at work is not signed in again by its answer: ask when it is ready.
    pub fn cookies_after(&self) -> impl Iterator<Item = String> {
        self.cookies(Replaces::Nothing).map(SetCookie::header_value)
    }

    /// The reply with the cookies of this visit, as far as its own do not take their place.
    pub(crate) fn complete(&self, reply: Reply) -> Reply {
        let replaces = reply.replaces();
        reply.completed_with(self.cookies(replaces))
    }

    fn cookies(&self, replaces: Replaces) -> impl Iterator<Item = &SetCookie> {
        let ended = match &self.who {
            Who::Somebody(session) => self.runtime.refresher.has_ended(session),
            Who::Nobody | Who::TokenUnavailable(..) => false,
        };
        let has_session = !ended && replaces != Replaces::Everything;
        let has_logins = !ended && replaces == Replaces::Nothing;
        let session = self.session_cookies.iter().filter(move |_| has_session);
        session.chain(self.stale_logins.iter().filter(move |_| has_logins))
    }

    /// Whether this very sign-in read it: another one in the same app knows other people.
    pub(crate) fn is_of(&self, runtime: &Arc<Runtime>) -> bool {
        Arc::ptr_eq(&self.runtime, runtime)
    }

    pub(crate) fn runtime(&self) -> &Arc<Runtime> {
        &self.runtime
    }

    pub(crate) fn site(&self) -> Option<&Site> {
        self.site.among(&self.runtime.sites)
    }

    /// The session with a token that has not ended.
    pub(crate) fn session(&self) -> Option<&Session> {
        match &self.who {
            Who::Somebody(session) => Some(session),
            Who::Nobody | Who::TokenUnavailable(..) => None,
        }
    }

    pub(crate) fn incoming<'a>(&'a self, request: &'a Request<'a>) -> Incoming<'a> {
        Incoming { runtime: &self.runtime, site: self.site(), request }
    }
}

fn unavailable(why: Unavailability) -> Failure {
    match why {
        Unavailability::Away { retry_after } => {
            let failure = Failure::new(
                FailureCode::SessionUnavailable,
                "Hugging Face is away. You are still signed in: this page tries again by itself.",
            );
            Failure { retry_after: Some(retry_after), ..failure }
        }
        Unavailability::Misconfigured => Failure::misconfigured(),
        Unavailability::Broken => Failure::app_unavailable(),
    }
}

impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visit").field("visitor", &self.visitor()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Visiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(visit) => f.debug_tuple("Ready").field(visit).finish(),
            Self::Waiting(_) => f.write_str("Waiting"),
        }
    }
}
