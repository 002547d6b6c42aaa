//! A client that follows no redirect and keeps no cookie: a test sees and sends everything itself.

use reqwest::{Client, Response};
use serde_json::Value;

pub(crate) fn client() -> Client {
    Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

pub(crate) async fn get(url: &str) -> Response {
    client().get(url).send().await.unwrap_or_else(|error| panic!("{url}: {error}"))
}

pub(crate) async fn json(response: Response) -> Value {
    let text = response.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Where a redirect leads.
pub(crate) fn location(response: &Response) -> String {
    let location = response.headers().get("location").and_then(|location| location.to_str().ok());
    location.unwrap_or_else(|| panic!("no redirect: {}", response.status())).to_owned()
}

/// The cookies that an answer sets, as `name=value`.
pub(crate) fn cookies(response: &Response) -> Vec<String> {
    let set = response.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    set.map(|cookie| cookie.split(';').next().unwrap().to_owned()).collect()
}
