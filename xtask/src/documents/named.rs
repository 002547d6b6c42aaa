//! `SECURITY.md`: each type, function and test that its table names is in the sources.

use std::collections::BTreeSet;
use std::fs;

use super::table;
use crate::Result;
use crate::process::{capture, command, root};

pub(super) fn check(security: &str) -> Result<Vec<String>> {
    let list = ["ls-files", "--cached", "--others", "--exclude-standard", "--", "*.rs", ":!xtask"];
    let mut sources = BTreeSet::new();
    for path in capture(&mut command("git", &list))?.lines() {
        // A file that was deleted but not yet committed is still in the list.
        let text = fs::read_to_string(root().join(path)).unwrap_or_default();
        sources.extend(defined(&text).map(str::to_owned));
    }
    Ok(missing(security, &sources))
}

/// Every name that follows a defining word.
fn defined(source: &str) -> impl Iterator<Item = &str> {
    let words = source.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    let mut before = "";
    words.filter(move |word| {
        let defines = ["const", "enum", "fn", "mod", "struct", "trait", "type"].contains(&before);
        before = word;
        defines
    })
}

/// Names are what stands in backticks in the second and third column; `A::b` is two of them.
fn missing(security: &str, sources: &BTreeSet<String>) -> Vec<String> {
    let mut broken = Vec::new();
    for row in table(security, "threat") {
        let mut named = 0;
        for code in row[1..].iter().flat_map(|cell| cell.split('`').skip(1).step_by(2)) {
            let names = code.split("::").filter(|name| name.chars().all(|c| c.is_alphanumeric() || c == '_'));
            for name in names {
                named += 1;
                if !sources.contains(name) {
                    broken.push(format!("SECURITY.md: `{name}` is nowhere in the sources ({})", row[0]));
                }
            }
        }
        if named == 0 {
            broken.push(format!("SECURITY.md: no type and no test for: {}", row[0]));
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_gone_is_found_and_so_is_a_threat_without_one() {
        let sources = "pub struct Grant; impl Grant { pub(crate) fn accept() {} }";
        let sources = defined(sources).map(str::to_owned).collect();
        let table = |cells: &str| format!("| threat | type | test |\n|---|---|---|\n| forgery | {cells} |");
        assert_eq!(missing(&table("`Grant::accept` | none"), &sources), [""; 0]);
        assert_eq!(
            missing(&table("`Grant` | `row_001_gone`"), &sources),
            ["SECURITY.md: `row_001_gone` is nowhere in the sources (forgery)"]
        );
        assert_eq!(
            missing(&table("care | luck"), &sources),
            ["SECURITY.md: no type and no test for: forgery"]
        );
    }
}
