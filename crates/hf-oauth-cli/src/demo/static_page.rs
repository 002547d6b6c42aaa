//! `hf-oauth demo --static`: the files of `examples/page`, as any static host would serve them.
//!
//! Two of them say where the page stands, and so are written anew: `config.js`, and in `index.html` the addresses that
//! the page's own security policy lets it reach.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::routing::get;
use hf_oauth::{EndpointUrl, Issuer};
use hf_oauth_hub::{AppConfig, Config, LocalHub};

const LOCAL_APP: &str = "local-app";
const INDEX: &str = include_str!("../../page/index.html");
const HTML: &str = "text/html; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";
const ICON: &str = include_str!("../../page/icon.svg");

/// What is served as it is.
const FILES: [(&str, &str, &str); 10] = [
    ("page.css", "text/css; charset=utf-8", include_str!("../../page/page.css")),
    ("page.js", JAVASCRIPT, include_str!("../../page/page.js")),
    ("asking.js", JAVASCRIPT, include_str!("../../page/asking.js")),
    ("dom.js", JAVASCRIPT, include_str!("../../page/dom.js")),
    ("inference.js", JAVASCRIPT, include_str!("../../page/inference.js")),
    ("person.js", JAVASCRIPT, include_str!("../../page/person.js")),
    ("words.js", JAVASCRIPT, include_str!("../../page/words.js")),
    ("hf-sign-in.js", JAVASCRIPT, include_str!("../../page/hf-sign-in.js")),
    ("icon.svg", SVG, ICON),
    ("face.svg", SVG, include_str!("../../page/face.svg")),
];

/// The addresses in `index.html` that go with huggingface.co.
const REACHED: &str =
    "connect-src https://huggingface.co https://router.huggingface.co; img-src 'self' https:;";

/// The page, and the Hub beside it.
pub(crate) struct StaticPage {
    issuer: Issuer,
    client_id: String,
    model: Option<String>,
    inference: Option<EndpointUrl>,
    own_hub: Option<LocalHub>,
}

impl StaticPage {
    /// With an app in the environment that app's page, otherwise the page of an app at a local Hub of our own.
    pub(crate) async fn start(hub_port: u16, hub_config: Option<PathBuf>) -> Result<Self, Box<dyn Error>> {
        let var = |name| std::env::var(name).ok().map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
        let model = var("HF_INFERENCE_MODEL");
        let inference = var("HF_INFERENCE_ENDPOINT").map(|url| EndpointUrl::parse(&url)).transpose()?;
        // A Hub that signs in anybody as anybody has no place in a Space.
        let of_an_app = ["OAUTH_CLIENT_ID", "OPENID_PROVIDER_URL", "SPACE_ID"]
            .into_iter()
            .any(|name| var(name).is_some());
        if of_an_app {
            let client_id = var("OAUTH_CLIENT_ID").ok_or(NoClientId)?;
            let issuer = var("OPENID_PROVIDER_URL").unwrap_or_else(|| Issuer::HUGGING_FACE.to_owned());
            return Ok(Self { issuer: Issuer::parse(&issuer)?, client_id, model, inference, own_hub: None });
        }
        let mut config = hub_config.map(Config::from_file).transpose()?.unwrap_or_default();
        if !config.apps.iter().any(|app| app.client_id == LOCAL_APP) {
            config.apps.insert(0, local_page());
        }
        let hub = LocalHub::builder().port(hub_port).config(config).start().await?;
        let issuer = Issuer::parse(hub.issuer())?;
        Ok(Self { issuer, client_id: LOCAL_APP.to_owned(), model, inference, own_hub: Some(hub) })
    }

    pub(crate) fn banner(&self, port: u16) -> String {
        let provider = match &self.own_hub {
            Some(hub) => format!("Local Hub: {} (made-up people; nothing leaves this machine)", hub.issuer()),
            None => format!("Provider:  {}", self.issuer),
        };
        format!("Demo:      http://localhost:{port} (files alone, without a server)\n{provider}")
    }

    /// The Hub goes with the files: it ends when they do.
    pub(crate) fn router(self) -> Router {
        let (index, config) = (self.index(), self.config());
        let own = [("", HTML, index.clone()), ("index.html", HTML, index), ("config.js", JAVASCRIPT, config)];
        let files = FILES.map(|(name, kind, text)| (name, kind, text.to_owned()));
        let router = own.into_iter().chain(files).fold(Router::new(), |router, (name, kind, text)| {
            let headers =
                [(CONTENT_TYPE, kind), (X_CONTENT_TYPE_OPTIONS, "nosniff"), (CACHE_CONTROL, "no-cache")];
            router.route(&format!("/{name}"), get(async move || (headers, text)))
        });
        let icon = get(async || ([(CONTENT_TYPE, SVG), (X_CONTENT_TYPE_OPTIONS, "nosniff")], ICON));
        let page = std::sync::Arc::new(self);
        router.route("/favicon.ico", icon).layer(axum::Extension(page))
    }

    fn index(&self) -> String {
        let hub = self.issuer.url().origin();
        let inference = match &self.inference {
            _ if self.issuer.as_str() == Issuer::HUGGING_FACE => " https://router.huggingface.co".to_owned(),
            Some(endpoint) => format!(" {}", endpoint.origin()),
            None => String::new(),
        };
        INDEX.replace(REACHED, &format!("connect-src {hub}{inference}; img-src 'self' https: {hub};"))
    }

    fn config(&self) -> String {
        let inference = self.inference.as_ref().map(|endpoint| endpoint.as_str().to_owned());
        let values = [
            ("HF_OAUTH_CLIENT_ID", Some(self.client_id.clone())),
            ("HF_OPENID_PROVIDER_URL", Some(self.issuer.as_str().to_owned())),
            ("HF_INFERENCE_MODEL", self.model.clone()),
            ("HF_INFERENCE_ENDPOINT", inference),
        ];
        let lines = values.into_iter().filter_map(|(name, value)| {
            // A JSON text is one of JavaScript's as well.
            value.map(|value| format!("window.{name} = {};\n", serde_json::Value::from(value)))
        });
        lines.collect()
    }
}

/// The page is its own redirect URI.
fn local_page() -> AppConfig {
    let app = AppConfig::public(LOCAL_APP).name("Local page");
    ["localhost", "127.0.0.1", "[::1]"]
        .into_iter()
        .fold(app, |app, host| app.redirect_uri(format!("http://{host}/")))
}

#[derive(Debug)]
struct NoClientId;

impl fmt::Display for NoClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OAUTH_CLIENT_ID is not set: a page of this provider needs the client id of a public app")
    }
}

impl Error for NoClientId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_addresses_that_are_written_anew() {
        assert_eq!(INDEX.matches(REACHED).count(), 1);
    }

    #[test]
    fn a_client_id_cannot_break_out_of_its_string() {
        let page = StaticPage {
            issuer: Issuer::parse("http://localhost:1").unwrap(),
            client_id: "\"; alert(1); //\n".to_owned(),
            model: None,
            inference: None,
            own_hub: None,
        };
        let first = "window.HF_OAUTH_CLIENT_ID = \"\\\"; alert(1); //\\n\";\n";
        assert!(page.config().starts_with(first), "{}", page.config());
        assert!(
            page.index()
                .contains("connect-src http://localhost:1; img-src 'self' https: http://localhost:1;")
        );
    }
}
