//! Licences: every crate that any build, test or target can pull in has one that the list below accepts.

use std::collections::BTreeSet;

use cargo_metadata::{Metadata, Package};
use spdx::{Expression, LicenseReq, ParseMode};

use crate::{Result, architecture, output, rooms};

/// Permissive, and compatible with MIT OR Apache-2.0.
const ACCEPTED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Accepted for one crate each, as long as only tests use it: it is in nothing that anybody is given.
const IN_TESTS: &[(&str, &str)] = &[("webdriver", "MPL-2.0")];

pub(crate) fn run() -> Result {
    let metadata = rooms::metadata()?;
    let refused = refused(&metadata, &architecture::shipped()?);
    if refused.is_empty() {
        output::note(&format!("{} crates, every licence accepted", metadata.packages.len()));
        return Ok(());
    }
    Err(format!("licences:\n  {}", refused.join("\n  ")))
}

/// One line for each crate whose licence is missing, unreadable or not accepted.
fn refused(metadata: &Metadata, shipped: &BTreeSet<String>) -> Vec<String> {
    metadata.packages.iter().filter_map(|package| judge(package, shipped).err()).collect()
}

fn judge(package: &Package, shipped: &BTreeSet<String>) -> Result {
    let name = format!("{} {}", package.name, package.version);
    let Some(licence) = package.license.as_deref().filter(|text| !text.trim().is_empty()) else {
        return Err(format!("{name}: no `license` in its Cargo.toml"));
    };
    // Lax: old crates write `MIT/Apache-2.0`.
    let expression = Expression::parse_mode(licence, ParseMode::LAX)
        .map_err(|error| format!("{name}: `{licence}` is no SPDX expression: {}", error.reason))?;
    // An exception (as in `Apache-2.0 WITH LLVM-exception`) only ever grants more.
    let accepted =
        |asked: &LicenseReq| asked.license.id().is_some_and(|licence| ACCEPTED.contains(&licence.name));
    let excepted =
        IN_TESTS.contains(&(package.name.as_str(), licence)) && !shipped.contains(package.name.as_str());
    if excepted || expression.evaluate(accepted) {
        Ok(())
    } else {
        Err(format!("{name}: `{licence}` is not accepted (the list is in xtask/src/licences.rs)"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rooms::fake;

    fn judged(licence: Option<&str>) -> Vec<String> {
        judged_as("dep", licence, &[])
    }

    fn judged_as(name: &str, licence: Option<&str>, shipped: &[&str]) -> Vec<String> {
        let shipped = shipped.iter().map(|name| (*name).to_owned()).collect();
        refused(&fake::metadata(&[fake::Room { name, licence, ..fake::Room::default() }]), &shipped)
    }

    #[test]
    fn an_exception_holds_for_its_crate_and_only_in_tests() {
        assert_eq!(judged_as("webdriver", Some("MPL-2.0"), &["serde"]), [""; 0]);
        assert_eq!(judged_as("webdriver", Some("MPL-2.0"), &["webdriver"]).len(), 1, "shipped");
        assert_eq!(judged_as("other", Some("MPL-2.0"), &[]).len(), 1);
    }

    #[test]
    fn permissive_licences_pass() {
        for licence in
            ["MIT", "Apache-2.0 / MIT", "Apache-2.0 WITH LLVM-exception", "ISC AND (MIT OR GPL-3.0)"]
        {
            assert_eq!(judged(Some(licence)), [""; 0], "{licence}");
        }
    }

    #[test]
    fn copyleft_is_refused_by_crate_and_licence() {
        let lines = judged(Some("MIT AND GPL-3.0-only"));
        assert_eq!(lines.len(), 1);
        assert!(lines[0].contains("dep 0.1.0") && lines[0].contains("MIT AND GPL-3.0-only"), "{lines:?}");
    }

    #[test]
    fn a_missing_or_unreadable_licence_is_refused() {
        assert!(judged(None)[0].contains("no `license`"));
        assert!(judged(Some("do as you please"))[0].contains("no SPDX expression"));
    }
}
