/// A copy of the user's id among what every request looks at; the Hub's have 24 digits.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct NearSubject {
    bytes: [u8; MOST],
    /// Above [`MOST`]: it is too long for a copy.
    length: u8,
}

const MOST: usize = 24;

impl NearSubject {
    pub(super) fn of(subject: &str) -> Self {
        let mut bytes = [0; MOST];
        match bytes.get_mut(..subject.len()) {
            Some(room) => {
                room.copy_from_slice(subject.as_bytes());
                Self { bytes, length: subject.len() as u8 }
            }
            None => Self { bytes, length: u8::MAX },
        }
    }

    /// `None` where it was too long.
    pub(super) fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.bytes.get(..usize::from(self.length))?).ok()
    }
}

impl std::fmt::Debug for NearSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_ids_are_copied_whole_and_long_ones_not_at_all() {
        for id in ["", "ada", "5f0c2b1a9d8e7f6a5b4c3d2e", "\u{e9}\u{e9}"] {
            assert_eq!(NearSubject::of(id).as_str(), Some(id));
        }
        for long in [25, 255, 256, 300] {
            assert_eq!(NearSubject::of(&"a".repeat(long)).as_str(), None, "{long}");
        }
    }
}
