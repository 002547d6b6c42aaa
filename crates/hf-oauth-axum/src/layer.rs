//! The layer: who is asking, known once a request, and their cookies on the way out.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::OriginalUri;
use axum::response::Response;
use hf_oauth::ReturnPath;
use hf_oauth_session::{Session, SetCookie};
use http::request::Parts;
use http::{Extensions, HeaderMap, Method, Request, Uri, header};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::address::Site;
use crate::auth::{HuggingFace, cookies};
use crate::failure::{Failure, FailureCode};
use crate::logout;
use crate::navigation::Audience;
use crate::refresh::{Freshness, Unavailability};
use crate::respond::append_cookies;
use crate::testing::TestUser;

/// Reads the session of every request, refreshes it before the handler runs, and sends its cookies: see
/// [`HuggingFace::layer`].
#[derive(Clone, Debug)]
pub struct AuthLayer {
    auth: HuggingFace,
}

/// What [`AuthLayer`] makes of a service.
#[derive(Clone, Debug)]
pub struct AuthService<S> {
    auth: HuggingFace,
    inner: S,
}

/// What is known of who sent a request. Only the layer puts one into a request.
#[derive(Clone)]
pub(crate) struct Current {
    auth: HuggingFace,
    pub(crate) site: Option<Arc<Site>>,
    pub(crate) who: Who,
}

#[derive(Clone)]
pub(crate) enum Who {
    Nobody,
    Person(Session),
    /// Their token has ended and could not be renewed; the session is kept.
    Away(Arc<Failure>),
}

/// In a response: the session's cookies are set already.
#[derive(Clone, Copy)]
pub(crate) struct SessionWritten;

/// A request as our own routes, rejections and guards see it.
pub(crate) struct Visit {
    pub(crate) auth: HuggingFace,
    pub(crate) headers: HeaderMap,
    /// As it came, also where the router is nested.
    pub(crate) uri: Uri,
    pub(crate) audience: Audience,
    pub(crate) current: Current,
}

impl AuthLayer {
    pub(crate) fn new(auth: HuggingFace) -> Self {
        Self { auth }
    }
}

impl<S> Layer<S> for AuthLayer {
    type Service = AuthService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AuthService { auth: self.auth.clone(), inner }
    }
}

impl<S, B, R> Service<Request<B>> for AuthService<S>
where
    S: Service<Request<B>, Response = http::Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: 'static,
{
    type Response = http::Response<R>;
    type Error = S::Error;
    type Future = AuthFuture<S::Future, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // Most requests: everything is known already and the answer carries no cookie of ours.
        if let Some(current) = Current::at_once(
            &self.auth,
            request.method(),
            request.headers(),
            request.uri(),
            request.extensions(),
        ) {
            request.extensions_mut().insert(current);
            return AuthFuture::Known { inner: self.inner.call(request) };
        }
        // The service that was made ready is the one to call.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let auth = self.auth.clone();
        let whole = Box::pin(async move {
            let (current, set_cookies) = Current::resolve(
                &auth,
                request.method(),
                request.headers(),
                request.uri(),
                request.extensions(),
            )
            .await;
            let session = current.session().cloned();
            request.extensions_mut().insert(current);
            let mut response = inner.call(request).await?;
            // Whoever signed out while the handler was at work is not signed in again by its answer.
            let has_left = session.is_some_and(|session| auth.0.refresher.has_ended(&session));
            if !has_left && response.extensions().get::<SessionWritten>().is_none() {
                append_cookies(response.headers_mut(), &set_cookies);
            }
            Ok(response)
        });
        AuthFuture::Asked { whole }
    }
}

pin_project! {
    /// The answer of an [`AuthService`].
    #[project = Stage]
    #[must_use = "futures do nothing until they are polled"]
    pub enum AuthFuture<F, T> {
        #[doc(hidden)]
        Known { #[pin] inner: F },
        #[doc(hidden)]
        Asked { whole: Pin<Box<dyn Future<Output = T> + Send>> },
    }
}

impl<F: Future<Output = T>, T> Future for AuthFuture<F, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match self.project() {
            Stage::Known { inner } => inner.poll(context),
            Stage::Asked { whole } => whole.as_mut().poll(context),
        }
    }
}

impl Current {
    pub(crate) fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get::<Self>()
    }

    pub(crate) fn session(&self) -> Option<&Session> {
        match &self.who {
            Who::Person(session) => Some(session),
            Who::Nobody | Who::Away(_) => None,
        }
    }

    /// Who this is, where that takes no waiting and no cookie has to be sent.
    fn at_once(
        auth: &HuggingFace,
        method: &Method,
        headers: &HeaderMap,
        uri: &Uri,
        extensions: &Extensions,
    ) -> Option<Self> {
        let site = auth.0.address.site(headers, uri);
        let who = match (extensions.get::<TestUser>(), &site) {
            (Some(TestUser(session)), _) => Who::Person(session.clone()),
            (None, Some(site)) if is_forged(site, method, headers) => Who::Nobody,
            (None, Some(site)) if headers.contains_key(header::COOKIE) => {
                let (cookies, now) = (cookies(headers), auth.0.client.now());
                let read = site.sessions.read(&cookies, now);
                if read.reseal || !read.stale.is_empty() || !site.logins.stale(&cookies, now).is_empty() {
                    return None;
                }
                match read.session {
                    None => Who::Nobody,
                    Some(session) if auth.0.refresher.is_settled(&session, now) => Who::Person(session),
                    Some(_) => return None,
                }
            }
            _ => Who::Nobody,
        };
        Some(Self { auth: auth.clone(), site, who })
    }

    /// Who this is, and which cookies to send. Without cookies that is quickly said.
    async fn resolve(
        auth: &HuggingFace,
        method: &Method,
        headers: &HeaderMap,
        uri: &Uri,
        extensions: &Extensions,
    ) -> (Self, Vec<SetCookie>) {
        let site = auth.0.address.site(headers, uri);
        let (who, set_cookies) = match (extensions.get::<TestUser>(), &site) {
            (Some(TestUser(session)), _) => (Who::Person(session.clone()), Vec::new()),
            (None, Some(site)) if is_forged(site, method, headers) => (Who::Nobody, Vec::new()),
            (None, Some(site)) if headers.contains_key(header::COOKIE) => {
                let renew = !auth.0.paths.is_own(uri.path());
                who(auth, site, headers, renew).await
            }
            _ => (Who::Nobody, Vec::new()),
        };
        (Self { auth: auth.clone(), site, who }, set_cookies)
    }
}

