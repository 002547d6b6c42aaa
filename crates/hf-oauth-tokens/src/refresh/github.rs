//! GitHub Actions makes an ID token for a job that asks
//! ([GitHub docs](https://docs.github.com/en/actions/reference/security/oidc)).

use std::fmt;

use hf_oauth::{BackchannelError, BackchannelFault, Client, Request, Secret, ci_id_token_request};

use crate::environment::Environment;

/// A job, and what lets it ask.
pub(super) struct Job {
    request: Request,
    bearer: Secret,
}

impl Job {
    /// `None` outside of GitHub Actions. The token is to be for the Hub at `audience`.
    pub(super) fn of(environment: &Environment, audience: &str) -> Result<Option<Self>, CiError> {
        let text = |name| environment.get(name).and_then(|value| value.to_str());
        if text("GITHUB_ACTIONS") != Some("true") {
            return Ok(None);
        }
        let set = |name| text(name).filter(|value| !value.is_empty()).ok_or(CiError::NotPermitted);
        let url = set("ACTIONS_ID_TOKEN_REQUEST_URL")?;
        let bearer = Secret::new(set("ACTIONS_ID_TOKEN_REQUEST_TOKEN")?);
        let request = ci_id_token_request(url, &bearer, audience).map_err(|_| CiError::BadAddress)?;
        Ok(Some(Self { request, bearer }))
    }

    pub(super) fn secret(&self) -> &Secret {
        &self.bearer
    }

    pub(super) async fn id_token(&self, client: &Client) -> Result<Secret, CiError> {
        let token = client.ci_id_token(&self.request).await.map_err(CiError::from)?;
        if token.is_empty() { Err(CiError::NoToken) } else { Ok(token) }
    }
}

/// Why the CI gave no ID token.
#[derive(Debug)]
#[non_exhaustive]
pub enum CiError {
    /// The job may not have one.
    NotPermitted,
    /// `ACTIONS_ID_TOKEN_REQUEST_URL` is neither https nor on this machine.
    BadAddress,
    /// It did not answer.
    Unreachable(Box<dyn std::error::Error + Send + Sync>),
    /// It answered something else than yes.
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// There is no token in its answer.
    NoToken,
}

impl fmt::Display for CiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPermitted => f.write_str(
                "GitHub Actions gives this job no ID token: set `permissions: id-token: write` for the job",
            ),
            Self::BadAddress => f.write_str(
                "ACTIONS_ID_TOKEN_REQUEST_URL is no https address: leave it as GitHub Actions sets it",
            ),
            Self::Unreachable(_) => {
                f.write_str("GitHub Actions did not answer when asked for an ID token: try again")
            }
            Self::Status { status } => {
                write!(f, "GitHub Actions answered {status} when asked for an ID token: try again")
            }
            Self::NoToken => f.write_str("GitHub Actions answered without an ID token: try again"),
        }
    }
}

impl std::error::Error for CiError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreachable(error) => Some(&**error),
            _ => None,
        }
    }
}

impl From<BackchannelError> for CiError {
    fn from(error: BackchannelError) -> Self {
        let broken = matches!(error.fault, BackchannelFault::Timeout { .. } | BackchannelFault::Interrupted);
        match error.status {
            Some(status) if status != 200 => Self::Status { status },
            Some(_) if !broken => Self::NoToken,
            _ => Self::Unreachable(Box::new(error)),
        }
    }
}
