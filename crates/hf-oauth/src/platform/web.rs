use std::sync::OnceLock;
use std::time::Duration;

use gloo_net::http::RequestBuilder;
use hf_oauth_core::{BackchannelError, BackchannelFault, LONGEST_BODY, Request, Response, SecretBytes};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, ReadableStreamDefaultReader, RequestCache, RequestCredentials, RequestRedirect};
use web_time::Instant;

/// The browser's `fetch`, without redirects, cookies and cache.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transport {}

impl Transport {
    pub(crate) async fn send(&self, request: &Request) -> Result<Response, BackchannelError> {
        let after = request.step().deadline();
        let signal = AbortSignal::timeout_with_u32(u32::try_from(after.as_millis()).unwrap_or(u32::MAX));
        let fault = |status: Option<u16>| {
            let fault = match (signal.aborted(), status) {
                (true, _) => BackchannelFault::Timeout { after },
                // The browser does not say whether it was the network, CORS or a redirect.
                (false, None) => BackchannelFault::Connect,
                (false, Some(_)) => BackchannelFault::Interrupted,
            };
            let error = request.error(fault);
            match status {
                Some(status) => error.with_status(status),
                None => error,
            }
        };
        let (head, body) = request.to_http().into_parts();
        let mut builder = RequestBuilder::new(request.endpoint().as_str())
            .method(head.method)
            .redirect(RequestRedirect::Error)
            .credentials(RequestCredentials::Omit)
            .cache(RequestCache::NoStore)
            .abort_signal(Some(&signal));
        for (name, value) in &head.headers {
            builder = builder.header(name.as_str(), value.to_str().unwrap_or_default());
        }
        let built =
            if body.is_empty() { builder.build() } else { builder.body(Uint8Array::from(body.as_slice())) };
        let answer = built.map_err(|_| fault(None))?.send().await.map_err(|_| fault(None))?;

        let mut response = Response::new(answer.status(), Vec::new());
        let headers = answer.headers().entries().filter_map(|(name, value)| {
            Some((http::HeaderName::try_from(name).ok()?, http::HeaderValue::try_from(value).ok()?))
        });
        super::super::headers::read_into(&mut response, &headers.collect());
        if let Some(stream) = answer.body() {
            let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
            while let Some(chunk) = next(&reader).await.map_err(|_| fault(Some(response.status)))? {
                if response.body.len() + chunk.length() as usize > LONGEST_BODY {
                    let _ = reader.cancel();
                    return Err(request.error(BackchannelFault::BodyTooLarge).with_status(response.status));
                }
                response.body.append_slice(&SecretBytes::from(chunk.to_vec()));
            }
        }
        Ok(response)
    }
}

/// Time that never jumps, since the page first asked.
pub(crate) fn monotonic() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// Waits until [`monotonic`] has reached `until`; the timer goes away with the future.
pub(crate) async fn sleep(until: Duration) {
    let left = until.saturating_sub(monotonic());
    gloo_timers::future::TimeoutFuture::new(u32::try_from(left.as_millis()).unwrap_or(u32::MAX)).await;
}

async fn next(reader: &ReadableStreamDefaultReader) -> Result<Option<Uint8Array>, JsValue> {
    let read = JsFuture::from(reader.read()).await?;
    if Reflect::get(&read, &"done".into())?.is_truthy() {
        return Ok(None);
    }
    Ok(Some(Reflect::get(&read, &"value".into())?.unchecked_into()))
}
