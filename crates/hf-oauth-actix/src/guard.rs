//! Guards: routes for those who are signed in, have granted enough, and belong.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::{Error, HttpMessage as _, HttpRequest, HttpResponse};
use hf_oauth_web::{InvalidOrgId, Requirement, Scope, Visit};

use crate::convert::{Head, response};

/// Closes a scope or a resource: see [`HuggingFace::guard`](crate::HuggingFace::guard). It is a middleware, not one of actix's routing guards, which
/// can only say 404.
///
/// Somebody who is signed in and lacks a scope or an organisation is sent to the Hub's consent page once a session, which
/// asks for what is missing; whoever comes back without it gets a page that explains. Programs get 403 with a code.
///
/// ```
/// # actix_web::rt::System::new().block_on(async {
/// use actix_web::{App, test, web};
/// use hf_oauth_actix::{App as HubApp, HuggingFace, Scope, testing::signed_in_as};
///
/// let app = HubApp::new("my-client-id").with_client_secret("4f3c2b1a-9d8e-7f6a-5b4c-3d2e1f0a9b8c");
/// let auth = HuggingFace::new(app).with_public_url("https://app.example.com").start().await?;
/// let guard = auth.guard().require_scopes([Scope::Jobs]).require_org("5f0c2b1a9d8e7f6a5b4c3d2e")?;
/// let jobs = web::resource("/jobs").wrap(guard).get(async || "jobs");
/// let app = test::init_service(auth.attach(App::new().service(jobs))).await;
///
/// let ada = signed_in_as("ada").with_scopes("openid profile jobs").with_org("5f0c2b1a9d8e7f6a5b4c3d2e");
/// for (person, status) in [(ada, 200), (signed_in_as("grace"), 403)] {
///     let request = test::TestRequest::get().uri("/jobs").insert_header(("host", "app.example.com"));
///     assert_eq!(test::call_service(&app, person.send(request.to_request())).await.status(), status);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Guard {
    auth: hf_oauth_web::HuggingFace,
    requirement: Requirement,
}

/// What a [`Guard`] makes of a service.
#[derive(Debug)]
pub struct Guarded<S> {
    guard: Rc<Guard>,
    inner: Rc<S>,
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
    async fn refusal(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let head = Head::of(request);
        let asked = head.request();
        let visit = request.extensions().get::<Visit>().cloned();
        let visit = visit.unwrap_or_else(|| self.auth.visit_without_middleware(&asked));
        self.auth.check(&self.requirement, &asked, &visit).await.map(response)
    }
}

impl<S, B> Transform<S, ServiceRequest> for Guard
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = Guarded<S>;
    type InitError = ();
    type Future = Ready<Result<Guarded<S>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(Guarded { guard: Rc::new(self.clone()), inner: Rc::new(inner) }))
    }
}

impl<S, B> Service<ServiceRequest> for Guarded<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>>>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (guard, inner) = (Rc::clone(&self.guard), Rc::clone(&self.inner));
        Box::pin(async move {
            match guard.refusal(request.request()).await {
                None => Ok(inner.call(request).await?.map_into_left_body()),
                Some(response) => Ok(request.into_response(response).map_into_right_body()),
            }
        })
    }
}
