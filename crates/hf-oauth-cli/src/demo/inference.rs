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

/// The `content` of server-sent events (WHATWG HTML section 9.2), one chunk of bytes after the other. Only `[DONE]`
/// makes an answer whole.
fn pieces<B: AsRef<[u8]> + Send + 'static>(
    bytes: impl Stream<Item = reqwest::Result<B>> + Send + 'static,
) -> impl Stream<Item = Result<String, InferenceError>> + Send + 'static {
    bytes
        .map(|chunk| chunk.ok())
        // A stream that ends before its end is as broken as one that fails.
        .chain(futures_util::stream::once(std::future::ready(None)))
        .scan(Events::default(), |events, chunk| {
            let texts = match chunk {
                _ if events.ended => return std::future::ready(None),
                Some(chunk) => events.take(chunk.as_ref()),
                None => events.fail(),
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

enum Event {
    Text(String),
    Done,
    Failed,
    Nothing,
}

impl Events {
    fn take(&mut self, chunk: &[u8]) -> Vec<Result<String, InferenceError>> {
        let mut texts = Vec::new();
        for part in chunk.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if self.line.len() > LONGEST_EVENT {
                texts.extend(self.fail());
            } else if part.ends_with(b"\n") {
                match event(&std::mem::take(&mut self.line)) {
                    Event::Text(text) => texts.push(Ok(text)),
                    Event::Done => self.ended = true,
                    Event::Failed => texts.extend(self.fail()),
                    Event::Nothing => {}
                }
            }
            if self.ended {
                break;
            }
        }
        texts
    }

    fn fail(&mut self) -> Vec<Result<String, InferenceError>> {
        self.ended = true;
        vec![Err(InferenceError::BrokeOff)]
    }
}

fn event(line: &[u8]) -> Event {
    #[derive(Deserialize)]
    struct Data {
        #[serde(default)]
        choices: Vec<Choice>,
        error: Option<serde::de::IgnoredAny>,
    }
    #[derive(Deserialize)]
    struct Choice {
        delta: Delta,
    }
    #[derive(Deserialize)]
    struct Delta {
        content: Option<String>,
    }
    let Some(data) = line.trim_ascii().strip_prefix(b"data:").map(<[u8]>::trim_ascii) else {
        return Event::Nothing;
    };
    if data == b"[DONE]" {
        return Event::Done;
    }
    match serde_json::from_slice::<Data>(data) {
        Ok(Data { error: Some(_), .. }) => Event::Failed,
        Ok(data) => {
            let text = data.choices.into_iter().next().and_then(|choice| choice.delta.content);
            text.filter(|text| !text.is_empty()).map_or(Event::Nothing, Event::Text)
        }
        Err(_) => Event::Nothing,
    }
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
            Self::Forbidden => f.write_str("The inference service does not take your token for this model."),
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
        while !events.ended {
            last = events.take(&[b'x'; 1001]);
        }
        assert!(events.ended && matches!(last[..], [Err(InferenceError::BrokeOff)]));
    }

    async fn asked(chunks: &[&str]) -> (String, bool) {
        let chunks: Vec<_> = chunks.iter().map(|chunk| Ok(chunk.to_string())).collect();
        let pieces: Vec<_> = pieces(futures_util::stream::iter(chunks)).collect().await;
        let whole = pieces.iter().all(Result::is_ok);
        (pieces.into_iter().filter_map(Result::ok).collect(), whole)
    }

    #[tokio::test]
    async fn only_an_answer_that_says_so_is_whole() {
        let text = "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";
        assert_eq!(asked(&[text, "data: [DONE]\n\n"]).await, ("Hi".to_owned(), true));
        assert_eq!(asked(&[text]).await, ("Hi".to_owned(), false));
        assert_eq!(
            asked(&[text, "data: {\"error\":{\"message\":\"overloaded\"}}\n\n"]).await,
            ("Hi".to_owned(), false)
        );
        assert_eq!(
            asked(&["data: [DONE]\n", text]).await,
            (String::new(), true),
            "nothing counts after the end"
        );
    }
}
