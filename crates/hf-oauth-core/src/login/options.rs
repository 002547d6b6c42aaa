//! Before the first step: what this login asks for.

use crate::{ReturnPath, Scopes};

/// What one login asks for beyond the app's own configuration.
///
/// ```
/// use hf_oauth_core::{LoginOptions, Prompt, ReturnPath};
///
/// let options = LoginOptions::new()
///     .with_return_path(ReturnPath::parse("/settings")?)
///     .with_org_id("5f0c2b1a9d8e7f6a5b4c3d2e")
///     .with_prompt(Prompt::Consent)
///     .with_app_state("opened from the menu");
/// assert_eq!(options.org_ids.len(), 1);
/// # Ok::<(), hf_oauth_core::InvalidReturnPath>(())
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct LoginOptions {
    /// Scopes instead of the app's.
    pub scopes: Option<Scopes>,
    /// Organisations, by id, to ask access to; sent as one `orgIds` each.
    pub org_ids: Vec<String>,
    /// Whether the Hub must ask again.
    pub prompt: Option<Prompt>,
    /// Where in the app the person goes afterwards.
    pub return_path: ReturnPath,
    /// A text of the app's own, kept with the pending login (never sent) and given back in
    /// [`OAuthInfo::state`](crate::OAuthInfo::state).
    pub app_state: Option<String>,
}

impl LoginOptions {
    /// Nothing beyond the app's configuration.
    pub fn new() -> Self {
        Self::default()
    }

    /// With these scopes instead of the app's.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl Into<Scopes>) -> Self {
        self.scopes = Some(scopes.into());
        self
    }

    /// Asks for access to one more organisation, by its id.
    #[must_use]
    pub fn with_org_id(mut self, id: impl Into<String>) -> Self {
        self.org_ids.push(id.into());
        self
    }

    /// Makes the Hub ask again.
    #[must_use]
    pub fn with_prompt(mut self, prompt: Prompt) -> Self {
        self.prompt = Some(prompt);
        self
    }

    /// Comes back to this place in the app.
    #[must_use]
    pub fn with_return_path(mut self, return_path: ReturnPath) -> Self {
        self.return_path = return_path;
        self
    }

    /// Keeps a text of the app's own with the login.
    #[must_use]
    pub fn with_app_state(mut self, state: impl Into<String>) -> Self {
        self.app_state = Some(state.into());
        self
    }
}

/// `prompt` of OpenID Connect Core section 3.1.2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prompt {
    /// Ask for consent again, so that scopes and organisations can be added.
    Consent,
    /// Ask who it is again.
    Login,
    /// Let the person choose the account.
    SelectAccount,
    /// Never show a page: answer with an error instead.
    None,
}

impl Prompt {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Prompt::Consent => "consent",
            Prompt::Login => "login",
            Prompt::SelectAccount => "select_account",
            Prompt::None => "none",
        }
    }
}
