use std::fmt;

/// Where a token can come from, first to last in Python's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TokenSource {
    /// `HF_OIDC_RESOURCE`: the CI's own token is exchanged.
    CiExchange,
    /// `HF_TOKEN`.
    HfToken,
    /// `HUGGING_FACE_HUB_TOKEN`, the older name.
    HuggingFaceHubToken,
    /// The token file.
    TokenFile,
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CiExchange => "HF_OIDC_RESOURCE",
            Self::HfToken => "HF_TOKEN",
            Self::HuggingFaceHubToken => "HUGGING_FACE_HUB_TOKEN",
            Self::TokenFile => "the token file",
        })
    }
}
