//! The stable names of everything that can go wrong for a visitor.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $status:literal, $title:literal;)*) => {
        /// The stable names of failures: `error` in JSON answers, and on the pages.
        ///
        /// ```
        /// use hf_oauth_web::FailureCode;
        ///
        /// assert_eq!(FailureCode::Unauthenticated.as_str(), "unauthenticated");
        /// assert_eq!(FailureCode::Unauthenticated.status(), 401);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum FailureCode {
            $($(#[$doc])* $variant,)*
        }

        impl FailureCode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            pub(crate) fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

codes! {
    /// Nobody is signed in.
    Unauthenticated = "unauthenticated", 401, "Please sign in";
    /// The app is shown in a frame by somebody who may not, or signs people in in tabs alone: the page offers a new tab.
    Framed = "framed", 200, "Open this app in a new tab";
    /// Something other than a person's navigation asked for a page that begins, ends or finishes a sign-in: an image, a
    /// script, a prefetch, a `HEAD`.
    NotANavigation = "not_a_navigation", 403, "Open this address yourself";
    /// The routes are reached under another path than the one that they were made for.
    AttachedElsewhere = "attached_elsewhere", 503, "Sign-in is attached at another path";
    /// The app has no public URL, and the request's host is no loopback one.
    HostUnknown = "host_unknown", 400, "This address is not set up for signing in";
    /// The redirect has parameters twice, none, or some that do not belong there.
    MalformedRedirect = "malformed_redirect", 400, "This link is not complete";
    /// The redirect has no `state`.
    StateMissing = "state_missing", 400, "This link does not belong to a sign-in";
    /// The sign-in was begun too long ago.
    LoginExpired = "login_expired", 400, "That took too long";
    /// The browser did not bring its sign-in cookie back, not at the second attempt either.
    LoginLost = "login_lost", 400, "Your browser did not keep the sign-in cookie";
    /// The same redirect came a second time.
    LoginUsed = "login_used", 400, "This sign-in was used already";
    /// The sign-in was begun with another provider.
    OtherProvider = "other_provider", 400, "This sign-in was begun somewhere else";
    /// The redirect says that it is of another provider: possibly an attack.
    IssuerMismatch = "issuer_mismatch", 400, "This answer came from the wrong place";
    /// The provider does not take the code (any more).
    CodeRefused = "code_refused", 400, "This sign-in is not valid any more";
    /// The person said no.
    AccessDenied = "access_denied", 403, "You did not give access";
    /// The app's own check said no.
    SignInRefused = "sign_in_refused", 403, "You cannot sign in here";
    /// A scope was not granted.
    ScopeMissing = "scope_missing", 403, "This page needs another permission";
    /// The account is not in the organisation, or did not grant access to it.
    OrgMissing = "org_missing", 403, "This page is for members of an organisation";
    /// Nobody told which organisations the account is in.
    OrgUnknown = "org_unknown", 403, "This page needs to see your organisations";
    /// The organisation demands something before membership counts.
    OrgRestricted = "org_restricted", 403, "Your organisation asks for one more step";
    /// Another site tried to sign the person out.
    CrossSiteLogout = "cross_site_logout", 403, "Another site asked to sign you out";
    /// The provider refused the request for a sign-in.
    ProviderRefused = "provider_refused", 502, "Hugging Face refused this sign-in";
    /// The provider's answer cannot be used.
    ProviderMalformed = "provider_malformed", 502, "Hugging Face gave an answer that makes no sense";
    /// Who signed in could not be proven.
    IdentityRefused = "identity_refused", 502, "Your identity could not be confirmed";
    /// The session does not fit into cookies.
    SessionTooLarge = "session_too_large", 502, "Your sign-in is too large to keep";
    /// The provider cannot be reached or is overloaded.
    ProviderUnavailable = "provider_unavailable", 503, "Hugging Face cannot be reached";
    /// The provider does not take the app's credentials.
    AppMisconfigured = "app_misconfigured", 503, "This app is not set up right";
    /// The session's token has ended, and the provider is away.
    SessionUnavailable = "session_unavailable", 503, "Your session cannot be renewed right now";
    /// Something in the app itself broke: the log says what.
    AppUnavailable = "app_unavailable", 503, "This app cannot sign anybody in right now";
    /// The provider did not answer in time.
    ProviderTimeout = "provider_timeout", 504, "Hugging Face did not answer in time";
}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
