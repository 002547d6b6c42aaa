//! `docs/attacks.md`: every row that must be covered has a test that really runs, or a written reason.

mod built;
mod table;

use std::collections::BTreeSet;
use std::fs;

use crate::process::{capture, command, root};
use crate::{Result, output};
pub(crate) use built::EVERYTHING;
use table::{Cover, Row};

const TABLE: &str = "docs/attacks.md";

/// The rows that this project answers for: the protocol (1-67), the web (68-99), the token store's files (105, 109,
/// 122-136), pages without a server (112-116), the command line (117-121, 137-139), the local Hub (155-160, 181), what running it brought up (161-220).
/// Numbers that are missing here belong to other rooms or were merged into a neighbour.
#[rustfmt::skip]
const REQUIRED: &[u16] = &[
    1, 3, 5, 6, 7, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 26, 27, 28, 29, 30, 31, 34, 35,
    36, 37, 38, 40, 41, 42, 44, 45, 46, 47, 48, 49, 51, 52, 54, 55, 56, 58, 59, 60, 61, 62, 63, 64, 65, 66,
    67, 68, 69, 70, 71, 72, 73, 75, 76, 77, 78, 79, 80, 81, 82, 85, 86, 88, 89, 91, 92, 93, 94, 95, 96, 97,
    98, 99, 105, 109, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 129,
    130, 131, 132, 134, 136, 137, 138, 139, 155, 156, 157, 158, 159, 160, 161, 162, 163, 164, 165, 166,
    167, 168, 169, 170, 171, 172, 173, 174, 175, 177, 178, 180, 181, 182, 183, 184, 191, 192, 193, 198,
    199, 200, 202, 203, 204, 205, 206, 213, 214, 215, 216, 217, 218, 219, 220,
];

pub(crate) fn run() -> Result {
    let text = fs::read_to_string(root().join(TABLE)).map_err(|error| format!("{TABLE}: {error}"))?;
    let rows = table::parse(&text).map_err(|lines| report(&lines))?;
    let broken = check(&rows, REQUIRED, &written()?, &built::tests()?);
    if !broken.is_empty() {
        return Err(report(&broken));
    }
    let tests: BTreeSet<_> = rows.iter().flat_map(Row::tests).collect();
    let reasons = rows.iter().filter(|row| matches!(row.cover, Cover::Reason(_))).count();
    output::note(&format!(
        "{} rows: {} tests, {reasons} rows with a reason instead",
        rows.len(),
        tests.len()
    ));
    Ok(())
}

fn report(lines: &[String]) -> String {
    format!("{TABLE}:\n  {}", lines.join("\n  "))
}

/// One line for each thing that is wrong. `written` are the functions in the sources, `built` the tests that run.
fn check(
    rows: &[Row],
    required: &[u16],
    written: &BTreeSet<String>,
    built: &BTreeSet<String>,
) -> Vec<String> {
    let mut broken = Vec::new();
    for id in required {
        match rows.iter().filter(|row| row.id == *id).count() {
            1 => {}
            0 => broken.push(format!("row {id} is missing")),
            many => broken.push(format!("row {id} stands there {many} times")),
        }
    }
    for row in rows {
        let mut own = false;
        for test in row.tests() {
            own |= table::rows_named(test).contains(&row.id);
            if !written.contains(test) {
                broken.push(format!("row {}: no function `{test}` in the sources", row.id));
            } else if !built.contains(test) {
                broken.push(format!(
                    "row {}: `{test}` is written but does not run (ignored, or not compiled)",
                    row.id
                ));
            }
        }
        if !own && matches!(row.cover, Cover::Tests(_)) {
            broken.push(format!("row {}: none of its tests is named `row_{:03}_...`", row.id, row.id));
        }
    }
    for test in written.union(built) {
        for id in table::rows_named(test) {
            if !rows.iter().any(|row| row.id == id && row.tests().any(|listed| listed == test)) {
                broken.push(format!("test `{test}` is not listed in row {id}"));
            }
        }
    }
    broken
}

