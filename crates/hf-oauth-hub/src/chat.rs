//! `POST /v1/chat/completions`: a responder in the shape of OpenAI's, so that an app has something to stream; or a real
//! model behind it.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use http::{StatusCode, header};
use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::answer::{Answer, Body};
use crate::identity::{attributed, authenticate};
use crate::request::Request;
use crate::state::{Access, Hub};

/// Between two words of a stream, so that one can see it; none under a manual clock.
const PAUSE: Duration = Duration::from_millis(15);
const QUOTED: usize = 200;

pub(crate) async fn completions(hub: &Hub, request: &Request) -> Answer {
    let access = match authenticate(hub, request) {
        Ok(access) => access,
        Err(refusal) => return *refusal,
    };
    let answer = match &hub.upstream {
        _ if !access.may("inference-api") => forbidden(),
        Some(upstream) => upstream.pass_on(request).await,
        None => respond(hub, request, &access),
    };
    attributed(answer, access)
}

fn forbidden() -> Answer {
    let error = "This token lacks the scope inference-api, which calls to the inference providers need";
    Answer::json(StatusCode::FORBIDDEN, json!({ "error": error }))
        .noting(|note| note.error = Some("insufficient_scope".to_owned()))
}

fn respond(hub: &Hub, request: &Request, access: &Access) -> Answer {
    let Some(asked) = serde_json::from_slice::<Value>(&request.body).ok().and_then(|body| Asked::read(&body))
    else {
        let error = "The body must be JSON with `model` and a list of `messages`, the last of them a user's";
        return Answer::json(StatusCode::BAD_REQUEST, json!({ "error": error }));
    };
    let id = format!("chatcmpl-local-{}", hub.random.token());
    let reply =
        Reply { id, created: hub.now(), model: asked.model.clone(), text: text(access, &asked.prompt) };
    if asked.stream { reply.streamed(hub.clock.is_manual()) } else { reply.whole(&asked.prompt) }
}

struct Asked {
    model: String,
    prompt: String,
    stream: bool,
}

impl Asked {
    fn read(body: &Value) -> Option<Self> {
        let messages = body.get("messages")?.as_array()?;
        let last = messages.iter().rev().find(|message| message["role"] == "user")?;
        let prompt = match last.get("content")? {
            Value::String(text) => text.clone(),
            Value::Array(parts) => {
                parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join(" ")
            }
            _ => return None,
        };
        let model = body.get("model")?.as_str()?.to_owned();
        Some(Self { model, prompt, stream: body["stream"].as_bool().unwrap_or(false) })
    }
}

fn text(access: &Access, prompt: &str) -> String {
    let mut quoted: String = prompt.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = quoted.char_indices().nth(QUOTED) {
        quoted.truncate(end);
        quoted.push_str("...");
    }
    let name = access.user.display_name();
    format!(
        "Hello {name}! This is the local Hub's built-in responder, not a language model. \
         Your token works: it was issued to {} and carries the scope inference-api. \
         You asked: \u{201c}{quoted}\u{201d} On huggingface.co a real model answers here.",
        access.client_id
    )
}

struct Reply {
    id: String,
    created: u64,
    model: String,
    text: String,
}

impl Reply {
    fn whole(&self, prompt: &str) -> Answer {
        let (asked, answered) = (words(prompt), words(&self.text));
        let body = json!({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [{
                "index": 0,
                "message": { "role": "assistant", "content": self.text },
                "finish_reason": "stop",
            }],
            "usage": { "prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered },
        });
        Answer::json(StatusCode::OK, body)
    }

    fn streamed(self, at_once: bool) -> Answer {
        let mut events = vec![self.event(json!({ "role": "assistant", "content": "" }), Value::Null)];
        events.extend(
            self.text.split_inclusive(' ').map(|word| self.event(json!({ "content": word }), Value::Null)),
        );
        events.push(self.event(json!({}), json!("stop")));
        events.push("data: [DONE]\n\n".to_owned());
        let paced = stream::iter(events).enumerate().then(move |(number, event)| async move {
            if !at_once && number > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            Ok(Bytes::from(event))
        });
        let mut answer = Answer::new(StatusCode::OK, "text/event-stream; charset=utf-8", Bytes::new());
        answer.body = Body::Stream(Box::pin(paced));
        answer.with(header::CACHE_CONTROL, "no-store")
    }

    fn event(&self, delta: Value, finish_reason: Value) -> String {
        let chunk = json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish_reason }],
        });
        format!("data: {chunk}\n\n")
    }
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}
