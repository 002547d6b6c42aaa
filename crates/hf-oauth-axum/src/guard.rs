//! Guards: routes for those who are signed in, have granted enough, and belong.

mod lack;

use lack::{OrgLack, unmet_by};
pub(crate) use lack::{Requirement, denied, unmet};

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use hf_oauth::{OAuthUserInfo, Scope, Scopes, UserinfoError};
use hf_oauth_session::Session;
use tower::{Layer, Service};

use crate::auth::HuggingFace;
use crate::failure::Failure;
use crate::flights::flight_key;
use crate::layer::{Visit, Who};
use crate::login::{Attempt, begin};
use crate::navigation::Audience;
use crate::respond::{failure, signed_out};
use crate::signed_in::current_or_log;
use crate::step_up;

/// Closes routes: see [`HuggingFace::guard`].
///
/// Somebody who is signed in and lacks a scope or an organisation is sent to the Hub's consent page once, which asks
/// for what is missing; whoever comes back without it gets a page that explains. Programs get 403 with a code.
///
/// ```
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// use axum::{Router, routing::get};
/// use hf_oauth_axum::{App, HuggingFace, Scope, testing::signed_in_as};
/// use tower::ServiceExt as _;
///
/// let auth = HuggingFace::new(App::new("my-client-id").with_client_secret("4f3c2b1a-9d8e-4f6a-8b5c-0d1e2f3a4b5c"))
///     .with_public_url("https://app.example.com")
///     .start()
///     .await?;
/// let guard = auth.guard().require_scopes([Scope::Jobs]).require_org("5f0c2b1a9d8e7f6a5b4c3d2e")?;
/// let app = auth.attach(Router::new().route("/jobs", get(async || "jobs")).route_layer(guard));
///
/// let ada = signed_in_as("ada").with_scopes("openid profile jobs").with_org("5f0c2b1a9d8e7f6a5b4c3d2e");
/// for (person, status) in [(ada, 200), (signed_in_as("grace"), 403)] {
///     let request = person.request(http::Request::get("/jobs").header("host", "app.example.com"));
///     assert_eq!(app.clone().oneshot(request).await?.status(), status);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).map_err(|error| error.to_string())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Guard {
    auth: HuggingFace,
    required: Requirement,
}

/// What a [`Guard`] makes of a service.
#[derive(Clone, Debug)]
pub struct Guarded<S> {
    guard: Guard,
    inner: S,
}

impl Guard {
    pub(crate) fn new(auth: HuggingFace) -> Self {
        Self { auth, required: Requirement { scopes: Scopes::none(), orgs: Vec::new() } }
    }

    /// Wants all these scopes to be granted.
    #[must_use]
    pub fn require_scopes(mut self, scopes: impl IntoIterator<Item = Scope>) -> Self {
        self.required.scopes = scopes.into_iter().fold(self.required.scopes, Scopes::with);
        self
    }

    /// Wants full membership of the organisation with this `sub`: names change hands. Several are all wanted.
    ///
    /// # Errors
    ///
    /// [`InvalidOrgId`] for an empty id, which a forgotten setting easily is, and for one with blanks.
    pub fn require_org(mut self, sub: impl Into<String>) -> Result<Self, InvalidOrgId> {
        let sub = sub.into();
        if sub.is_empty() || !sub.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidOrgId);
        }
        if !self.required.orgs.contains(&sub) {
            self.required.orgs.push(sub);
        }
        Ok(self)
    }
}

/// An organisation's id that is empty or has blanks: it would never match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidOrgId;

impl fmt::Display for InvalidOrgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "guard: an organisation's id (sub) is neither empty nor has it blanks. Is a setting missing?",
        )
    }
}

impl std::error::Error for InvalidOrgId {}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Guarded { guard: self.clone(), inner }
    }
}

impl<S> Service<Request> for Guarded<S>
where
    S: Service<Request, Response = Response> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let guard = self.guard.clone();
        Box::pin(async move {
            let current = current_or_log(request.extensions());
            let visit = match current {
                Some(current) => Visit::new(
                    current,
                    request.method(),
                    request.headers().clone(),
                    request.uri(),
                    request.extensions(),
                ),
                None => Visit::nobody(&guard.auth, &request),
            };
            match guard.refusal(&visit).await {
                None => inner.call(request).await,
                Some(response) => Ok(response),
            }
        })
    }
}

impl Guard {
    /// The answer to somebody who may not pass.
    async fn refusal(&self, visit: &Visit) -> Option<Response> {
        let session = match &visit.current.who {
            Who::Nobody => return Some(signed_out(visit)),
            Who::Away(away) => return Some(failure(visit, away)),
            Who::Person(session) => session,
        };
        let mut lack = unmet(&self.required, session)?;
        if lack.orgs.iter().any(|(_, why)| *why == OrgLack::NotKept) {
            // The cookie had no room for all organisations: only the Hub knows.
            match self.told_by_the_hub(session).await.as_deref() {
                Some(Ok(user)) if user.sub == session.subject() => {
                    lack = unmet_by(&self.required, session.scope(), user.orgs.as_deref(), true)?;
                }
                // The Hub does not know the token any more: access was taken away there.
                Some(Err(UserinfoError::Backchannel(error))) if error.status == Some(401) => {
                    return Some(signed_out(visit));
                }
                Some(Err(error)) => return Some(failure(visit, &Failure::of_login(&error.clone().into()))),
                Some(Ok(_)) | None => return Some(failure(visit, &denied(&lack))),
            }
        }
        let may_ask = visit.audience == Audience::Navigation
            && lack.can_be_granted()
            && !step_up::was_asked(session.app_state(), &self.required);
        if !may_ask {
            return Some(failure(visit, &denied(&lack).returning_to(visit.here())));
        }
        // What was granted before is asked for again: new tokens carry what their own login asked for, no more.
        let granted = self.auth.client().app().scopes.iter().chain(session.scope()).cloned().collect();
        let options = step_up::options(&granted, &self.required, visit.here());
        Some(begin(visit, options, Attempt::First).await)
    }

    /// Userinfo, asked once a minute and session, however many requests there are.
    async fn told_by_the_hub(&self, session: &Session) -> Option<Arc<Result<OAuthUserInfo, UserinfoError>>> {
        let client = self.auth.client().clone();
        let token = session.tokens().access_token.clone();
        let key = flight_key("userinfo", token.expose());
        let now = client.now();
        let work = || async move { Arc::new(client.userinfo(&token).await) };
        let keep = |told: &Arc<Result<_, _>>| match **told {
            Ok(_) => Duration::from_secs(60),
            Err(_) => Duration::from_secs(5),
        };
        self.auth.0.userinfos.join(key, now, work, keep).await
    }
}
