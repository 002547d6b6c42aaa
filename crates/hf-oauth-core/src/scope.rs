use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! scopes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A permission that an app asks for, by the [Hub's names](https://huggingface.co/docs/hub/oauth).
        ///
        /// The Hub's list grows, so an unknown name is [`Scope::Other`] and passes through as it is.
        ///
        /// ```
        /// use hf_oauth_core::Scope;
        ///
        /// assert_eq!(Scope::from("inference-api"), Scope::InferenceApi);
        /// assert_eq!(Scope::from("brand-new").as_str(), "brand-new");
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Scope {
            $($(#[$doc])* $variant,)*
            /// A scope that this version does not know.
            Other(String),
        }

        impl Scope {
            /// Every scope that this version knows.
            pub const KNOWN: &[Scope] = &[$(Scope::$variant),*];

            /// The name on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Scope::$variant => $name,)*
                    Scope::Other(name) => name,
                }
            }
        }

        impl From<&str> for Scope {
            fn from(name: &str) -> Self {
                match name {
                    $($name => Scope::$variant,)*
                    other => Scope::Other(other.to_owned()),
                }
            }
        }
    };
}

scopes! {
    /// An ID token: who this is (OpenID Connect Core section 3.1.2.1).
    OpenId = "openid",
    /// Name, username, picture, website.
    Profile = "profile",
    /// The e-mail address and whether it is verified.
    Email = "email",
    /// Whether a payment method is set up.
    ReadBilling = "read-billing",
    /// The organisations that the user belongs to.
    ReadMemberships = "read-memberships",
    /// Read access to the user's repositories.
    ReadRepos = "read-repos",
    /// Read access to public gated repositories the user may see.
    GatedRepos = "gated-repos",
    /// Create repositories, and write to those that the app made.
    ContributeRepos = "contribute-repos",
    /// Read and write access to the user's repositories.
    WriteRepos = "write-repos",
    /// Full access to the user's repositories, creating and deleting them too.
    ManageRepos = "manage-repos",
    /// Read access to the user's collections.
    ReadCollections = "read-collections",
    /// Read and write access to the user's collections.
    WriteCollections = "write-collections",
    /// Inference on the user's behalf.
    InferenceApi = "inference-api",
    /// Read access to inference endpoints.
    ReadEndpoints = "read-endpoints",
    /// Read and write access to inference endpoints.
    WriteEndpoints = "write-endpoints",
    /// Run jobs.
    Jobs = "jobs",
    /// Manage webhooks.
    Webhooks = "webhooks",
    /// Open and comment on discussions and pull requests.
    WriteDiscussions = "write-discussions",
    /// Read through the Hub's MCP server.
    ReadMcp = "read-mcp",
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A list of scopes without duplicates, in the order in which they were given; space-separated on the wire
/// (RFC 6749 section 3.3).
///
/// ```
/// use hf_oauth_core::{Scope, Scopes};
///
/// let scopes: Scopes = "openid profile openid".parse().unwrap();
/// assert_eq!(scopes, Scopes::default());
/// assert_eq!(scopes.with(Scope::InferenceApi).to_string(), "openid profile inference-api");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// No scopes at all.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Adds one, unless it is there already.
    #[must_use]
    pub fn with(mut self, scope: Scope) -> Self {
        if !self.0.contains(&scope) {
            self.0.push(scope);
        }
        self
    }

    /// True when `scope` is in the list.
    pub fn contains(&self, scope: &Scope) -> bool {
        self.0.contains(scope)
    }

    /// The scopes of `wanted` that are not in this list.
    pub fn missing(&self, wanted: &Scopes) -> Scopes {
        wanted.iter().filter(|scope| !self.contains(scope)).cloned().collect()
    }

    /// Goes through the scopes in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Scope> {
        self.0.iter()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `openid profile`: who the user is.
impl Default for Scopes {
    fn default() -> Self {
        Self(vec![Scope::OpenId, Scope::Profile])
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        scopes.into_iter().fold(Self::none(), Self::with)
    }
}

impl<'a> IntoIterator for &'a Scopes {
    type Item = &'a Scope;
    type IntoIter = std::slice::Iter<'a, Scope>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<const N: usize> From<[Scope; N]> for Scopes {
    fn from(scopes: [Scope; N]) -> Self {
        scopes.into_iter().collect()
    }
}

impl From<&str> for Scopes {
    fn from(text: &str) -> Self {
        text.split_whitespace().map(Scope::from).collect()
    }
}

impl std::str::FromStr for Scopes {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::from(text))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::from(text.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_scope_survives_the_wire() {
        for scope in Scope::KNOWN {
            assert_eq!(&Scope::from(scope.as_str()), scope);
            assert!(!matches!(Scope::from(scope.as_str()), Scope::Other(_)));
        }
    }

    #[test]
    fn missing_names_what_is_not_granted() {
        let granted = Scopes::from("openid profile");
        assert_eq!(
            granted.missing(&Scopes::from("openid inference-api jobs")).to_string(),
            "inference-api jobs"
        );
        assert!(granted.missing(&Scopes::none()).is_empty());
    }
}
