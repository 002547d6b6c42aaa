//! The app's own word on who may come in.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use hf_oauth::{OAuthUserInfo, Tokens};

use crate::failure::{Failure, FailureCode};

/// How long the app's check of a sign-in may take: 30 seconds. The person waits for it in front of an empty page.
pub const SIGN_IN_CHECK_LIMIT: Duration = Duration::from_secs(30);

type Checked = Pin<Box<dyn Future<Output = Result<(), SignInError>> + Send>>;

/// What the app asks when somebody signed in.
#[derive(Clone)]
pub(crate) struct OnSignIn(pub(crate) Arc<dyn Fn(OAuthUserInfo, Tokens) -> Checked + Send + Sync>);

/// Why somebody who proved who they are does not come in.
///
/// Every error becomes one by `?`, as a failure of the app; only [`refused`](Self::refused) says no to the person.
///
/// ```
/// use hf_oauth_web::SignInError;
///
/// let refused = SignInError::refused("Only members of the choir.");
/// assert!(matches!(refused, SignInError::Refused { .. }));
/// let failed = SignInError::from(std::io::Error::other("the database is away"));
/// assert!(matches!(failed, SignInError::Failed { .. }));
/// ```
// No `Error` itself: then `From` for every error would meet `From` for itself.
#[derive(Debug)]
#[non_exhaustive]
pub enum SignInError {
    /// The app does not let this person in: 403.
    Refused {
        /// A sentence for the person.
        reason: String,
    },
    /// The app could not find out whether it lets this person in: 503, and a warning in the log.
    Failed {
        /// What failed, for the log alone.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl SignInError {
    /// The app does not let this person in. `reason` is a sentence that the page says to them.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::Refused { reason: reason.into() }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for SignInError {
    fn from(source: E) -> Self {
        Self::Failed { source: Box::new(source) }
    }
}

impl OnSignIn {
    /// Asks the app.
    pub(crate) async fn ask(&self, user: OAuthUserInfo, tokens: Tokens) -> Result<(), Failure> {
        let spent = |failure: Failure| Failure { login_is_spent: true, ..failure };
        match tokio::time::timeout(SIGN_IN_CHECK_LIMIT, (self.0)(user, tokens)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(SignInError::Refused { reason })) => {
                Err(spent(Failure::new(FailureCode::SignInRefused, reason)))
            }
            Ok(Err(SignInError::Failed { source })) => {
                tracing::warn!(error = %source, "sign-in failed: the app's check (`on_sign_in`) failed");
                Err(spent(Failure::app_unavailable()))
            }
            Err(_) => {
                tracing::warn!(
                    seconds = SIGN_IN_CHECK_LIMIT.as_secs(),
                    "sign-in failed: the app's check (`on_sign_in`) took too long"
                );
                Err(spent(Failure::app_unavailable()))
            }
        }
    }
}

impl fmt::Debug for OnSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnSignIn")
    }
}
