//! The Spaces of a hub, and where the hub must stand for their sake.

use url::Url;

use super::StartError;
use super::issuer::read_issuer;
use crate::config::{AppConfig, SpaceConfig, read_space_url};
use crate::random::Random;
use crate::space::{Space, is_same_site};
use crate::state::Issuer;

/// The address of every Space.
pub(super) fn read(spaces: &[SpaceConfig]) -> Result<Vec<Url>, StartError> {
    let read = |space: &SpaceConfig| {
        read_space_url(&space.url).map_err(|reason| refused(&space.url, reason.to_owned()))
    };
    spaces.iter().map(read).collect()
}

/// The loopback address that no Space is on: in its frame a Space is on another site than the Hub.
pub(super) fn free_host(spaces: &[Url], port: u16, has_ipv6: bool) -> Result<String, StartError> {
    let hosts = ["localhost", "127.0.0.1"].into_iter().chain(has_ipv6.then_some("[::1]"));
    let mut issuers = hosts.map(|host| format!("http://{host}:{port}"));
    let is_free = |issuer: &String| {
        Url::parse(issuer).is_ok_and(|issuer| !spaces.iter().any(|space| is_same_site(space, &issuer)))
    };
    issuers.find(is_free).ok_or_else(|| {
        let reason = "the Spaces take every name of this machine, and the Hub's page must be on another site than what it \
                      frames: serve them all on 127.0.0.1, on one port each";
        refused(spaces.last().map_or("", Url::as_str), reason.to_owned())
    })
}

/// The Spaces with their apps. Their ids are told apart by a number where nobody chose one.
pub(super) fn register(
    configs: &[SpaceConfig],
    urls: &[Url],
    issuer: &Issuer,
    random: &Random,
) -> Result<(Vec<Space>, Vec<AppConfig>), StartError> {
    let mut all: (Vec<Space>, Vec<AppConfig>) = (Vec::new(), Vec::new());
    for (config, url) in configs.iter().zip(urls) {
        if is_same_site(url, &issuer.url) {
            return Err(refused(&config.url, same_site(url, issuer)));
        }
        if all.0.iter().any(|other| *other.origin() == url.origin().ascii_serialization()) {
            return Err(refused(&config.url, "another Space is served there".to_owned()));
        }
        let is_taken = |id: &String| {
            all.0.iter().any(|space| space.id() == id) || configs.iter().any(|it| it.id.as_ref() == Some(id))
        };
        let numbered = (2..).map(|number| format!("local/space-{number}"));
        let made_up = || std::iter::once("local/space".to_owned()).chain(numbered).find(|id| !is_taken(id));
        let id = config.id.clone().or_else(made_up).unwrap_or_default();
        let (space, app) = Space::new(config, id, url, &issuer.text, random);
        all.0.push(space);
        all.1.push(app);
    }
    Ok(all)
}

fn same_site(space: &Url, issuer: &Issuer) -> String {
    let other = if space.host_str() == Some("127.0.0.1") { "localhost" } else { "127.0.0.1" };
    let mut moved = space.clone();
    // Cannot fail: it has a host, and this is one.
    let _ = moved.set_host(Some(other));
    let moved = moved.origin().ascii_serialization();
    let hub = &issuer.text;
    format!(
        "to a browser it is the same site as the local Hub, {hub}, and a Space is on another than the Hub: open the app as \
         {moved}, or give the Hub another --issuer"
    )
}

pub(super) fn refused(url: &str, reason: String) -> StartError {
    StartError::Space { url: url.to_owned(), reason }
}

/// The issuer that suits the Spaces.
pub(super) fn issuer(spaces: &[Url], port: u16, has_ipv6: bool) -> Result<Issuer, StartError> {
    read_issuer(&free_host(spaces, port, has_ipv6)?, false)
}
