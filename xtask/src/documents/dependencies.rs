//! `DESIGN.md`: each direct dependency of a published crate has its row, each row a dependency, and no more crates stand
//! behind each of ours than it says.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata};

use super::table;
use crate::process::{capture, cargo};
use crate::{Result, rooms};

/// The target of the figures; others differ by a few crates.
const TARGET: &str = "x86_64-unknown-linux-gnu";

pub(super) fn check(design: &str) -> Result<Vec<String>> {
    let metadata = rooms::metadata()?;
    let mut broken = rows(&table(design, "dependency"), &direct(&metadata));
    let figures = table(design, "crate of ours");
    for package in published(&metadata) {
        let counted = behind(&package)?;
        broken.extend(beyond(&figures, &package, counted));
    }
    Ok(broken)
}

fn published(metadata: &Metadata) -> Vec<String> {
    let members = metadata.workspace_packages();
    members
        .iter()
        .filter(|package| package.publish.is_none())
        .map(|package| package.name.to_string())
        .collect()
}

/// Each crate from elsewhere that a published one names, and which of ours do, their common prefix left out.
fn direct(metadata: &Metadata) -> BTreeMap<&str, BTreeSet<&str>> {
    let members = metadata.workspace_packages();
    let ours: BTreeSet<&str> = members.iter().map(|package| package.name.as_str()).collect();
    let mut direct: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in members.iter().filter(|package| package.publish.is_none()) {
        let user = package.name.strip_prefix("hf-oauth-").unwrap_or(&package.name);
        for dependency in &package.dependencies {
            if dependency.kind != DependencyKind::Development && !ours.contains(dependency.name.as_str()) {
                direct.entry(&dependency.name).or_default().insert(user);
            }
        }
    }
    direct
}

fn rows(table: &[Vec<&str>], direct: &BTreeMap<&str, BTreeSet<&str>>) -> Vec<String> {
    let mut broken = Vec::new();
    let mut seen = BTreeSet::new();
    for row in table {
        // A row may be about several crates that come together.
        for name in row[0].split(", ").map(|name| name.trim_matches('`')) {
            seen.insert(name);
            let users: BTreeSet<_> = row.get(1).into_iter().flat_map(|users| users.split(", ")).collect();
            match direct.get(name) {
                None => {
                    broken.push(format!("DESIGN.md: a row for {name}, on which nothing published depends"))
                }
                Some(direct) if *direct != users => {
                    broken.push(format!("DESIGN.md: {name} is used by {direct:?}, its row says {users:?}"));
                }
                Some(_) => {}
            }
            if row.len() != 4 || row[2..].iter().any(|cell| cell.is_empty()) {
                broken.push(format!(
                    "DESIGN.md: the row for {name} does not say what for and what was weighed"
                ));
            }
        }
    }
    let missing = direct.keys().filter(|name| !seen.contains(*name));
    broken.extend(missing.map(|name| format!("DESIGN.md: no row for {name}")));
    broken
}

/// Growth is to be seen and decided on, not found out later.
fn beyond(figures: &[Vec<&str>], package: &str, counted: usize) -> Option<String> {
    let row = figures.iter().find(|row| row[0] == format!("`{package}`"));
    let most = row.and_then(|row| row.get(1)?.parse::<usize>().ok());
    most.is_none_or(|most| counted > most)
        .then(|| format!("DESIGN.md: {counted} crates stand behind {package}, and its row says {most:?}"))
}

/// Crates that a build of `package` as it comes needs, those that only run at build time included, itself left out.
fn behind(package: &str) -> Result<usize> {
    let edges = ["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"];
    let tree = capture(cargo(&edges).args(["--target", TARGET, "--package", package]))?;
    let crates: BTreeSet<_> = tree
        .lines()
        .map(|line| line.split(" (").next().unwrap_or(line))
        .filter(|line| !line.is_empty())
        .collect();
    Ok(crates.len().saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rooms::fake;

    fn broken(design: &str) -> Vec<String> {
        let core = fake::Room { name: "hf-oauth-core", dependencies: &["serde"], ..fake::Room::default() };
        let cli = fake::Room { name: "hf-oauth-cli", dependencies: &["serde", "hf-oauth-core"], ..core };
        rows(&table(design, "dependency"), &direct(&fake::metadata(&[core, cli])))
    }

    #[test]
    fn a_dependency_has_its_row_and_a_row_its_dependency() {
        let head = "| dependency | by | for | weighed |\n|---|---|---|---|\n";
        assert_eq!(broken(&format!("{head}| `serde` | cli, core | records | by hand |")), [""; 0]);
        assert_eq!(broken(head), ["DESIGN.md: no row for serde"]);
        let two = broken(&format!("{head}| `serde`, `gone` | cli, core | records | by hand |"));
        assert_eq!(two, ["DESIGN.md: a row for gone, on which nothing published depends"]);
    }

    #[test]
    fn more_crates_than_the_row_says_are_found() {
        let text = "| crate of ours | behind it |\n|---|---|\n| `hf-oauth-core` | 26 |";
        let figures = table(text, "crate of ours");
        assert_eq!(beyond(&figures, "hf-oauth-core", 26), None);
        assert!(beyond(&figures, "hf-oauth-core", 27).is_some());
        assert!(beyond(&figures, "hf-oauth", 1).is_some(), "no row");
    }

    #[test]
    fn a_row_names_who_uses_it_and_what_was_weighed() {
        let head = "| dependency | by | for | weighed |\n|---|---|---|---|\n";
        assert_eq!(broken(&format!("{head}| `serde` | core | records | by hand |")).len(), 1);
        assert_eq!(broken(&format!("{head}| `serde` | cli, core | records |  |")).len(), 1);
    }
}
