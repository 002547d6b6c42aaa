//! Who a handler gets to see.

use std::fmt;
use std::ops::Deref;

use hf_oauth::{OAuthInfo, OAuthOrgInfo, OAuthUserInfo, Scopes, Secret, UnixTime};
use hf_oauth_session::Session;

/// Who sent a request.
///
/// A page that everybody may see asks for this: while the Hub is away nobody looks signed out.
#[derive(Clone, Debug)]
pub enum Visitor {
    /// Nobody is signed in.
    Nobody,
    /// Somebody is signed in, with an access token that has not ended.
    SignedIn(SignedIn),
    /// Somebody is signed in, their access token has ended, and the Hub cannot be asked for the next one now.
    TokenUnavailable(Identity),
}

impl Visitor {
    /// Who this is, whether there is a token or not.
    pub fn identity(&self) -> Option<&Identity> {
        match self {
            Self::Nobody => None,
            Self::SignedIn(user) => Some(user),
            Self::TokenUnavailable(identity) => Some(identity),
        }
    }
}

/// Who somebody is.
#[derive(Clone)]
pub struct Identity(Session);

/// Whoever is signed in, with an access token that has not ended. It is an [`Identity`] with tokens.
#[derive(Clone)]
pub struct SignedIn(Identity);

impl Identity {
    pub(crate) fn new(session: Session) -> Self {
        Self(session)
    }

    /// Everything known of the user. Names and pictures of many organisations may have been left out to fit a cookie.
    pub fn user_info(&self) -> &OAuthUserInfo {
        self.0.user_info()
    }

    /// The user's stable id. Key everything on this: usernames change hands.
    pub fn subject(&self) -> &str {
        self.0.subject()
    }

    /// What to call the user: the name, or the username, or the id. As the Hub has it: not for HTML.
    pub fn display_name(&self) -> &str {
        let user = self.user_info();
        let names = [user.name.as_deref(), user.preferred_username.as_deref()];
        names.into_iter().flatten().find(|name| !name.trim().is_empty()).unwrap_or(&user.sub)
    }

    /// [`display_name`](Self::display_name), escaped for HTML text and attribute values.
    pub fn display_name_html(&self) -> String {
        escaped(self.display_name())
    }

    /// [`display_name`](Self::display_name) without what turns or hides the text around it.
    pub(crate) fn visible_name(&self) -> String {
        visible(self.display_name()).collect()
    }

    /// The organisations; `None` when the Hub did not tell. Where [`has_all_orgs`](Self::has_all_orgs) is false there are
    /// more.
    pub fn orgs(&self) -> Option<&[OAuthOrgInfo]> {
        self.user_info().orgs.as_deref()
    }

    /// False when there were more organisations than a cookie holds: then one that is not listed proves nothing.
    pub fn has_all_orgs(&self) -> bool {
        self.0.has_all_orgs()
    }
}

impl SignedIn {
    pub(crate) fn new(session: Session) -> Self {
        Self(Identity(session))
    }

    fn session(&self) -> &Session {
        &self.0.0
    }

    /// The bearer token, to call the Hub as this user.
    pub fn access_token(&self) -> &Secret {
        &self.session().tokens().access_token
    }

    /// When that token ends. Where it can be refreshed, the session goes on.
    pub fn access_token_expires_at(&self) -> UnixTime {
        self.session().expires_at()
    }

    /// What was granted.
    pub fn scope(&self) -> &Scopes {
        self.session().scope()
    }

    /// All of it as one plain value, named as Hugging Face's other libraries name it.
    pub fn info(&self) -> OAuthInfo {
        self.session().clone().into_info()
    }
}

impl Deref for SignedIn {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.0
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("subject", &self.subject()).finish_non_exhaustive()
    }
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").field("subject", &self.subject()).finish_non_exhaustive()
    }
}

/// A name that turns the direction of writing around turns the rest of the page around.
fn visible(text: &str) -> impl Iterator<Item = char> {
    let turns = |character: &char| matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .filter(move |character| !turns(character))
        .map(|character| if character.is_control() { ' ' } else { character })
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in visible(text) {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            character => html.push(character),
        }
    }
    html
}
