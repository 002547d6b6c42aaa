//! The never-import rules: which of our crates may depend on which, what must stay out of reach, and no import circle
//! inside of any of them.
//!
//! Development dependencies are free: a test may meet whatever it likes.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, Metadata};

use crate::process::{capture, cargo};
use crate::{Result, circles, output, rooms};

/// One crate of the workspace.
struct Room {
    name: &'static str,
    /// Which of our crates it may depend on.
    ours: &'static [&'static str],
    /// Its direct dependencies from elsewhere, where they are closed; `None` leaves them open.
    foreign: Option<&'static [&'static str]>,
    /// With these features of its own, none of these families (`tokio` is `tokio` and `tokio-*`) is in reach.
    never: &'static [(Features, &'static [&'static str])],
}

/// In words, and as cargo's arguments.
type Features = (&'static str, &'static [&'static str]);

/// What is attached to a framework takes whichever store it is handed.
const NO_STORE: (Features, &[&str]) =
    (EVERY_FEATURE, &["deadpool", "fred", "postgres", "redis", "rusqlite", "sqlx", "tokio-postgres"]);

const EVERY_FEATURE: Features = ("with every feature", &["--all-features"]);
const DEFAULT_FEATURES: Features = ("as it comes", &[]);
const NO_FEATURES: Features = ("without features", &["--no-default-features"]);

const ROOMS: &[Room] = &[
    Room {
        name: "hf-oauth-core",
        ours: &[],
        foreign: Some(&[
            "base64",
            "form_urlencoded",
            "http",
            "serde",
            "serde_json",
            "serde_path_to_error",
            "sha2",
            "subtle",
            "zeroize",
        ]),
        never: &[
            (EVERY_FEATURE, &["async-std", "axum", "hyper", "reqwest", "smol", "tokio", "tower", "ureq"]),
            (EVERY_FEATURE, &["fastrand", "getrandom", "rand", "rand_core"]),
            (
                EVERY_FEATURE,
                &["aws-lc", "aws-lc-rs", "ed25519-dalek", "openssl-sys", "p256", "ring", "rustls"],
            ),
            (EVERY_FEATURE, &["idna", "url"]),
            (NO_FEATURES, &["form_urlencoded", "http", "serde_json", "serde_path_to_error"]),
        ],
    },
    Room {
        name: "hf-oauth",
        ours: &["hf-oauth-core"],
        foreign: None,
        never: &[(EVERY_FEATURE, &["actix", "axum", "native-tls", "openssl-sys"])],
    },
    Room {
        name: "hf-oauth-session",
        ours: &["hf-oauth-core"],
        foreign: None,
        never: &[(EVERY_FEATURE, &["actix", "axum", "h2", "hyper", "reqwest", "tower", "ureq"])],
    },
    Room {
        name: "hf-oauth-web",
        ours: &["hf-oauth", "hf-oauth-hub", "hf-oauth-session"],
        foreign: None,
        never: &[(DEFAULT_FEATURES, &["hf-oauth-hub"]), (EVERY_FEATURE, &["actix", "axum"]), NO_STORE],
    },
    Room {
        name: "hf-oauth-axum",
        ours: &["hf-oauth-web"],
        foreign: None,
        never: &[(DEFAULT_FEATURES, &["hf-oauth-hub"]), (EVERY_FEATURE, &["actix"]), NO_STORE],
    },
    Room {
        name: "hf-oauth-actix",
        ours: &["hf-oauth-web"],
        foreign: None,
        never: &[(DEFAULT_FEATURES, &["hf-oauth-hub"]), (EVERY_FEATURE, &["axum"]), NO_STORE],
    },
    Room { name: "hf-oauth-hub", ours: &[], foreign: None, never: &[(EVERY_FEATURE, &["hf-oauth"])] },
    Room {
        name: "hf-oauth-cli",
        ours: &[
            "hf-oauth",
            "hf-oauth-axum",
            "hf-oauth-core",
            "hf-oauth-hub",
            "hf-oauth-session",
            "hf-oauth-tokens",
            "hf-oauth-web",
        ],
        foreign: None,
        never: &[],
    },
    Room {
        name: "hf-oauth-tokens",
        ours: &["hf-oauth", "hf-oauth-core"],
        foreign: None,
        never: &[
            (EVERY_FEATURE, &["actix", "axum", "hf-oauth-session"]),
            (NO_FEATURES, &["tokio", "reqwest", "regex"]),
        ],
    },
    Room {
        name: "hf-oauth-examples",
        ours: &["hf-oauth", "hf-oauth-actix", "hf-oauth-axum", "hf-oauth-core", "hf-oauth-web"],
        foreign: None,
        never: &[],
    },
    Room {
        name: "hf-oauth-fuzz",
        ours: &["hf-oauth-core", "hf-oauth-hub", "hf-oauth-session", "hf-oauth-tokens"],
        foreign: None,
        never: &[],
    },
    Room {
        name: "hf-oauth-benches",
        ours: &[
            "hf-oauth",
            "hf-oauth-actix",
            "hf-oauth-axum",
            "hf-oauth-hub",
            "hf-oauth-session",
            "hf-oauth-web",
        ],
        foreign: None,
        never: &[],
    },
    Room {
        name: "hf-oauth-web-suite",
        ours: &[
            "hf-oauth",
            "hf-oauth-actix",
            "hf-oauth-axum",
            "hf-oauth-hub",
            "hf-oauth-session",
            "hf-oauth-web",
        ],
        foreign: None,
        never: &[],
    },
    Room {
        name: "hf-oauth-bench-harness",
        ours: &[],
        foreign: Some(&["serde_json"]),
        never: &[(EVERY_FEATURE, &["hf-oauth"])],
    },
    Room { name: "xtask", ours: &[], foreign: None, never: &[(EVERY_FEATURE, &["hf-oauth"])] },
];

/// Nowhere, not even in a test: RUSTSEC-2023-0071 has no patched version.
const NOWHERE: &[&str] = &["rsa"];

pub(crate) fn run() -> Result {
    let metadata = rooms::metadata()?;
    let mut broken = direct(&metadata);
    let members = metadata.workspace_packages();
    let (there, gone): (Vec<_>, Vec<_>) =
        ROOMS.iter().partition(|room| members.iter().any(|package| package.name == room.name));
    broken.extend(gone.iter().map(|room| format!("{} has a row in the table and is no crate", room.name)));
    for room in there {
        for (features, families) in room.never {
            broken.extend(reached(room.name, features, families, &reach(room.name, features)?));
        }
    }
    broken.extend(circles::run()?);
    if broken.is_empty() {
        output::note(&format!("{} rooms hold their rules, and no import goes round", ROOMS.len()));
        return Ok(());
    }
    Err(format!("architecture (the table is in xtask/src/architecture.rs):\n  {}", broken.join("\n  ")))
}

/// What the manifests say: one line for each dependency that the table does not allow.
fn direct(metadata: &Metadata) -> Vec<String> {
    let mut broken = Vec::new();
    let members = metadata.workspace_packages();
    let ours: BTreeSet<&str> = members.iter().map(|package| package.name.as_str()).collect();
    for package in &members {
        let Some(room) = ROOMS.iter().find(|room| package.name == room.name) else {
            broken.push(format!("{} has no row in the table", package.name));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|it| it.kind != DependencyKind::Development) {
            let name = dependency.name.as_str();
            let allowed = if ours.contains(name) {
                room.ours.contains(&name)
            } else {
                room.foreign.is_none_or(|foreign| foreign.contains(&name))
            };
            if !allowed {
                broken.push(format!("{} must not depend on {name}", room.name));
            }
        }
    }
    let banned = metadata.packages.iter().filter(|package| NOWHERE.contains(&package.name.as_str()));
    broken.extend(banned.map(|package| format!("{} {} must not be anywhere", package.name, package.version)));
    broken
}

/// Every crate in the normal graph of `room`, itself left out.
///
/// `cargo metadata` resolves features for the whole workspace at once, so one crate's RNG would seem to be in reach of
/// another that never turns it on; `cargo tree` resolves this one crate alone.
fn reach(room: &str, (_, features): &Features) -> Result<BTreeSet<String>> {
    let edges =
        ["tree", "--locked", "--edges", "normal,no-proc-macro", "--target", "all", "--prefix", "none"];
    let tree = capture(cargo(&edges).args(["--format", "{p}", "--package", room]).args(*features))?;
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    Ok(names.filter(|name| *name != room).map(str::to_owned).collect())
}

fn reached(room: &str, (features, _): &Features, families: &[&str], reach: &BTreeSet<String>) -> Vec<String> {
    let belongs = |name: &str, family: &str| {
        name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let names = reach.iter().filter(|name| families.iter().any(|family| belongs(name, family)));
    names.map(|name| format!("{room} {features} must not reach {name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rooms::fake;

    fn broken(rooms: &[fake::Room<'_>]) -> Vec<String> {
        direct(&fake::metadata(rooms))
    }

    #[test]
    fn this_workspace_holds_its_rules() {
        run().unwrap();
    }

    #[test]
    fn a_planted_import_of_our_own_is_found() {
        let core = fake::Room { name: "hf-oauth-core", ..fake::Room::default() };
        let hub = fake::Room { name: "hf-oauth-hub", dependencies: &["hf-oauth-core"], ..core };
        assert_eq!(broken(&[core, hub]), ["hf-oauth-hub must not depend on hf-oauth-core"]);
    }

    #[test]
    fn a_planted_import_from_elsewhere_is_found_in_core_only() {
        let core =
            fake::Room { name: "hf-oauth-core", dependencies: &["serde", "tokio"], ..fake::Room::default() };
        let session = fake::Room { name: "hf-oauth-session", ..core };
        assert_eq!(broken(&[core, session]), ["hf-oauth-core must not depend on tokio"]);
    }

    #[test]
    fn the_adapters_know_the_web_layer_and_not_each_other_and_it_knows_neither() {
        let web =
            fake::Room { name: "hf-oauth-web", dependencies: &["hf-oauth-axum"], ..fake::Room::default() };
        let axum =
            fake::Room { name: "hf-oauth-axum", dependencies: &["hf-oauth-actix", "hf-oauth-web"], ..web };
        let actix =
            fake::Room { name: "hf-oauth-actix", dependencies: &["hf-oauth-axum", "hf-oauth-web"], ..web };
        let session = fake::Room { name: "hf-oauth-session", dependencies: &["hf-oauth-web"], ..web };
        assert_eq!(
            broken(&[web, axum, actix, session]),
            [
                "hf-oauth-web must not depend on hf-oauth-axum",
                "hf-oauth-axum must not depend on hf-oauth-actix",
                "hf-oauth-actix must not depend on hf-oauth-axum",
                "hf-oauth-session must not depend on hf-oauth-web",
            ]
        );
    }

    #[test]
    fn tests_may_depend_on_anything() {
        let core = fake::Room { name: "hf-oauth-core", ..fake::Room::default() };
        let hub =
            fake::Room { name: "hf-oauth-hub", dev_dependencies: &["hf-oauth-core", "reqwest"], ..core };
        assert_eq!(broken(&[core, hub]), [""; 0]);
    }

    #[test]
    fn rsa_is_found_wherever_it_is_and_so_is_a_crate_without_a_row() {
        let named = |name| fake::Room { name, ..fake::Room::default() };
        let lines = broken(&[named("rsa")]);
        assert_eq!(lines, ["rsa has no row in the table", "rsa 0.1.0 must not be anywhere"]);
    }

    #[test]
    fn reach_goes_by_family_and_not_by_prefix() {
        let reach = ["tokio-util", "tokio", "hyperfine", "axum-core"].map(str::to_owned).into();
        let lines = reached("hf-oauth-session", &EVERY_FEATURE, &["hyper", "axum"], &reach);
        assert_eq!(lines, ["hf-oauth-session with every feature must not reach axum-core"]);
    }

    #[test]
    fn reach_sees_what_only_a_dependency_brings() {
        assert!(super::reach("xtask", &EVERY_FEATURE).unwrap().contains("serde_core"));
    }
}
