//! Apps as Spaces of a local Hub: each in the frame of the Hub's page, on another site than the Hub.

use super::demo::Demo;
use super::hub::Hub;
use super::tls::Authority;
use super::{free_port, http};

/// How the Spaces and their Hub are set up.
#[derive(Default)]
pub(crate) struct Plan<'a> {
    /// Of `hub.toml`, in front of the Spaces.
    pub(crate) config: &'a str,
    /// Of each Space's metadata; `PORT` stands for where its app listens.
    pub(crate) metadata: &'a str,
    /// On the Hub's command line.
    pub(crate) hub: &'a [&'a str],
    /// Beside what the Hub gives to a Space.
    pub(crate) variables: &'a [(&'a str, &'a str)],
    /// All on https, as on huggingface.co; on plain http of this machine unless set.
    pub(crate) tls: Option<&'a Authority>,
}

pub(crate) struct Spaces<const N: usize> {
    pub(crate) hub: Hub,
    pub(crate) apps: [App; N],
}

pub(crate) struct App {
    /// Where the app is served.
    pub(crate) origin: String,
    /// The Hub's page that shows it.
    pub(crate) page: String,
    _demo: Demo,
}

impl<const N: usize> Spaces<N> {
    pub(crate) async fn start(plan: Plan<'_>) -> Self {
        let places = [(); N].map(|()| Place::of(plan.tls));
        let spaces: String = places
            .iter()
            .enumerate()
            .map(|(number, place)| {
                let (origin, more) = (&place.origin, plan.metadata.replace("PORT", &place.port.to_string()));
                format!(
                    "[[spaces]]\nurl = {origin:?}\nid = \"made-up/space-{number}\"\n\
                     hf_oauth_scopes = [\"inference-api\"]\n{more}\n"
                )
            })
            .collect();
        let config = format!("{}\n{spaces}", plan.config);
        let hub = match plan.tls {
            Some(authority) => Hub::behind_tls(authority, &config, plan.hub),
            None => Hub::start_with(&config, plan.hub),
        };
        let trust = plan.tls.map(|authority| ("SSL_CERT_FILE".to_owned(), authority.file()));
        let given = plan.variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let more: Vec<_> = given.chain(trust).collect();
        let mut apps = Vec::new();
        for (number, place) in places.into_iter().enumerate() {
            let path = format!("/spaces/made-up/space-{number}");
            let mut variables = environment(&format!("{}{path}/environment", hub.url)).await;
            variables.extend(more.iter().cloned());
            let demo = Demo::of_space(place.port, &variables);
            apps.push(App { origin: place.origin, page: format!("{}{path}", hub.issuer), _demo: demo });
        }
        let Ok(apps) = apps.try_into() else { unreachable!() };
        Self { hub, apps }
    }
}

impl App {
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }
}

/// Where an app listens, and what browsers call it.
struct Place {
    port: u16,
    origin: String,
}

impl Place {
    fn of(tls: Option<&Authority>) -> Self {
        let port = free_port();
        let Some(authority) = tls else { return Self { port, origin: format!("http://127.0.0.1:{port}") } };
        let front = authority.front("app.localhost");
        let origin = format!("https://app.localhost:{}", front.port);
        front.before(port);
        Self { port, origin }
    }
}

/// What the Hub puts into the environment of a Space, from its lines for a shell.
pub(crate) async fn environment(url: &str) -> Vec<(String, String)> {
    let lines = http::get(url).await.text().await.unwrap();
    let variables: Vec<_> = lines
        .lines()
        .filter_map(|line| line.strip_prefix("export ")?.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
        .collect();
    assert!(variables.len() >= 6, "{lines}");
    variables
}
