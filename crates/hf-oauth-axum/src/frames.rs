//! The layer for the app's own pages: who may show them in a frame.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::extract::Request;
use axum::response::Response;
use http::HeaderValue;
use http::header::{CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS};
use tower::{Layer, Service};

use crate::convert::{Head, response};

/// Says with every answer who may show the app in a frame, and answers to everybody else's frame with a page that says
/// where to open the app: see [`HuggingFace::frames`](crate::HuggingFace::frames).
#[derive(Clone, Debug)]
pub struct FrameLayer {
    auth: hf_oauth_web::HuggingFace,
}

/// What [`FrameLayer`] makes of a service.
#[derive(Clone, Debug)]
pub struct FrameService<S> {
    auth: hf_oauth_web::HuggingFace,
    inner: S,
}

impl FrameLayer {
    pub(crate) fn new(auth: hf_oauth_web::HuggingFace) -> Self {
        Self { auth }
    }
}

impl<S> Layer<S> for FrameLayer {
    type Service = FrameService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        FrameService { auth: self.auth.clone(), inner }
    }
}

impl<S> Service<Request> for FrameService<S>
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
        let head = Head::new(request.method(), request.uri(), request.headers(), request.extensions());
        if let Some(page) = self.auth.framed_page(&head.request()) {
            return Box::pin(async move { Ok(response(page)) });
        }
        let auth = self.auth.clone();
        let answer = self.inner.call(request);
        Box::pin(async move {
            let mut answer = answer.await?;
            let headers = answer.headers_mut();
            let [policies, options] = [CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS]
                .map(|name| headers.get_all(name).iter().map(HeaderValue::as_bytes));
            if let Some(policy) = auth.frame_policy_beside(policies, options)
                && let Ok(policy) = HeaderValue::from_str(policy)
            {
                headers.append(CONTENT_SECURITY_POLICY, policy);
            }
            Ok(answer)
        })
    }
}
