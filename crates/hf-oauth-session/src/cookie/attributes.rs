/// The attributes of one cookie, `Max-Age` apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attributes {
    Lax,
    SecureLax,
    SecureNone,
    Partitioned,
}

impl Attributes {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Lax => "; Path=/; HttpOnly; SameSite=Lax",
            Self::SecureLax => "; Path=/; Secure; HttpOnly; SameSite=Lax",
            Self::SecureNone => "; Path=/; Secure; HttpOnly; SameSite=None",
            Self::Partitioned => "; Path=/; Secure; HttpOnly; SameSite=None; Partitioned",
        }
    }
}
