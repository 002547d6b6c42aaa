//! The local Hub's configuration.

use std::collections::BTreeSet;

use hf_oauth_hub::Config;
use url::Url;

use crate::support::assert_fit_to_be_shown;

/// A `hub.toml`: what is taken has no two people or apps of one name and addresses that a browser can go to; a mistake
/// is named with a line of the file.
pub fn hub_toml(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    match Config::from_toml_str(&text, "hub.toml") {
        Ok(config) => {
            let people: BTreeSet<_> = config.users.iter().map(|user| &user.username).collect();
            assert_eq!(people.len(), config.users.len(), "two people of one name");
            let apps: BTreeSet<_> = config.apps.iter().map(|app| &app.client_id).collect();
            assert_eq!(apps.len(), config.apps.len(), "two apps of one id");
            for uri in config.apps.iter().flat_map(|app| &app.redirect_uris) {
                let url = Url::parse(uri).expect("a browser goes somewhere");
                assert!(url.fragment().is_none(), "{uri:?}");
            }
            true
        }
        Err(mistake) => {
            let line = mistake.line().expect("a mistake in a file has a line");
            assert!((1..=text.split('\n').count()).contains(&line), "line {line}");
            assert!(!mistake.reason().is_empty());
            assert_fit_to_be_shown(&mistake, &[]);
            false
        }
    }
}
