use futures_util::StreamExt as _;
use hf_oauth_hub::{Clock, LocalHub};
use serde_json::{Value, json};

use crate::support::*;

async fn ask(hub: &LocalHub, token: &str, body: &Value) -> reqwest::Response {
    client().post(hub.url("/v1/chat/completions")).bearer_auth(token).json(body).send().await.unwrap()
}

fn prompt(stream: bool) -> Value {
    json!({
        "model": "google/gemma-2-2b-it",
        "stream": stream,
        "messages": [{ "role": "system", "content": "Be brief." }, { "role": "user", "content": "What <b>now</b>?" }],
    })
}

#[tokio::test]
async fn the_responder_says_what_it_is_and_whom_it_answers() {
    let hub = hub().await;
    let tokens = tokens(&hub, "openid profile inference-api").await;
    let body = ok(ask(&hub, text(&tokens, "access_token"), &prompt(false)).await).await;
    assert_eq!(
        (&body["object"], &body["model"]),
        (&json!("chat.completion"), &json!("google/gemma-2-2b-it"))
    );
    let message = &body["choices"][0]["message"];
    let content = text(message, "content");
    assert!(
        content.contains("Ada Lovelace") && content.contains("local Hub's built-in responder"),
        "{content}"
    );
    assert!(content.contains("What <b>now</b>?"), "{content}");
}

#[tokio::test]
async fn a_stream_comes_in_pieces_and_says_the_same() {
    let hub = LocalHub::builder().clock(Clock::system()).start().await.unwrap();
    hub.add_app(hf_oauth_hub::AppConfig::public("app").redirect_uri("http://localhost/cb"));
    let tokens = tokens(&hub, "openid inference-api").await;
    let response = ask(&hub, text(&tokens, "access_token"), &prompt(true)).await;
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    let mut stream = response.bytes_stream();
    let (mut received, mut pieces) = (String::new(), 0);
    while let Some(piece) = stream.next().await {
        received.push_str(std::str::from_utf8(&piece.unwrap()).unwrap());
        pieces += 1;
    }
    assert!(pieces > 5, "{pieces} pieces");
    let events: Vec<&str> = received.split("\n\n").filter_map(|event| event.strip_prefix("data: ")).collect();
    assert_eq!(events.last(), Some(&"[DONE]"));
    let chunks: Vec<Value> =
        events[..events.len() - 1].iter().map(|event| serde_json::from_str(event).unwrap()).collect();
    let content: String =
        chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert!(content.starts_with("Hello Ada Lovelace!"), "{content}");
    assert_eq!(chunks.last().unwrap()["choices"][0]["finish_reason"], "stop");
    assert!(chunks.iter().all(|chunk| chunk["object"] == "chat.completion.chunk"));
}

#[tokio::test]
async fn it_answers_only_tokens_that_may_ask() {
    let hub = hub().await;
    assert_eq!(ask(&hub, "hf_oauth_local_x", &prompt(false)).await.status(), 401);
    let tokens = tokens(&hub, "openid profile").await;
    let response = ask(&hub, text(&tokens, "access_token"), &prompt(true)).await;
    assert_eq!(response.status(), 403);
    assert!(text(&response.json::<Value>().await.unwrap(), "error").contains("inference-api"));
}

#[tokio::test]
async fn bodies_that_are_no_question_are_refused() {
    let hub = hub().await;
    let tokens = tokens(&hub, "openid inference-api").await;
    let bodies = [
        json!([]),
        json!({}),
        json!({ "messages": [] }),
        json!({ "model": "m", "messages": [{ "role": "user" }] }),
        json!({ "model": 1, "messages": [{ "role": "user", "content": "x" }] }),
    ];
    for body in bodies {
        assert_eq!(ask(&hub, text(&tokens, "access_token"), &body).await.status(), 400, "{body}");
    }
}
