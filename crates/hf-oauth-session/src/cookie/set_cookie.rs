use std::fmt;
use std::time::Duration;

use super::attributes::Attributes;

/// One `Set-Cookie` header. Append it to the response; never replace others with it.
#[derive(Clone, PartialEq, Eq)]
pub struct SetCookie {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) max_age: Duration,
    pub(crate) attributes: Attributes,
}

impl SetCookie {
    /// The cookie's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// True when this takes the cookie away.
    pub fn is_deletion(&self) -> bool {
        self.max_age.is_zero()
    }

    /// The header's value: ASCII, below 4,096 bytes. Secret: it lets its bearer in.
    pub fn header_value(&self) -> String {
        let Self { name, value, max_age, attributes } = self;
        format!("{name}={value}; Max-Age={}{}", max_age.as_secs(), attributes.text())
    }

    /// `name=value`, as a browser sends it back.
    pub fn as_cookie(&self) -> String {
        format!("{}={}", self.name, self.value)
    }
}

impl fmt::Debug for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetCookie")
            .field("name", &self.name)
            .field("max_age", &self.max_age)
            .field("attributes", &self.attributes.text())
            .finish_non_exhaustive()
    }
}
