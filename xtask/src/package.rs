//! What would be published: every crate packed, in the order of their dependencies, and built from its package alone.

use crate::process::{cargo, run};
use crate::{Result, rooms};

pub(crate) fn packages() -> Result {
    let metadata = rooms::metadata()?;
    // A crate that reaches for a file outside its own folder builds here and fails for everybody else.
    let mut package = cargo(&["package", "--locked", "--allow-dirty"]);
    for room in metadata.workspace_packages().iter().filter(|room| room.publish.is_none()) {
        package.args(["--package", room.name.as_str()]);
    }
    run(&mut package)
}
