//! The users and groups of this machine, as far as `/etc/passwd` and `/etc/group` name them.

use std::fmt;

/// Whose a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Owner {
    /// The user's number.
    pub uid: u32,
    /// The user's name, where `/etc/passwd` has it.
    pub name: Option<String>,
}

impl Owner {
    pub(crate) fn of(uid: u32) -> Self {
        let number = uid.to_string();
        let name = field("/etc/passwd", |it| it.get(2) == Some(&number.as_bytes()), 0);
        Self { uid, name: name.map(|name| String::from_utf8_lossy(&name).into_owned()) }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{} (uid {})", name.escape_debug(), self.uid),
            None => write!(f, "uid {}", self.uid),
        }
    }
}

/// This process's user.
pub(crate) fn me() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// True for a group in which nobody but `owner` is, so far as this machine's files tell. Users that a directory service
/// names are not in them: their groups are never private. An access list is not looked at.
pub(crate) fn is_private(group: u32, owner: u32) -> bool {
    // Whoever is in root's group is trusted by the system with more than this.
    if group == 0 && owner == 0 {
        return true;
    }
    let (gid, uid) = (group.to_string(), owner.to_string());
    let (gid, uid) = (gid.as_bytes(), uid.as_bytes());
    let Some(name) = field("/etc/passwd", |it| it.get(2) == Some(&uid) && it.get(3) == Some(&gid), 0) else {
        return false;
    };
    let is_anothers = |it: &[&[u8]]| it.get(3) == Some(&gid) && it.get(2) != Some(&uid);
    let members = field("/etc/group", |it| it.get(2) == Some(&gid), 3);
    let alone = |members: Vec<u8>| {
        members
            .split(|byte| *byte == b',')
            .map(<[u8]>::trim_ascii)
            .all(|it| it.is_empty() || it == name.trim_ascii())
    };
    field("/etc/passwd", is_anothers, 0).is_none() && members.is_some_and(alone)
}

/// The home of a user by number, as it is written: a path need not be a text.
pub(crate) fn home_by_uid(uid: u32) -> Option<Vec<u8>> {
    let uid = uid.to_string();
    field("/etc/passwd", |it| it.get(2) == Some(&uid.as_bytes()), 5)
}

/// The home of a user by name.
pub(crate) fn home_by_name(name: &[u8]) -> Option<Vec<u8>> {
    field("/etc/passwd", |it| it.first() == Some(&name), 5)
}

/// A field of the first line that is wanted.
fn field(file: &str, is_wanted: impl Fn(&[&[u8]]) -> bool, field: usize) -> Option<Vec<u8>> {
    let bytes = std::fs::read(file).ok()?;
    bytes.split(|byte| *byte == b'\n').find_map(|line| {
        let fields: Vec<&[u8]> = line.split(|byte| *byte == b':').collect();
        is_wanted(&fields).then(|| fields.get(field).map(|it| it.to_vec())).flatten()
    })
}
