//! Where the app is, as the outside sees it: what redirect URI and cookies are made of.

use std::sync::Arc;

use hf_oauth::{App, InvalidUrl, Origin, RedirectUri};
use hf_oauth_session::{CookiePolicy, PendingLogins};

use crate::frames::Frames;
use crate::paths::with_host;
use crate::request::Request;
use crate::sessions::Sessions;

/// The app under one address.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    /// The app with the redirect URI of this address.
    pub(crate) app: App,
    /// The app's own origin.
    pub(crate) origin: Origin,
    pub(crate) sessions: Sessions,
    pub(crate) logins: PendingLogins,
    /// What all cookies' names begin with.
    pub(crate) cookie_name: String,
    pub(crate) frames: Arc<Frames>,
}

/// The sites of an app: how the one that a request is for is found.
#[derive(Clone, Debug)]
pub(crate) enum Sites {
    /// It is configured: a request has no say in it but which of the configured addresses it is for.
    Fixed {
        /// The app's own address, where the provider sends the browser back to.
        site: Arc<Site>,
        /// The same app under the custom domains of a Space.
        custom_domains: Vec<Site>,
    },
    /// It is the loopback `Host` of the request, whatever its port.
    Loopback(Arc<Site>),
}

/// The site that one request is for. The configured one is not counted at every request: all threads would write to one
/// place.
#[derive(Clone, Debug)]
pub(crate) enum RequestSite {
    Configured,
    /// The custom domain with this number.
    Custom(usize),
    Loopback(Arc<Site>),
    /// The host is neither configured nor loopback.
    Unknown,
}

impl RequestSite {
    pub(crate) fn among<'s>(&'s self, sites: &'s Sites) -> Option<&'s Site> {
        match self {
            Self::Configured => Some(sites.configured()),
            Self::Custom(number) => sites.custom_domains().get(*number),
            Self::Loopback(site) => Some(site),
            Self::Unknown => None,
        }
    }
}

impl Sites {
    /// The site that a request is for. Nothing of the request is remembered.
    pub(crate) fn of(&self, request: &Request<'_>) -> RequestSite {
        match self {
            Self::Fixed { custom_domains, .. } => custom_domains
                .iter()
                .position(|site| site.is_at(request))
                .map_or(RequestSite::Configured, RequestSite::Custom),
            Self::Loopback(template) => request
                .host()
                .and_then(|host| template.at_host(host))
                .map_or(RequestSite::Unknown, |site| RequestSite::Loopback(Arc::new(site))),
        }
    }

    /// The site that is configured, or the one that stands for all loopback hosts.
    pub(crate) fn configured(&self) -> &Site {
        match self {
            Self::Fixed { site, .. } | Self::Loopback(site) => site,
        }
    }

    pub(crate) fn custom_domains(&self) -> &[Site] {
        match self {
            Self::Fixed { custom_domains, .. } => custom_domains,
            Self::Loopback(_) => &[],
        }
    }
}

impl Site {
    /// True when a request came to this very origin. Behind a proxy that says another `Host` it never seems so.
    pub(crate) fn is_at(&self, request: &Request<'_>) -> bool {
        let scheme = if self.origin.is_secure() { "https" } else { "http" };
        request.host().is_some_and(|host| {
            format!("{scheme}://{host}").parse().is_ok_and(|it: Origin| it == self.origin)
        })
    }

    /// This site on a loopback host and port.
    fn at_host(&self, host: &str) -> Option<Self> {
        let origin: Origin = format!("http://{host}").parse().ok()?;
        let path = self.app.redirect_uri.as_ref().map(redirect_path).unwrap_or_default();
        let redirect_uri = RedirectUri::parse(&format!("{origin}{path}")).ok()?;
        port(host)?;
        let policy = cookie_policy(&origin, &self.frames).with_name(&self.cookie_name).ok()?;
        Some(Self {
            app: self.app.clone().with_redirect_uri(redirect_uri),
            origin,
            sessions: self.sessions.with_policy(policy.clone()),
            logins: self.logins.with_policy(policy),
            cookie_name: self.cookie_name.clone(),
            frames: Arc::clone(&self.frames),
        })
    }

    /// The same app under a custom domain of its Space. The provider knows the redirect URI of this site alone, so it sends
    /// the browser here, and the redirect URI says where it is to be sent on to. Sessions and logins are the domain's own:
    /// its cookies are.
    ///
    /// # Errors
    ///
    /// [`InvalidUrl`] where the redirect URI cannot say so.
    pub(crate) fn at_custom_domain(&self, origin: &Origin) -> Result<Self, InvalidUrl> {
        let mut site = self.clone();
        site.origin = origin.clone();
        if let Some(redirect_uri) = &self.app.redirect_uri {
            let with_host = with_host(redirect_uri.as_str(), &host_and_port(origin));
            site.app.redirect_uri = Some(RedirectUri::parse(&with_host)?);
        }
        Ok(site)
    }
}

/// The policy of an address: `http` is possible on loopback only.
pub(crate) fn cookie_policy(origin: &Origin, frames: &Frames) -> CookiePolicy {
    match (origin.is_secure(), frames.are_possible()) {
        (true, true) => CookiePolicy::space(),
        (true, false) => CookiePolicy::https(),
        (false, true) => CookiePolicy::space_on_loopback(port_of(origin)),
        (false, false) => CookiePolicy::http(port_of(origin)),
    }
}

fn port_of(origin: &Origin) -> u16 {
    port(&host_and_port(origin)).unwrap_or(80)
}

/// An origin without its scheme: what `Host` says.
pub(crate) fn host_and_port(origin: &Origin) -> String {
    let origin = origin.to_string();
    origin.split_once("://").map_or(origin.clone(), |(_, rest)| rest.to_owned())
}

/// What follows the authority of a redirect URI.
pub(crate) fn redirect_path(uri: &RedirectUri) -> &str {
    let after_scheme = uri.as_str().find("://").map_or(0, |at| at + 3);
    let rest = &uri.as_str()[after_scheme..];
    &rest[rest.find(['/', '?']).unwrap_or(rest.len())..]
}

fn port(host: &str) -> Option<u16> {
    let after_address = host.rfind(']').map_or(host, |end| &host[end + 1..]);
    match after_address.rsplit_once(':') {
        None => Some(80),
        Some((_, port)) => port.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_paths_are_found() {
        assert_eq!(port("localhost"), Some(80));
        assert_eq!(port("[::1]"), Some(80));
        assert_eq!(port("[::1]:7860"), Some(7860));
        assert_eq!(port("127.0.0.1:99999"), None);
        let path = |uri: &str| redirect_path(&RedirectUri::parse(uri).unwrap()).to_owned();
        assert_eq!(path("https://a.example/x/y?z=1"), "/x/y?z=1");
        assert_eq!(path("https://a.example"), "");
    }
}
