//! Quick the second time: what was installed is remembered as a copy of the file that pinned it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;

/// Ties an installed folder to the text that says what belongs in it.
pub(crate) struct Stamp {
    path: PathBuf,
    pins: String,
}

impl Stamp {
    /// `pins` is read now; `tool` (a version, a path) counts as part of it.
    pub(crate) fn new(folder: &Path, pins: &Path, tool: &str) -> Result<Self> {
        let text = fs::read_to_string(pins)
            .map_err(|error| format!("{} cannot be read: {error}", pins.display()))?;
        Ok(Self::of(folder, &text, tool))
    }

    /// Where one line pins it.
    pub(crate) fn of(folder: &Path, pins: &str, tool: &str) -> Self {
        Self { path: folder.join(".xtask-stamp"), pins: format!("{tool}\n{pins}") }
    }

    pub(crate) fn fresh(&self) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|text| text == self.pins)
    }

    /// Only after the install went through, so an interrupted one is done again.
    pub(crate) fn set(&self) -> Result {
        fs::write(&self.path, &self.pins).map_err(|error| format!("{}: {error}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_goes_stale_with_the_pins_and_with_the_tool() {
        let folder = std::env::temp_dir().join(format!("xtask-stamp-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let pins = folder.join("pins");
        fs::write(&pins, "a==1").unwrap();
        let stamp = Stamp::new(&folder, &pins, "3.11").unwrap();
        assert!(!stamp.fresh());
        stamp.set().unwrap();
        assert!(Stamp::new(&folder, &pins, "3.11").unwrap().fresh());
        assert!(!Stamp::new(&folder, &pins, "3.12").unwrap().fresh());
        fs::write(&pins, "a==2").unwrap();
        assert!(!Stamp::new(&folder, &pins, "3.11").unwrap().fresh());
        fs::write(&pins, "a==1").unwrap();
        assert!(Stamp::of(&folder, "a==1", "3.11").fresh());
        assert!(!Stamp::of(&folder, "a==2", "3.11").fresh());
        fs::remove_dir_all(&folder).unwrap();
    }
}
