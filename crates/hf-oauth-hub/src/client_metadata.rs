//! Apps that nobody registered: a `client_id` that is the address of a document about the app
//! (draft-ietf-oauth-client-id-metadata-document-02, whose sections are cited here).
//!
//! `location` says which addresses may be asked at all, `fetch` asks within bounds, `document` makes an app of what came.
//! What was made is kept in [`Documents`], where `State::app` finds it like a registered app.

mod document;
mod fetch;
mod location;
mod special_use;

use crate::config::AppConfig;

pub(crate) use fetch::Fetcher;
use location::Location;
pub(crate) use location::is_url;

/// How many documents are kept; the oldest goes.
const MOST: usize = 64;

/// Why no app can be made of a `client_id`: sentences for whoever wrote the app.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unusable(pub(crate) String);

impl Unusable {
    fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// The apps of the documents that were read.
#[derive(Default)]
pub(crate) struct Documents(Vec<Kept>);

struct Kept {
    app: AppConfig,
    read_at: u64,
    fresh_until: u64,
}

impl Documents {
    /// The app, however old its document is: who asks for tokens was let in by the document of that time.
    pub(crate) fn app(&self, client_id: &str) -> Option<&AppConfig> {
        self.0.iter().map(|kept| &kept.app).find(|app| app.client_id == client_id)
    }

    pub(crate) fn is_fresh(&self, client_id: &str, now: u64) -> bool {
        let kept = self.0.iter().find(|kept| kept.app.client_id == client_id);
        // A clock that was set back makes nothing fresh.
        kept.is_some_and(|kept| (kept.read_at..kept.fresh_until).contains(&now))
    }

    pub(crate) fn keep(&mut self, app: AppConfig, now: u64, lifetime: u64) {
        self.0.retain(|kept| kept.app.client_id != app.client_id);
        if self.0.len() >= MOST {
            self.0.remove(0);
        }
        self.0.push(Kept { app, read_at: now, fresh_until: now.saturating_add(lifetime) });
    }
}

/// Makes an app of the document at `client_id`, and says for how long, in seconds, it may be used. `with_loopback`: whether it
/// may be on this machine.
pub(crate) async fn read(
    fetcher: &Fetcher,
    client_id: &str,
    with_loopback: bool,
) -> Result<(AppConfig, u64), Unusable> {
    let location = Location::parse(client_id, with_loopback)?;
    let fetched = fetcher.fetch(&location).await?;
    Ok((document::read(&location, &fetched.body)?, fetched.lifetime))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_kept_within_a_bound_and_for_their_time() {
        let mut documents = Documents::default();
        for number in 0..100 {
            documents.keep(AppConfig::public(format!("https://app-{number}.example/x")), 1_000, 60);
        }
        assert_eq!(documents.0.len(), MOST);
        assert!(documents.app("https://app-0.example/x").is_none());
        let last = "https://app-99.example/x";
        let fresh = |now| documents.is_fresh(last, now);
        assert_eq!((fresh(999), fresh(1_000), fresh(1_059), fresh(1_060)), (false, true, true, false));
        assert!(documents.app(last).is_some(), "tokens are asked for later");
        documents.keep(AppConfig::public(last).name("new"), 2_000, 0);
        assert_eq!((documents.0.len(), documents.app(last).unwrap().name.as_str()), (MOST, "new"));
        assert!(!documents.is_fresh(last, 2_000), "no-store");
    }
}