/// The functions named `row_...` in the project's Rust files; this tool's own fixtures do not count.
fn written() -> Result<BTreeSet<String>> {
    let list = ["ls-files", "--cached", "--others", "--exclude-standard", "--", "*.rs", ":!xtask"];
    let mut names = BTreeSet::new();
    for path in capture(&mut command("git", &list))?.lines() {
        // A file that was deleted but not yet committed is still in the list.
        let text = fs::read_to_string(root().join(path)).unwrap_or_default();
        names.extend(functions(&text));
    }
    Ok(names)
}

fn functions(source: &str) -> impl Iterator<Item = String> {
    source.split("fn ").skip(1).filter_map(|rest| {
        let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        name.starts_with("row_").then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// The complaints about `rows` when the functions are written and built as said; rows 1 and 2 are required.
    fn complaints(rows: &str, written: &[&str], built: &[&str]) -> Vec<String> {
        let text = format!("| id | what | test |\n|---|---|---|\n{rows}");
        let rows = table::parse(&text).unwrap();
        check(&rows, &[1, 2], &names(written), &names(built))
    }

    const REASON: &str = "| 2 | b | - cannot happen: this project sends no such request |\n";

    #[test]
    fn a_table_that_is_covered_passes() {
        let both = ["row_001_wrong_state", "row_001_missing_state"];
        let rows = format!("| 1 | a | `row_001_wrong_state`, `row_001_missing_state` |\n{REASON}");
        assert_eq!(complaints(&rows, &both, &both), [""; 0]);
    }

    #[test]
    fn a_required_row_may_be_neither_missing_nor_double() {
        assert_eq!(complaints(REASON, &[], &[]), ["row 1 is missing"]);
        let rows = format!("{REASON}{REASON}| 1 | a | - nothing here can be tested at all |\n");
        assert_eq!(complaints(&rows, &[], &[]), ["row 2 stands there 2 times"]);
    }

    #[test]
    fn a_test_that_does_not_exist_fails() {
        let rows = format!("| 1 | a | `row_001_x` |\n{REASON}");
        assert_eq!(complaints(&rows, &[], &[]), ["row 1: no function `row_001_x` in the sources"]);
    }

    #[test]
    fn a_test_that_is_ignored_or_not_compiled_fails() {
        let rows = format!("| 1 | a | `row_001_x` |\n{REASON}");
        let lines = complaints(&rows, &["row_001_x"], &[]);
        assert_eq!(lines, ["row 1: `row_001_x` is written but does not run (ignored, or not compiled)"]);
    }

    #[test]
    fn a_row_cannot_borrow_the_test_of_another() {
        let rows = format!("| 1 | a | `row_002_x` |\n{REASON}");
        let lines = complaints(&rows, &["row_002_x"], &["row_002_x"]);
        assert_eq!(
            lines,
            ["row 1: none of its tests is named `row_001_...`", "test `row_002_x` is not listed in row 2"]
        );
    }

    #[test]
    fn one_test_may_answer_for_two_rows_if_both_list_it() {
        let both = ["row_001_002_x"];
        let listed = "| 1 | a | `row_001_002_x` |\n| 2 | b | `row_001_002_x` |\n";
        assert_eq!(complaints(listed, &both, &both), [""; 0]);
        let half = format!("| 1 | a | `row_001_002_x` |\n{REASON}");
        assert_eq!(complaints(&half, &both, &both), ["test `row_001_002_x` is not listed in row 2"]);
    }

    #[test]
    fn a_test_that_the_table_forgot_fails() {
        let rows = format!("| 1 | a | `row_001_x` |\n{REASON}");
        let both = ["row_001_x", "row_068_open_redirect"];
        assert_eq!(complaints(&rows, &both, &both), ["test `row_068_open_redirect` is not listed in row 68"]);
    }

    #[test]
    fn functions_are_found_by_name() {
        let source = "async fn row_001_x() {}\nfn other() {}\n    fn row_068_y<T>() {}\n";
        assert_eq!(functions(source).collect::<Vec<_>>(), ["row_001_x", "row_068_y"]);
    }
}
