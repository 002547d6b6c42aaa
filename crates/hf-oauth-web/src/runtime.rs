//! What all requests share while the app runs.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hf_oauth::{Client, OAuthUserInfo, ReturnPath, UserinfoError};
use hf_oauth_session::Session;

use crate::admission::Admission;
use crate::expiring_set::ExpiringSet;
use crate::fetch_metadata::is_framed;
use crate::frames::{FrameSignIn, Framing};
use crate::paths::Paths;
use crate::refresh::Refresher;
use crate::request::Request;
use crate::sign_in::SignInOutcome;
use crate::single_flight::{CallKey, SingleFlight, call_key};
use crate::site::{Site, Sites};

#[cfg(feature = "local-hub")]
pub(crate) use hf_oauth_hub::LocalHub as LocalHubHandle;

/// Without the feature there is none.
#[cfg(not(feature = "local-hub"))]
#[derive(Debug)]
pub(crate) enum LocalHubHandle {}

pub(crate) struct Runtime {
    pub(crate) client: Client,
    pub(crate) paths: Paths,
    pub(crate) sites: Sites,
    pub(crate) admission: Admission,
    /// Logins whose code is being exchanged, by `state`.
    pub(crate) sign_ins: SingleFlight<SignInOutcome>,
    /// What the Hub says of somebody whose cookies had no room for all organisations, by access token.
    pub(crate) userinfos: SingleFlight<Arc<Result<OAuthUserInfo, UserinfoError>>>,
    pub(crate) refresher: Refresher,
    /// Logins that were begun once more, by the `state` that came back without its cookie.
    restarted: Mutex<ExpiringSet<CallKey>>,
    /// The document of an app that nobody registered.
    pub(crate) client_metadata: Option<String>,
    /// Ends with the app.
    _local_hub: Option<LocalHubHandle>,
}

/// How long it is remembered that a login was begun once more.
const RESTARTED: Duration = Duration::from_secs(600);

/// One request at one of the app's sites.
#[derive(Clone, Copy)]
pub(crate) struct Incoming<'a> {
    pub(crate) runtime: &'a Runtime,
    /// `None` where the request's host is neither configured nor loopback.
    pub(crate) site: Option<&'a Site>,
    pub(crate) request: &'a Request<'a>,
}

impl Runtime {
    pub(crate) fn new(
        client: Client,
        paths: Paths,
        sites: Sites,
        admission: Admission,
        client_metadata: Option<String>,
        local_hub: Option<LocalHubHandle>,
    ) -> Self {
        Self {
            refresher: Refresher::new(client.clone()),
            client,
            paths,
            sites,
            admission,
            sign_ins: SingleFlight::new(),
            userinfos: SingleFlight::new(),
            restarted: Mutex::new(ExpiringSet::new(RESTARTED)),
            client_metadata,
            _local_hub: local_hub,
        }
    }

    /// Ends a session by one of the ways that the refresher has; nothing keeps its tokens any longer.
    pub(crate) fn end_of(&self, session: &Session, way: fn(&Refresher, &Session)) {
        way(&self.refresher, session);
        let id = session.id();
        self.sign_ins.forget(|outcome| outcome.as_ref().is_ok_and(|it| it.session.id() == id));
    }
}

impl Runtime {
    /// True the first time that a login with this `state` is to begin once more. A provider that always answers with one
    /// and the same `state`, which is well-formed and a first attempt's, leads a browser without cookies in no circle.
    pub(crate) fn begins_once_more(&self, state: &str) -> bool {
        let (key, now) = (call_key("restart", state), self.client.now());
        let mut restarted = self.restarted.lock().unwrap_or_else(PoisonError::into_inner);
        let first = !restarted.contains(&key, now);
        restarted.add(key, state, now);
        first
    }
}

impl Incoming<'_> {
    /// The place that the request is for, as one to come back to.
    pub(crate) fn here(&self) -> ReturnPath {
        self.runtime.paths.return_path(&self.request.path_and_query())
    }

    /// Whose frame the request is for. Under an address that is not set up nobody may show anything.
    pub(crate) fn framing(&self) -> Framing {
        match self.site {
            Some(site) => site.frames.framing(self.request),
            None if is_framed(self.request) => Framing::Foreign,
            None => Framing::Unframed,
        }
    }

    /// How somebody signs in in the frame that the request is for; `None` where it is for none that may be.
    pub(crate) fn frame_sign_in(&self) -> Option<FrameSignIn> {
        self.site.filter(|_| self.framing() == Framing::Framed).map(|site| site.frames.sign_in)
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("client", &self.client).finish_non_exhaustive()
    }
}
