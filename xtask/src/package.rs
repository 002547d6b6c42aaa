//! What would be published: every crate packed, in the order of their dependencies, and built from its package alone.

use crate::Result;
use crate::process::{cargo, run};

pub(crate) fn packages() -> Result {
    // A crate that reaches for a file outside its own folder builds here and fails for everybody else.
    run(&mut cargo(&["package", "--workspace", "--locked", "--allow-dirty"]))
}
