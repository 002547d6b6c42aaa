//! The visits that have to wait: a session is read, renewed, written again, or ends.

use std::fmt;
use std::sync::Arc;

use hf_oauth_session::{CookieHeaders, ReadSession, Session};

use super::{Visit, Who};
use crate::refresh::{EndReason, Freshness};
use crate::site::Site;

/// A visit whose session has to be read from afar, renewed, or written again.
pub struct Waiting {
    pub(super) visit: Visit,
    /// Where that could be told without waiting.
    pub(super) read: Option<ReadSession>,
    pub(super) cookie_headers: Vec<Vec<u8>>,
    pub(super) renew: bool,
}

impl Waiting {
    /// Reads, renews and writes the session as far as that is needed.
    pub async fn finish(self) -> Visit {
        let Self { mut visit, read, cookie_headers, renew } = self;
        let (runtime, site) = (Arc::clone(&visit.runtime), visit.site.clone());
        let Some(site) = site.among(&runtime.sites) else { return visit };
        let cookies = CookieHeaders::new(cookie_headers.iter().map(Vec::as_slice));
        let now = visit.runtime.client.now();
        let read = match read {
            Some(read) => read,
            None => site.sessions.read(&cookies, now).await,
        };
        visit.session_cookies.put(read.stale);
        let Some(session) = read.session else { return visit };
        if !runtime.admission.still_holds(&session) {
            return visit.without(&session, site, &cookies).await;
        }
        if !renew {
            if visit.runtime.refresher.has_ended(&session) {
                site.sessions.forget_read(&cookies);
            } else if now < session.expires_at() {
                visit.who = Who::Somebody(session);
            }
            return visit;
        }
        let (session, write) = match visit.runtime.refresher.fresh(session.clone()).await {
            Freshness::Current(session) => (session, read.reseal),
            Freshness::Renewed(session) => {
                let session = runtime.admission.prepared(session);
                if !runtime.admission.still_holds(&session) {
                    return visit.without(&session, site, &cookies).await;
                }
                (session, true)
            }
            Freshness::Ended(reason) => {
                tracing::debug!(?reason, "a session has ended");
                // Whoever signed out had it forgotten then: an old cookie that comes again and again costs no search.
                let session = (reason != EndReason::SignedOut).then_some(&session);
                site.sessions.forget_read(&cookies);
                visit.session_cookies.put(site.sessions.end(session, &cookies).await);
                return visit;
            }
            Freshness::Replaced => {
                site.sessions.forget_read(&cookies);
                return visit;
            }
            Freshness::Unavailable(why) => {
                visit.who = Who::TokenUnavailable(session, why);
                return visit;
            }
        };
        if write {
            match site.sessions.write(&session, &cookies, now).await {
                Ok(written) => visit.session_cookies.put(written),
                // It fits no more: this request is served, the next one finds the old cookie.
                Err(error) => tracing::error!(%error, "the renewed session could not be kept"),
            }
        }
        visit.who = Who::Somebody(session);
        visit
    }
}

impl Visit {
    /// The visit of somebody who may come in no more: nobody's, and the cookies go.
    async fn without(mut self, session: &Session, site: &Site, cookies: &CookieHeaders<'_>) -> Self {
        tracing::debug!(sub = session.subject(), "no full member of an authorised organisation any more");
        self.session_cookies.put(site.sessions.end(Some(session), cookies).await);
        self
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waiting")
    }
}
