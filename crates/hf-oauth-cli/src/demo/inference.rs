//! Chat completions with the user's own token.

use std::fmt;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use hf_oauth::{EndpointUrl, InvalidUrl, Issuer, Secret};
use serde::Deserialize;

/// The router that goes with huggingface.co.
const ROUTER: &str = "https://router.huggingface.co";
const DEFAULT_MODEL: &str = "google/gemma-2-2b-it";
const LONGEST_EVENT: usize = 1 << 20;

/// Where prompts go. A token is sent to the address that belongs to its issuer, and nowhere else.
#[derive(Clone, Debug)]
pub(crate) struct Inference {
    endpoint: EndpointUrl,
    pub(crate) model: String,
    client: reqwest::Client,
}

impl Inference {
    /// The address for `issuer`: the router for huggingface.co, the local Hub itself, what `HF_INFERENCE_ENDPOINT` says
    /// for any other; none where nothing says.
    pub(crate) fn of(issuer: &Issuer, is_local_hub: bool) -> Result<Option<Self>, InferenceError> {
        let var = |name| std::env::var(name).ok().map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        let base = match (issuer.as_str(), var("HF_INFERENCE_ENDPOINT")) {
            (Issuer::HUGGING_FACE, _) => ROUTER.to_owned(),
            (local, _) if is_local_hub => local.to_owned(),
            (_, Some(set)) => set,
            (_, None) => return Ok(None),
        };
        let endpoint = format!("{}/v1/chat/completions", base.trim_end_matches('/'));
        let endpoint = EndpointUrl::parse(&endpoint).map_err(InferenceError::Address)?;
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(60));
        let plain = !endpoint.origin().is_secure();
        let builder = if plain { builder.no_proxy().tls_certs_only([]) } else { builder.https_only(true) };
        let client = builder.build().map_err(|_| InferenceError::Unreachable)?;
        let model = var("HF_INFERENCE_MODEL").unwrap_or_else(|| DEFAULT_MODEL.to_owned());
        Ok(Some(Self { endpoint, model, client }))
    }

    /// Asks, and gives the answer's text piece by piece as it comes.
    pub(crate) async fn ask(
        &self,
        token: &Secret,
        prompt: &str,
    ) -> Result<impl Stream<Item = Result<String, InferenceError>> + Send + 'static, InferenceError> {
        let body = serde_json::json!({
            "model": self.model,
            "messages": [{ "role": "user", "content": prompt }],
            "stream": true,
        });
        let answer = self
            .client
            .post(self.endpoint.as_str())
            .bearer_auth(token.expose())
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .map_err(|_| InferenceError::Unreachable)?;
        match answer.status().as_u16() {
            200 => Ok(pieces(answer.bytes_stream())),
            401 => Err(InferenceError::TokenEnded),
            403 => Err(InferenceError::Forbidden),
            402 => Err(InferenceError::OutOfCredits),
            429 => Err(InferenceError::TooMany),
            status => Err(InferenceError::Status(status)),
        }
    }
}

/// The `content` of server-sent events (WHATWG HTML section 9.2), one chunk of bytes after the other.
fn pieces<B: AsRef<[u8]> + Send + 'static>(
    bytes: impl Stream<Item = reqwest::Result<B>> + Send + 'static,
) -> impl Stream<Item = Result<String, InferenceError>> + Send + 'static {
    bytes
        .scan(Events::default(), |events, chunk| {
            let texts = match chunk {
                _ if events.ended => return std::future::ready(None),
                Ok(chunk) => events.take(chunk.as_ref()),
                Err(_) => events.fail(),
            };
            std::future::ready(Some(texts))
        })
        .flat_map(futures_util::stream::iter)
}

#[derive(Default)]
struct Events {
    line: Vec<u8>,
    ended: bool,
}

impl Events {
    fn take(&mut self, chunk: &[u8]) -> Vec<Result<String, InferenceError>> {
        let mut texts = Vec::new();
        for part in chunk.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.len() > LONGEST_EVENT {
                return self.fail();
            }
            if part.ends_with(b"\n") {
                let text = content(&self.line);
                self.line.clear();
                texts.extend(text.map(Ok));
            }
        }
        texts
    }

    fn fail(&mut self) -> Vec<Result<String, InferenceError>> {
        self.ended = true;
        vec![Err(InferenceError::BrokeOff)]
    }
}

fn content(line: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Event {
        choices: Vec<Choice>,
    }
    #[derive(Deserialize)]
    struct Choice {
        delta: Delta,
    }
    #[derive(Deserialize)]
    struct Delta {
        content: Option<String>,
    }
    let data = line.trim_ascii().strip_prefix(b"data:")?;
    let event: Event = serde_json::from_slice(data).ok()?;
    event.choices.into_iter().next()?.delta.content.filter(|text| !text.is_empty())
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum InferenceError {
    /// The configured address cannot be used.
    Address(InvalidUrl),
    Unreachable,
    TokenEnded,
    Forbidden,
    OutOfCredits,
    TooMany,
    Status(u16),
    BrokeOff,
}

impl fmt::Display for InferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(_) => f.write_str("HF_INFERENCE_ENDPOINT cannot be used"),
            Self::Unreachable => {
                f.write_str("The inference service cannot be reached. Try again in a moment.")
            }
            Self::TokenEnded => f.write_str("Your sign-in has ended. Sign in again to go on."),
            Self::Forbidden => f.write_str("Your token may not use inference. Sign in again and allow it."),
            Self::OutOfCredits => f.write_str("Your inference credits are used up."),
            Self::TooMany => f.write_str("Too many requests. Wait a moment and try again."),
            Self::Status(status) => {
                write!(f, "The inference service answered {status}. Try again, or another model.")
            }
            Self::BrokeOff => f.write_str("The answer broke off."),
        }
    }
}

impl std::error::Error for InferenceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Address(source) => Some(source),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_through_whatever_the_chunks_are() {
        let stream = concat!(
            "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n",
            ": a comment\n",
            "data: {\"choices\":[{\"delta\":{\"content\":\"H\u{e9}\"}}]}\r\n\r\n",
            "data: not json\n",
            "data: {\"choices\":[]}\n",
            "data:{\"choices\":[{\"delta\":{\"content\":\"llo\"}}]}\n\n",
            "data: [DONE]\n\n",
        );
        for size in 1..stream.len() {
            let mut events = Events::default();
            let texts = stream.as_bytes().chunks(size).flat_map(|chunk| events.take(chunk));
            let text: String = texts.map(Result::unwrap).collect();
            assert_eq!(text, "H\u{e9}llo", "chunks of {size}");
        }
    }

    #[test]
    fn an_endless_line_ends_the_answer() {
        let mut events = Events::default();
        let mut last = Vec::new();
        for _ in 0..=LONGEST_EVENT / 1000 {
            last = events.take(&[b'x'; 1001]);
        }
        assert!(events.ended && matches!(last[..], [Err(InferenceError::BrokeOff)]));
    }
}
