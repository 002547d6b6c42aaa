//! The middleware: who is asking, known once a request, and their cookies on the way out.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::{Error, HttpMessage as _};
use hf_oauth_web::{Visit, Visiting, Waiting};
use pin_project_lite::pin_project;

use crate::convert::{Head, append_cookies};

/// Reads the session of every request, refreshes it before the handler runs, and sends its cookies: see
/// [`HuggingFace::middleware`](crate::HuggingFace::middleware).
#[derive(Clone, Debug)]
pub struct AuthMiddleware {
    auth: hf_oauth_web::HuggingFace,
}

/// What [`AuthMiddleware`] makes of a service.
#[derive(Debug)]
pub struct AuthService<S> {
    auth: hf_oauth_web::HuggingFace,
    inner: Rc<S>,
}

impl AuthMiddleware {
    pub(crate) fn new(auth: hf_oauth_web::HuggingFace) -> Self {
        Self { auth }
    }
}

impl<S, B> Transform<S, ServiceRequest> for AuthMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Transform = AuthService<S>;
    type InitError = ();
    type Future = Ready<Result<AuthService<S>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(AuthService { auth: self.auth.clone(), inner: Rc::new(inner) }))
    }
}

impl<S, B> Service<ServiceRequest> for AuthService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<B>;
    type Error = Error;
    type Future = AuthFuture<S::Future, Result<Self::Response, Error>>;

    fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let visiting = self.auth.visit(&Head::of(request.request()).request());
        match visiting {
            // Most requests: everything is known, and the answer carries no cookie of ours.
            Visiting::Ready(visit) => {
                request.extensions_mut().insert(visit);
                AuthFuture::Ready { inner: self.inner.call(request) }
            }
            Visiting::Waiting(waiting) => {
                let whole = Box::pin(call_after(waiting, request, Rc::clone(&self.inner)));
                AuthFuture::Waiting { whole }
            }
        }
    }
}

async fn call_after<S, B>(
    waiting: Waiting,
    request: ServiceRequest,
    inner: Rc<S>,
) -> Result<ServiceResponse<B>, Error>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
{
    let visit = waiting.finish().await;
    request.extensions_mut().insert::<Visit>(visit.clone());
    match inner.call(request).await {
        Ok(mut response) => {
            append_cookies(response.response_mut(), visit.cookies_after());
            Ok(response)
        }
        // A middleware further in has failed. Whoever makes an answer of it must not lose the renewed session.
        Err(mut error) => {
            let cookies: Vec<String> = visit.cookies_after().collect();
            error.add_response_mapper(move |mut response| {
                append_cookies(&mut response, cookies.iter().cloned());
                response
            });
            Err(error)
        }
    }
}

pin_project! {
    /// The answer of an [`AuthService`].
    #[project = Stage]
    #[must_use = "futures do nothing until they are polled"]
    pub enum AuthFuture<F, T> {
        #[doc(hidden)]
        Ready { #[pin] inner: F },
        #[doc(hidden)]
        Waiting { whole: Pin<Box<dyn Future<Output = T>>> },
    }
}

impl<F: Future<Output = T>, T> Future for AuthFuture<F, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match self.project() {
            Stage::Ready { inner } => inner.poll(context),
            Stage::Waiting { whole } => whole.as_mut().poll(context),
        }
    }
}
