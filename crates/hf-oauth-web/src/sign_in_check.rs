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

#[cfg(test)]
mod tests {
    use super::*;
    use hf_oauth::{Scopes, UnixTime};
    use tokio::time::Instant;

    fn check<F>(check: impl Fn() -> F + Send + Sync + 'static) -> OnSignIn
    where
        F: Future<Output = Result<(), SignInError>> + Send + 'static,
    {
        OnSignIn(Arc::new(move |_, _| Box::pin(check())))
    }

    async fn ask(on_sign_in: OnSignIn) -> Result<(), Failure> {
        let tokens = Tokens::new("hf_oauth_x".into(), None, UnixTime::from_secs(1), Scopes::default());
        on_sign_in.ask(OAuthUserInfo::new("ada"), tokens).await
    }

    #[tokio::test(start_paused = true)]
    async fn row_177_a_check_that_is_slow_is_cut_off_and_is_no_refusal() {
        let begun = Instant::now();
        let slow = check(async || std::future::pending().await);
        let failure = ask(slow).await.unwrap_err();
        assert_eq!(begun.elapsed().as_secs(), SIGN_IN_CHECK_LIMIT.as_secs());
        assert_eq!((failure.code, failure.code.status()), (FailureCode::AppUnavailable, 503));
        assert!(failure.login_is_spent && failure.retry_after.is_some());
        let just_in_time = check(async || {
            tokio::time::sleep(SIGN_IN_CHECK_LIMIT - Duration::from_millis(1)).await;
            Ok(())
        });
        assert!(ask(just_in_time).await.is_ok());
    }

    #[tokio::test]
    async fn row_177_only_a_refusal_says_no_to_the_person() {
        let refused = ask(check(async || Err(SignInError::refused("Not you.")))).await.unwrap_err();
        assert_eq!(
            (refused.code, refused.text.as_slice()),
            (FailureCode::SignInRefused, &["Not you.".to_owned()][..])
        );
        let failed = ask(check(async || Err(std::io::Error::other("a database").into()))).await.unwrap_err();
        assert_eq!(failed.code, FailureCode::AppUnavailable);
        assert!(!failed.text.concat().contains("database"), "{failed:?}");
    }
}
