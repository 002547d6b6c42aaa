//! The layer: who is asking, known once a request, and their cookies on the way out.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use hf_oauth_web::{Visit, Visiting};
use http::Request;
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::convert::{Head, SessionWritten, append_cookies};

/// Reads the session of every request, refreshes it before the handler runs, and sends its cookies: see
/// [`HuggingFace::layer`](crate::HuggingFace::layer).
#[derive(Clone, Debug)]
pub struct AuthLayer {
    auth: hf_oauth_web::HuggingFace,
}

/// What [`AuthLayer`] makes of a service.
#[derive(Clone, Debug)]
pub struct AuthService<S> {
    auth: hf_oauth_web::HuggingFace,
    inner: S,
}

impl AuthLayer {
    pub(crate) fn new(auth: hf_oauth_web::HuggingFace) -> Self {
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
        let head = Head::new(request.method(), request.uri(), request.headers(), request.extensions());
        let waiting = match self.auth.visit(&head.request()) {
            // Most requests: everything is known, and the answer carries no cookie of ours.
            Visiting::Ready(visit) => {
                request.extensions_mut().insert(visit);
                return AuthFuture::Ready { inner: self.inner.call(request) };
            }
            Visiting::Waiting(waiting) => waiting,
        };
        // The service that was made ready is the one to call.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let whole = Box::pin(async move {
            let visit = waiting.finish().await;
            request.extensions_mut().insert::<Visit>(visit.clone());
            let mut response = inner.call(request).await?;
            if response.extensions().get::<SessionWritten>().is_none() {
                append_cookies(response.headers_mut(), visit.cookies_after());
            }
            Ok(response)
        });
        AuthFuture::Waiting { whole }
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
        Waiting { whole: Pin<Box<dyn Future<Output = T> + Send>> },
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
