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
        let name = find("/etc/passwd", |fields| fields.get(2) == Some(&uid.to_string().as_str()), 0);
        Self { uid, name }
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
    let Some(name) = find("/etc/passwd", |it| it.get(2) == Some(&&*uid) && it.get(3) == Some(&&*gid), 0)
    else {
        return false;
    };
    let is_anothers = |it: &[&str]| it.get(3) == Some(&&*gid) && it.get(2) != Some(&&*uid);
    let members = find("/etc/group", |it| it.get(2) == Some(&&*gid), 3);
    let alone = |members: String| members.split(',').all(|it| it.trim().is_empty() || it.trim() == name);
    find("/etc/passwd", is_anothers, 0).is_none() && members.is_some_and(alone)
}

/// A field of the first line that is wanted.
fn find(file: &str, is_wanted: impl Fn(&[&str]) -> bool, field: usize) -> Option<String> {
    let bytes = std::fs::read(file).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    text.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        is_wanted(&fields).then(|| fields.get(field).map(|text| (*text).to_owned())).flatten()
    })
}
