//! Guards: routes for those who are signed in, have granted enough, and belong.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::Response;
use hf_oauth_web::{InvalidOrgId, Requirement, Scope, Visit};
use http::request::Parts;
use tower::{Layer, Service};

use crate::convert::{Head, response};

/// Closes routes: see [`HuggingFace::guard`](crate::HuggingFace::guard).
///
/// Somebody who is signed in and lacks a scope or an organisation is sent to the Hub's consent page once a session, which
/// asks for what is missing; whoever comes back without it gets a page that explains. Programs get 403 with a code.
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
    auth: hf_oauth_web::HuggingFace,
    requirement: Requirement,
}

/// What a [`Guard`] makes of a service.
#[derive(Clone, Debug)]
pub struct Guarded<S> {
    guard: Guard,
    inner: S,
}

impl Guard {
    pub(crate) fn new(auth: hf_oauth_web::HuggingFace) -> Self {
        Self { auth, requirement: Requirement::new() }
    }

    /// Requires all these scopes to be granted.
    #[must_use]
    pub fn require_scopes(mut self, scopes: impl IntoIterator<Item = Scope>) -> Self {
        self.requirement = self.requirement.with_scopes(scopes);
        self
    }

    /// Requires full membership of the organisation with this `sub`: names change hands. Several are all required.
    ///
    /// # Errors
    ///
    /// [`InvalidOrgId`] for an empty id, which a forgotten setting easily is, and for one with blanks.
    pub fn require_org(mut self, sub: impl Into<String>) -> Result<Self, InvalidOrgId> {
        self.requirement = self.requirement.with_org(sub)?;
        Ok(self)
    }

    /// The answer to somebody who may not pass.
    async fn refusal(&self, parts: &Parts) -> Option<Response> {
        let head = Head::of_parts(parts);
        let asked = head.request();
        let visit = parts.extensions.get::<Visit>().cloned();
        let visit = visit.unwrap_or_else(|| self.auth.visit_without_middleware(&asked));
        self.auth.check(&self.requirement, &asked, &visit).await.map(response)
    }
}

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
            // A body is not `Sync`, so that a request as a whole cannot be borrowed across an `await`.
            let (parts, body) = request.into_parts();
            match guard.refusal(&parts).await {
                None => inner.call(Request::from_parts(parts, body)).await,
                Some(response) => Ok(response),
            }
        })
    }
}
