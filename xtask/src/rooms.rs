//! The crates of this workspace as cargo sees them.

use cargo_metadata::{Metadata, MetadataCommand};

use crate::Result;
use crate::process::root;

pub(crate) fn metadata() -> Result<Metadata> {
    MetadataCommand::new()
        .current_dir(root())
        .other_options(vec!["--all-features".to_owned(), "--locked".to_owned()])
        .exec()
        .map_err(|error| format!("cargo metadata: {error}"))
}

/// A workspace that only exists on paper, for the tests of the checks.
#[cfg(test)]
pub(crate) mod fake {
    use cargo_metadata::{Metadata, MetadataCommand};
    use serde_json::{Value, json};

    #[derive(Clone, Copy, Default)]
    pub(crate) struct Room<'a> {
        pub(crate) name: &'a str,
        pub(crate) dependencies: &'a [&'a str],
        pub(crate) dev_dependencies: &'a [&'a str],
    }

    pub(crate) fn metadata(rooms: &[Room<'_>]) -> Metadata {
        let members: Vec<_> = rooms.iter().map(|room| room.name).collect();
        let packages: Vec<_> = rooms.iter().map(package).collect();
        let text = json!({
            "version": 1, "packages": packages, "workspace_members": members, "workspace_default_members": members,
            "resolve": null, "workspace_root": "/", "target_directory": "/target", "metadata": null,
        });
        MetadataCommand::parse(text.to_string()).unwrap()
    }

    fn package(room: &Room<'_>) -> Value {
        let normal = room.dependencies.iter().map(|name| dependency(name, Value::Null));
        let dev = room.dev_dependencies.iter().map(|name| dependency(name, json!("dev")));
        json!({
            "name": room.name, "version": "0.1.0", "id": room.name, "license": null, "source": null,
            "dependencies": normal.chain(dev).collect::<Vec<_>>(), "targets": [], "features": {},
            "manifest_path": "/Cargo.toml", "edition": "2024",
        })
    }

    fn dependency(name: &str, kind: Value) -> Value {
        json!({
            "name": name, "source": null, "req": "*", "kind": kind, "rename": null, "optional": false,
            "uses_default_features": true, "features": [], "target": null, "registry": null,
        })
    }
}
