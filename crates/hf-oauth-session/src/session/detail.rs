/// How much of a session is written. What nobody decides on goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// Everything.
    All,
    /// Without members that the library does not know, and without organisations' pictures.
    NoPictures,
    /// Of each organisation: id, role, restrictions, username.
    Usernames,
    /// Of each organisation: id, role, restrictions.
    Ids,
    /// So, and without the user's own addresses (profile, picture, website) and the app's state.
    Least,
}

impl Detail {
    pub(crate) const LADDER: [Self; 5] =
        [Self::All, Self::NoPictures, Self::Usernames, Self::Ids, Self::Least];
}
