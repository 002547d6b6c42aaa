use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;

/// A snapshot of environment variables: what the store looks at, and nothing else, so that tests and servers choose it.
///
/// ```
/// use hf_oauth_tokens::Environment;
///
/// let environment = Environment::from_pairs([("HF_HOME", "/srv/hf")]);
/// assert_eq!(environment.get("HF_HOME").unwrap(), "/srv/hf");
/// assert!(environment.get("HF_TOKEN").is_none());
/// ```
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    /// This process's variables, as they are now.
    pub fn from_process() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// These variables and no others.
    pub fn from_pairs<K: Into<OsString>, V: Into<OsString>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// What `name` is set to; empty is not unset.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    pub(crate) fn get_bytes(&self, name: &OsStr) -> Option<&OsStr> {
        self.0.get(name).map(OsString::as_os_str)
    }

    /// `1`, `ON`, `YES` and `TRUE` in any case, as Python reads its switches.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        let value = self.get(name).and_then(OsStr::to_str).unwrap_or_default().to_uppercase();
        matches!(value.as_str(), "1" | "ON" | "YES" | "TRUE")
    }
}

/// The names alone: values may be secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
