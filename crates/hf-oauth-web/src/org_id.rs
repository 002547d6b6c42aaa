//! What may be the id (`sub`) of an organisation.

use std::fmt;

pub(crate) fn is_org_id(sub: &str) -> bool {
    !sub.is_empty() && sub.bytes().all(|byte| byte.is_ascii_graphic())
}

/// An organisation's id that is empty or has blanks: it would never match. A list without any would let nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidOrgId;

impl fmt::Display for InvalidOrgId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "sign-in: an organisation's id (sub) is neither empty nor has it blanks. Is a setting missing?",
        )
    }
}

impl std::error::Error for InvalidOrgId {}
