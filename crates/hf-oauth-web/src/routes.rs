//! The routes that an adapter adds to an app.

use crate::paths::{CLIENT_METADATA, Paths};

/// One of the crate's own routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Route {
    /// Sends the browser to the Hub.
    Login,
    /// The same, and the Hub asks which account.
    SwitchAccount,
    /// The Hub sends the browser back here.
    Callback,
    /// Signs out; a plain link gets a page that asks.
    Logout,
    /// What somebody sees who signed in in a tab that was opened from a frame.
    Tab,
    /// The style of the crate's pages.
    PageStyle,
    /// The script of its failure pages after a callback.
    PageScript,
    /// The style of the button.
    ButtonStyle,
    /// The document about an app that nobody registered; of no use to others.
    ClientMetadata,
}

impl Route {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Login,
        Self::SwitchAccount,
        Self::Callback,
        Self::Logout,
        Self::Tab,
        Self::PageStyle,
        Self::PageScript,
        Self::ButtonStyle,
        Self::ClientMetadata,
    ];

    /// The methods that it answers to, in capitals. `HEAD` goes with `GET`.
    pub fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Logout => &["GET", "HEAD", "POST"],
            _ => &["GET", "HEAD"],
        }
    }

    pub(crate) fn path(self, paths: &Paths) -> &str {
        match self {
            Self::Login => &paths.login,
            Self::SwitchAccount => &paths.switch,
            Self::Callback => &paths.callback,
            Self::Logout => &paths.logout,
            Self::Tab => &paths.tab,
            Self::PageStyle => &paths.page_style,
            Self::PageScript => &paths.page_script,
            Self::ButtonStyle => &paths.button_style,
            Self::ClientMetadata => CLIENT_METADATA,
        }
    }
}
