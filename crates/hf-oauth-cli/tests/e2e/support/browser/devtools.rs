//! What only the DevTools protocol can do, and so only Chromium.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::{Value, json};
use url::Url;

use super::{Browser, Kind};
use crate::support::screenshot;

impl Browser {
    /// A screen of that size; up to 500 pixels wide a phone's.
    pub(crate) async fn screen(&self, width: u32, height: u32) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width <= 500 });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    /// The person's preference in the system's settings.
    pub(crate) async fn dark(&self, dark: bool) {
        let value = if dark { "dark" } else { "light" };
        let features = json!([{ "name": "prefers-color-scheme", "value": value }]);
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
    }

    /// The pointer in a corner, where nothing is under it.
    pub(crate) async fn mouse_away(&self) {
        let there = json!({ "type": "mouseMoved", "x": 0, "y": 0 });
        self.devtools("Input.dispatchMouseEvent", there).await;
    }

    /// Runs `script` in this tab at the start of every document from now on, before the page's own scripts.
    pub(crate) async fn on_every_page(&self, script: &str) {
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
    }

    /// Empties the cache of files.
    pub(crate) async fn forget_files(&self) {
        self.devtools("Network.clearBrowserCache", json!({})).await;
    }

    /// Freezes the tab, as browsers do with tabs in the background, or wakes it.
    pub(crate) async fn freeze(&self, frozen: bool) {
        let state = if frozen { "frozen" } else { "active" };
        self.devtools("Page.setWebLifecycleState", json!({ "state": state })).await;
    }

    /// Names of the cookies that a page at `url` gets, whoever set them.
    pub(crate) async fn cookies(&self, url: &str) -> Vec<String> {
        let found = self.devtools("Network.getCookies", json!({ "urls": [url] })).await;
        let names =
            found["cookies"].as_array().unwrap().iter().map(|cookie| cookie["name"].as_str().unwrap());
        names.map(str::to_owned).collect()
    }

    /// Names and values of the cookies that a page at `url` gets in a tab.
    pub(crate) async fn cookie_values(&self, url: &str) -> Vec<(String, String)> {
        pairs(&self.devtools("Network.getCookies", json!({ "urls": [url] })).await)
    }

    /// The same of every cookie that there is, whatever its partition.
    pub(crate) async fn all_cookies(&self) -> Vec<(String, String)> {
        pairs(&self.devtools("Storage.getCookies", json!({})).await)
    }

    /// A cookie of a tab, as only somebody at this browser's own files could plant it.
    pub(crate) async fn set_cookie(&self, url: &str, name: &str, value: &str) {
        let cookie = json!({ "url": url, "name": name, "value": value, "path": "/", "secure": true, "httpOnly": true });
        let set = self.devtools("Network.setCookie", cookie).await;
        assert_eq!(set["success"], true, "{name}");
    }

    pub(crate) async fn delete_cookie(&self, url: &str, name: &str) {
        self.devtools("Network.deleteCookies", json!({ "name": name, "url": url })).await;
    }

    pub(crate) async fn delete_all_cookies(&self) {
        self.devtools("Network.clearBrowserCookies", json!({})).await;
    }

    /// The addresses of all pages that were asked for since the log was last read, redirects included.
    pub(crate) async fn navigations(&self) -> Vec<String> {
        self.log(|event| event["type"] == "Document").await
    }

    /// The same with everything that the pages asked for.
    pub(crate) async fn requests(&self) -> Vec<String> {
        self.log(|_| true).await
    }

    /// The page as it was sent; nothing where none came since the log was last read.
    pub(crate) async fn sent(&self) -> Option<String> {
        // What is in a frame is a document, too.
        let page = self.devtools("Page.getFrameTree", json!({})).await;
        let page = &page["frameTree"]["frame"]["id"];
        let came = |event: &Value| {
            let is_page = event["method"] == "Network.responseReceived"
                && event["params"]["type"] == "Document"
                && event["params"]["frameId"] == *page;
            is_page.then(|| event["params"]["requestId"].clone())
        };
        let id = self.events().await.iter().rev().find_map(came)?;
        let body = self.devtools("Network.getResponseBody", json!({ "requestId": id })).await;
        assert_eq!(body["base64Encoded"], false, "{body}");
        body["body"].as_str().map(str::to_owned)
    }

    async fn events(&self) -> Vec<Value> {
        let log = self.issue("se/log", json!({ "type": "performance" })).await;
        let events = log.as_array().unwrap().iter().filter_map(|entry| {
            let mut event: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            Some(event["message"].take())
        });
        events.collect()
    }

    async fn log(&self, is_meant: impl Fn(&Value) -> bool) -> Vec<String> {
        let events = self.events().await;
        let events = events.iter().filter_map(|event| {
            let meant = event["method"] == "Network.requestWillBeSent" && is_meant(&event["params"]);
            let url = event["params"]["request"]["url"].as_str()?;
            // Not `data:`, and not the page that the browser itself begins with.
            (meant && url.starts_with("http")).then(|| url.to_owned())
        });
        events.collect()
    }

    /// That nobody has to scroll sideways.
    pub(crate) async fn fits(&self, page: &str) {
        let widths = self.script("return [document.scrollingElement.scrollWidth, innerWidth]").await;
        let (content, screen) = (widths[0].as_u64().unwrap(), widths[1].as_u64().unwrap());
        assert!(content <= screen, "{page}: {content} pixels on a screen of {screen}");
    }

    /// The whole page, however long.
    pub(crate) async fn full_picture(&self, name: &str) {
        let options = json!({ "format": "png", "captureBeyondViewport": true });
        let answer = self.devtools("Page.captureScreenshot", options).await;
        screenshot::save(name, &STANDARD.decode(answer["data"].as_str().unwrap()).unwrap());
    }

    pub(super) async fn devtools(&self, command: &str, params: Value) -> Value {
        self.issue("goog/cdp/execute", json!({ "cmd": command, "params": params })).await
    }

    async fn issue(&self, path: &'static str, body: Value) -> Value {
        assert_eq!(self.kind, Kind::Chromium, "{path} is Chromium's own");
        let command = Command { path, body: body.to_string() };
        self.client.issue_cmd(command).await.unwrap_or_else(|error| panic!("{path} {body}: {error}"))
    }
}

fn pairs(found: &Value) -> Vec<(String, String)> {
    let text = |cookie: &Value, what: &str| cookie[what].as_str().unwrap().to_owned();
    let cookies = found["cookies"].as_array().unwrap().iter();
    cookies.map(|cookie| (text(cookie, "name"), text(cookie, "value"))).collect()
}

#[derive(Debug)]
struct Command {
    path: &'static str,
    body: String,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, url::ParseError> {
        base_url.join(&format!("session/{}/{}", session_id.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.clone()))
    }
}
