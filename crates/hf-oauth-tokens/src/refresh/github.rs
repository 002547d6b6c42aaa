//! GitHub Actions makes an ID token for a job that asks
//! ([GitHub docs](https://docs.github.com/en/actions/reference/security/oidc)).

use std::fmt;
use std::time::Duration;

use hf_oauth::Secret;
use reqwest::Url;

use crate::Environment;

const DEADLINE: Duration = Duration::from_secs(10);
const LONGEST: usize = 1 << 16;

/// A job, and what lets it ask.
pub(super) struct Job {
    url: Url,
    bearer: Secret,
}

impl Job {
    /// `None` outside of GitHub Actions.
    pub(super) fn of(environment: &Environment) -> Result<Option<Self>, CiError> {
        let text = |name| environment.get(name).and_then(|value| value.to_str());
        if text("GITHUB_ACTIONS") != Some("true") {
            return Ok(None);
        }
        let set = |name| text(name).filter(|value| !value.is_empty()).ok_or(CiError::NotPermitted);
        let url = set("ACTIONS_ID_TOKEN_REQUEST_URL")?;
        let bearer = set("ACTIONS_ID_TOKEN_REQUEST_TOKEN")?;
        let url = Url::parse(url).ok().filter(is_safe).ok_or(CiError::BadAddress)?;
        Ok(Some(Self { url, bearer: bearer.into() }))
    }

    pub(super) fn secret(&self) -> &Secret {
        &self.bearer
    }

    pub(super) async fn id_token(&self, audience: &str) -> Result<Secret, CiError> {
        let mut url = self.url.clone();
        // It has a query already, which Python's client loses.
        url.query_pairs_mut().append_pair("audience", audience);
        let failed = |error: reqwest::Error| CiError::Unreachable(Box::new(error.without_url()));
        let mut client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        if url.scheme() == "http" {
            client = client.no_proxy();
        }
        let client = client.timeout(DEADLINE).build().map_err(failed)?;
        let request = client.get(url).bearer_auth(self.bearer.expose());
        let mut answer = request.send().await.map_err(failed)?;
        if answer.status() != reqwest::StatusCode::OK {
            return Err(CiError::Status { status: answer.status().as_u16() });
        }
        let mut body = zeroize::Zeroizing::new(Vec::new());
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > LONGEST {
                return Err(CiError::NoToken);
            }
            body.extend_from_slice(&chunk);
        }
        let answer: serde_json::Value = serde_json::from_slice(&body).map_err(|_| CiError::NoToken)?;
        let token = answer["value"].as_str().filter(|token| !token.is_empty());
        token.map(Secret::new).ok_or(CiError::NoToken)
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

fn is_safe(url: &Url) -> bool {
    let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.scheme() == "https" || url.scheme() == "http" && loopback
}