/// In a Space the cookies are `SameSite=None`: another site's form brings them along, and so does its WebSocket, whose
/// handshake is a `GET`, and which no CORS rule keeps from being read. Whoever sends one is nobody here.
fn is_forged(site: &Site, method: &Method, headers: &HeaderMap) -> bool {
    let acts = !method.is_safe() || headers.contains_key(header::UPGRADE);
    site.in_space && acts && !logout::is_asked_by_us(headers, &site.origin)
}

impl Visit {
    /// Where the visitor is, as a place to come back to.
    pub(crate) fn here(&self) -> ReturnPath {
        self.auth.return_path_of(&self.uri)
    }

    /// For our own routes, which work without the layer too.
    pub(crate) async fn of_request(auth: &HuggingFace, parts: Parts) -> Self {
        let current = match Current::of(&parts.extensions) {
            Some(current) => current.clone(),
            None => {
                Current::resolve(auth, &parts.method, &parts.headers, &parts.uri, &parts.extensions).await.0
            }
        };
        Self::new(current, &parts.method, parts.headers, &parts.uri, &parts.extensions)
    }

    /// For a guard without the layer around it: nobody is anybody.
    pub(crate) fn nobody(auth: &HuggingFace, request: &axum::extract::Request) -> Self {
        let site = auth.0.address.site(request.headers(), request.uri());
        let who =
            request.extensions().get::<TestUser>().map_or(Who::Nobody, |user| Who::Person(user.0.clone()));
        let current = Current { auth: auth.clone(), site, who };
        Self::new(current, request.method(), request.headers().clone(), request.uri(), request.extensions())
    }

    pub(crate) fn new(
        current: Current,
        method: &Method,
        headers: HeaderMap,
        uri: &Uri,
        extensions: &Extensions,
    ) -> Self {
        let uri = extensions.get::<OriginalUri>().map_or(uri, |original| &original.0).clone();
        Self { auth: current.auth.clone(), audience: Audience::of(method, &headers), headers, uri, current }
    }
}

/// The session that the cookies hold, renewed where it is time.
async fn who(auth: &HuggingFace, site: &Site, headers: &HeaderMap, renew: bool) -> (Who, Vec<SetCookie>) {
    let (cookies, now) = (cookies(headers), auth.0.client.now());
    let read = site.sessions.read(&cookies, now);
    let mut set_cookies = read.stale;
    set_cookies.extend(site.logins.stale(&cookies, now));
    let Some(session) = read.session else { return (Who::Nobody, set_cookies) };
    if !renew {
        let who = if now < session.expires_at() { Who::Person(session) } else { Who::Nobody };
        return (who, set_cookies);
    }
    let (session, write) = match auth.0.refresher.fresh(session).await {
        Freshness::Current(session) => (session, read.reseal),
        Freshness::Renewed(session) => (session, true),
        Freshness::Ended(reason) => {
            tracing::debug!(?reason, "a session has ended");
            set_cookies.extend(site.sessions.clear(&cookies));
            return (Who::Nobody, set_cookies);
        }
        Freshness::Replaced => return (Who::Nobody, set_cookies),
        Freshness::Unavailable(why) => return (Who::Away(Arc::new(unavailable(why))), set_cookies),
    };
    if write {
        match site.sessions.write(&session, &cookies, now) {
            Ok(written) => set_cookies.extend(written),
            // It fits no more: this request is served, the next one finds the old cookie.
            Err(error) => tracing::error!(%error, "the renewed session could not be kept"),
        }
    }
    (Who::Person(session), set_cookies)
}

fn unavailable(why: Unavailability) -> Failure {
    let (failure, retry_after) = match why {
        Unavailability::Misconfigured => return Failure::misconfigured(),
        Unavailability::Away { retry_after } => (
            Failure::new(
                FailureCode::SessionUnavailable,
                "Hugging Face is away. You are still signed in: try again in a moment.",
            ),
            retry_after,
        ),
        Unavailability::Broken => (
            Failure::new(
                FailureCode::AppUnavailable,
                "Something in the app itself failed. Try again in a while.",
            ),
            std::time::Duration::from_secs(10),
        ),
    };
    Failure { retry_after: Some(retry_after), ..failure }
}

/// A response of ours that set the session's cookies itself.
pub(crate) fn session_written(mut response: Response) -> Response {
    response.extensions_mut().insert(SessionWritten);
    response
}
