//! What comes of a login: from the redirect's parameters to a session.

use hf_oauth::{CallbackParams, Client, PendingLogin, ReturnPath};
use hf_oauth_session::{RequirementId, Session};

use crate::admission::Admission;
use crate::failure::Failure;

/// Somebody signed in.
#[derive(Clone, Debug)]
pub(crate) struct SignIn {
    pub(crate) session: Session,
    pub(crate) return_path: ReturnPath,
}

/// What became of one login, for every request that brought its redirect.
pub(crate) type SignInOutcome = Result<SignIn, Box<Failure>>;

/// Exchanges the code, verifies who signed in, and asks the app. The session remembers what was `asked`.
pub(crate) async fn sign_in(
    client: Client,
    admission: Admission,
    params: CallbackParams,
    login: PendingLogin,
    asked: Vec<RequirementId>,
) -> SignInOutcome {
    let login = client.finish(params, login).await.map_err(|error| Failure::of_login(&error))?;
    admission.ask(login.identity.user_info(), &login.tokens).await?;
    let return_path = login.return_path.clone();
    let session = admission.prepared(Session::begin(login, client.now()).with_asked(&asked));
    tracing::debug!(sub = session.subject(), "signed in");
    Ok(SignIn { session, return_path })
}
