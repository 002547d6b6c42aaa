//! Ids of organisations that guards ask for.

/// Of ada's organisation, of which she is an admin.
pub(crate) const ENGINE: &str = "aaaaaaaaaaaaaaaaaaaaaaaa";
/// Of alan's organisation, which demands SSO.
pub(crate) const PARK: &str = "bbbbbbbbbbbbbbbbbbbbbbbb";
/// An organisation whose name stands last in any list.
pub(crate) const LAST: &str = "ffffffffffffffffffffffff";
