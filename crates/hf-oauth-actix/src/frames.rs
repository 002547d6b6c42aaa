//! The middleware for the app's own pages: who may show them in a frame.

use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::Error;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform};
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue, X_FRAME_OPTIONS};

use crate::convert::{Head, response};

/// Says with every answer who may show the app in a frame, and answers to everybody else's frame with a page that says
/// where to open the app: see [`HuggingFace::frames`](crate::HuggingFace::frames).
///
/// What another middleware inside of it returns as an error actix answers outside of it: that answer says nothing of frames.
#[derive(Clone, Debug)]
pub struct FrameMiddleware {
    auth: hf_oauth_web::HuggingFace,
}

/// What [`FrameMiddleware`] makes of a service.
#[derive(Debug)]
pub struct FrameService<S> {
    auth: hf_oauth_web::HuggingFace,
    inner: S,
}

impl FrameMiddleware {
    pub(crate) fn new(auth: hf_oauth_web::HuggingFace) -> Self {
        Self { auth }
    }
}

impl<S, B> Transform<S, ServiceRequest> for FrameMiddleware
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = Error;
    type Transform = FrameService<S>;
    type InitError = ();
    type Future = Ready<Result<FrameService<S>, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(FrameService { auth: self.auth.clone(), inner }))
    }
}

impl<S, B> Service<ServiceRequest> for FrameService<S>
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
        let framed = self.auth.framed_page(&Head::of(request.request()).request());
        if let Some(page) = framed {
            let answer = request.into_response(response(page)).map_into_right_body();
            return Box::pin(ready(Ok(answer)));
        }
        let (auth, answer) = (self.auth.clone(), self.inner.call(request));
        Box::pin(async move {
            let mut answer = answer.await?;
            let headers = answer.headers_mut();
            let [policies, options] = [CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS]
                .map(|name| headers.get_all(name).map(HeaderValue::as_bytes));
            if let Some(policy) = auth.frame_policy_beside(policies, options)
                && let Ok(policy) = HeaderValue::from_str(policy)
            {
                headers.append(CONTENT_SECURITY_POLICY, policy);
            }
            Ok(answer.map_into_left_body())
        })
    }
}
