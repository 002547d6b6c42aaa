//! Which documents may be asked for, and at which addresses of which machines.

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use super::Unusable;
use super::special_use::is_public;
use crate::request::is_on_this_machine;

/// Where a website has its document, as the Hub's documentation says.
const WELL_KNOWN: &str = "/.well-known/oauth-cimd";
/// It is shown to people, and kept.
const LONGEST: usize = 500;

/// Whether a client id is meant as an address. Nobody registers such an id.
pub(crate) fn is_url(client_id: &str) -> bool {
    client_id.starts_with("https://") || client_id.starts_with("http://")
}

/// The address of a document that may be asked for.
#[derive(Debug)]
pub(super) struct Location {
    text: String,
    url: Url,
    /// The host is this machine, by its own name.
    loopback: bool,
}

/// An address of a machine that may be connected to: only [`Location::permitted`] makes one, and nothing else is
/// connected to. So a name that means something else a moment later (DNS rebinding) leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Permitted(SocketAddr);

impl Permitted {
    pub(super) fn address(self) -> SocketAddr {
        self.0
    }
}

impl Location {
    /// Section 3 of the draft, and for `http` and this machine no more than the one path. `with_loopback` is false
    /// where the Hub itself is not on loopback: then this machine's other services are none of its callers' business
    /// (section 8.6).
    pub(super) fn parse(client_id: &str, with_loopback: bool) -> Result<Self, Unusable> {
        let fail = |reason: &str| Err(Unusable::new(format!("The client_id is a URL, and {reason}")));
        if client_id.len() > LONGEST {
            return fail("it is longer than 500 characters.");
        }
        let Ok(url) = Url::parse(client_id) else { return fail("it is no URL that can be read.") };
        // One spelling has one reading: no dot segments, no capitals in the host, no default port, no userinfo tricks.
        if url.as_str() != client_id {
            let written = url.as_str();
            return fail(&format!("it must be written as browsers write it: {written}"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return fail("it has a username or a password.");
        }
        if url.fragment().is_some() {
            return fail("it has a fragment.");
        }
        let loopback = is_on_this_machine(&url);
        if loopback && !with_loopback {
            return fail("it is on this Hub's own machine, which a Hub that others reach does not ask.");
        }
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => return fail("it is neither https, nor http on localhost, 127.0.0.1 or [::1]."),
        }
        if loopback && (url.path() != WELL_KNOWN || url.query().is_some()) {
            return fail("on this machine the document is at /.well-known/oauth-cimd and nowhere else.");
        }
        if url.path() == "/" {
            return fail("it has no path. A website has its document at /.well-known/oauth-cimd.");
        }
        Ok(Self { text: client_id.to_owned(), url, loopback })
    }

    /// As the app wrote it.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    pub(super) fn is_secure(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Host and port, as they are shown to people and sent as `Host`.
    pub(super) fn authority(&self) -> &str {
        self.url.authority()
    }

    /// What the host's name means just now.
    pub(super) async fn addresses(&self) -> Result<Vec<SocketAddr>, Unusable> {
        let port = self.url.port_or_known_default().unwrap_or(443);
        let name = match self.url.host() {
            Some(Host::Ipv4(address)) => return Ok(vec![SocketAddr::new(IpAddr::V4(address), port)]),
            Some(Host::Ipv6(address)) => return Ok(vec![SocketAddr::new(IpAddr::V6(address), port)]),
            Some(Host::Domain(name)) => name,
            None => "",
        };
        let found = tokio::net::lookup_host((name, port)).await;
        let found: Vec<_> = found.map(Iterator::collect).unwrap_or_default();
        if found.is_empty() {
            let reason = format!("The client_id is a URL, and its host {name} cannot be found.");
            return Err(Unusable::new(reason));
        }
        Ok(found)
    }

    /// The addresses that may be connected to, or none at all where one of them may not: a name that means a public
    /// machine and a private one is no website.
    pub(super) fn permitted(&self, addresses: &[SocketAddr]) -> Result<Vec<Permitted>, Unusable> {
        let may = |address: &SocketAddr| {
            let ip = address.ip().to_canonical();
            if self.loopback { ip.is_loopback() } else { is_public(ip) }
        };
        if addresses.iter().all(may) {
            return Ok(addresses.iter().copied().map(Permitted).collect());
        }
        let host = self.url.host_str().unwrap_or_default();
        let reason = if self.loopback {
            format!("The client_id is a URL, and {host} is not this machine here.")
        } else {
            format!(
                "The client_id is a URL, and {host} is in a private network or on this machine, where nothing is \
                 fetched. On this machine use localhost, 127.0.0.1 or [::1]."
            )
        };
        Err(Unusable::new(reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(client_id: &str) -> String {
        match Location::parse(client_id, true) {
            Ok(location) => panic!("{location:?}"),
            Err(Unusable(reason)) => reason,
        }
    }

    #[test]
    fn only_addresses_with_one_reading_are_asked() {
        for (client_id, why) in [
            ("http://app.example/.well-known/oauth-cimd", "neither https"),
            ("http://169.254.169.254/.well-known/oauth-cimd", "neither https"),
            ("https://app.example", "as browsers write it: https://app.example/"),
            ("https://app.example/", "no path"),
            ("https://App.example/x", "as browsers write it"),
            ("https://app.example:443/x", "as browsers write it"),
            ("https://app.example/a/../x", "as browsers write it"),
            ("https://app.example/a/%2e%2e/x", "as browsers write it"),
            ("https://app.example\\@evil.example/x", "as browsers write it"),
            ("https://0x7f000001/x", "as browsers write it"),
            ("https://2130706433/x", "as browsers write it"),
            ("https://app.example/x#y", "fragment"),
            ("https://me@app.example/x", "username"),
            ("https://me:pw@app.example/x", "username"),
            ("https://", "no URL"),
            ("http://localhost:7860/", "nowhere else"),
            ("http://localhost:7860/delete-everything", "nowhere else"),
            ("http://localhost:7860/.well-known/oauth-cimd?x=1", "nowhere else"),
            ("https://localhost/secret", "nowhere else"),
        ] {
            assert!(refused(client_id).contains(why), "{client_id}: {}", refused(client_id));
        }
        assert!(refused(&format!("https://app.example/{}", "x".repeat(500))).contains("longer"));
        for fine in [
            "https://app.example/x",
            "https://app.example:8443/x?y=z",
            "http://localhost:7860/.well-known/oauth-cimd",
            "http://127.0.0.1/.well-known/oauth-cimd",
            "http://[::1]:1/.well-known/oauth-cimd",
        ] {
            assert!(Location::parse(fine, true).is_ok(), "{fine}");
        }
    }

    #[test]
    fn a_hub_that_others_reach_asks_nothing_on_its_own_machine() {
        let Unusable(reason) =
            Location::parse("http://localhost:7860/.well-known/oauth-cimd", false).unwrap_err();
        assert!(reason.contains("own machine"), "{reason}");
        assert!(Location::parse("https://app.example/x", false).is_ok());
    }

    #[test]
    fn what_a_name_means_decides_and_one_private_address_is_enough() {
        let permitted = |client_id: &str, addresses: &[&str]| {
            let addresses: Vec<SocketAddr> = addresses.iter().map(|it| it.parse().unwrap()).collect();
            Location::parse(client_id, true).unwrap().permitted(&addresses).map(|all| all.len())
        };
        let app = "https://app.example/x";
        assert_eq!(permitted(app, &["1.1.1.1:443", "[2606:4700::1]:443"]), Ok(2));
        for private in ["127.0.0.1:443", "10.0.0.1:443", "169.254.169.254:443", "[::1]:443", "[fe80::1]:443"]
        {
            assert!(permitted(app, &[private]).is_err(), "{private}");
            assert!(permitted(app, &["1.1.1.1:443", private]).is_err(), "{private} beside a public one");
        }
        assert!(permitted(app, &["[::ffff:192.168.0.1]:443"]).is_err());
        let own = "http://localhost:7860/.well-known/oauth-cimd";
        assert_eq!(permitted(own, &["127.0.0.1:7860", "[::1]:7860"]), Ok(2));
        assert!(permitted(own, &["1.1.1.1:7860"]).is_err(), "a localhost of somebody else");
        assert!(permitted("https://10.0.0.1/x", &["10.0.0.1:443"]).is_err());
        assert!(permitted("https://[fd00:ec2::254]/x", &["[fd00:ec2::254]:443"]).is_err());
    }
}
