//! The tests that were built and would run, by the runner's own list.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::Result;
use crate::process::{capture, cargo, has_cargo};

/// Every test but the doctests: nextest has none, so they have a part of their own.
pub(crate) const EVERYTHING: &[&str] = &["--workspace", "--all-features", "--lib", "--bins", "--tests"];

/// Every name on the way to a test (`module::row_001_x` gives both), without the ignored ones.
pub(crate) fn tests() -> Result<BTreeSet<String>> {
    if has_cargo("nextest") {
        let list = ["nextest", "list", "--message-format", "json"];
        return from_nextest(&capture(cargo(&list).args(EVERYTHING))?);
    }
    let list =
        |filter: &[&str]| capture(cargo(&["test"]).args(EVERYTHING).args(["--", "--list"]).args(filter));
    Ok(from_libtest(&list(&[])?, &list(&["--ignored"])?))
}

fn from_nextest(list: &str) -> Result<BTreeSet<String>> {
    let list: Value = serde_json::from_str(list).map_err(|error| format!("cargo nextest list: {error}"))?;
    let suites = list["rust-suites"].as_object().ok_or("cargo nextest list: no `rust-suites`")?;
    let cases = suites.values().filter_map(|suite| suite["testcases"].as_object()).flatten();
    Ok(cases.filter(|(_, case)| case["ignored"] == false).flat_map(|(path, _)| segments(path)).collect())
}

fn from_libtest(all: &str, ignored: &str) -> BTreeSet<String> {
    let ignored: BTreeSet<&str> = ignored.lines().collect();
    let run = all.lines().filter(|line| !ignored.contains(line));
    run.filter_map(|line| line.strip_suffix(": test")).flat_map(segments).collect()
}

fn segments(path: &str) -> impl Iterator<Item = String> + use<'_> {
    path.split("::").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_tests_do_not_count() {
        let list = r#"{"rust-suites": {"core": {"testcases": {
            "login::row_001_x": {"ignored": false}, "row_003_y": {"ignored": true}
        }}}}"#;
        let names = from_nextest(list).unwrap();
        assert!(names.contains("row_001_x") && !names.contains("row_003_y"), "{names:?}");

        let all = "login::row_001_x: test\nrow_003_y: test\n\n2 tests, 0 benchmarks\n";
        let names = from_libtest(all, "row_003_y: test\n\n1 tests, 0 benchmarks\n");
        assert!(names.contains("row_001_x") && !names.contains("row_003_y"), "{names:?}");
    }
}
