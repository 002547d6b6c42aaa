//! Reading the table `| id | what | test |`.

/// One row.
#[derive(Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) id: u16,
    pub(crate) cover: Cover,
}

/// How a row is answered.
#[derive(Debug, PartialEq)]
pub(crate) enum Cover {
    /// The names of its tests.
    Tests(Vec<String>),
    /// Why it has none.
    Reason(String),
}

impl Row {
    pub(crate) fn tests(&self) -> impl Iterator<Item = &String> {
        match &self.cover {
            Cover::Tests(names) => names.iter(),
            Cover::Reason(_) => [].iter(),
        }
    }
}

/// A reason that is shorter says nothing.
const SHORTEST_REASON: usize = 20;

/// Every row whose first cell is a number; the lines in error say what is wrong with the others.
pub(crate) fn parse(text: &str) -> Result<Vec<Row>, Vec<String>> {
    let (mut rows, mut broken) = (Vec::new(), Vec::new());
    for line in text.lines().filter(|line| line.trim_start().starts_with('|')) {
        let cells = cells(line);
        let Some(id) = cells.first().and_then(|cell| cell.parse().ok()) else { continue };
        match cells.as_slice() {
            [_, what, _] if what.is_empty() => broken.push(format!("row {id} does not say what it is about")),
            [_, _, test] => match cover(test) {
                Ok(cover) => rows.push(Row { id, cover }),
                Err(why) => broken.push(format!("row {id} {why}")),
            },
            other => broken.push(format!("row {id} has {} cells instead of 3", other.len())),
        }
    }
    if broken.is_empty() { Ok(rows) } else { Err(broken) }
}

/// The rows that a test's name begins with: `row_021_022_alg` is about 21 and 22.
pub(crate) fn rows_named(test: &str) -> Vec<u16> {
    let Some(rest) = test.strip_prefix("row_") else { return Vec::new() };
    let numbers =
        rest.split('_').take_while(|word| word.len() == 3 && word.bytes().all(|b| b.is_ascii_digit()));
    numbers.filter_map(|word| word.parse().ok()).collect()
}

fn cover(cell: &str) -> Result<Cover, String> {
    if let Some(reason) = cell.strip_prefix('-') {
        let reason = reason.trim();
        return if reason.chars().count() >= SHORTEST_REASON {
            Ok(Cover::Reason(reason.to_owned()))
        } else {
            Err(format!("has a reason of under {SHORTEST_REASON} characters"))
        };
    }
    let words = cell.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let names: Vec<_> = words.filter(|word| word.starts_with("row_")).map(str::to_owned).collect();
    if names.is_empty() { Err("has neither a test nor a reason".to_owned()) } else { Ok(Cover::Tests(names)) }
}

/// The cells between the bars; `\|` is a bar inside a cell.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim().replace("\\|", "\u{0}");
    let inner = line.strip_prefix('|').unwrap_or(&line);
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    inner.split('|').map(|cell| cell.trim().replace('\u{0}', "|")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tests(names: &[&str]) -> Cover {
        Cover::Tests(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn rows_are_read_and_everything_else_is_left_alone() {
        let text = "# Attacks\n\nProse | with a bar.\n\n| id | what | test |\n|---|---|---|\n\
            | 1 | a \\| b | `row_001_x`, core's `row_001_y` |\n| 2 | c | - the Hub has no such endpoint |\n";
        let rows = parse(text).unwrap();
        assert_eq!(rows[0], Row { id: 1, cover: tests(&["row_001_x", "row_001_y"]) });
        assert_eq!(rows[1], Row { id: 2, cover: Cover::Reason("the Hub has no such endpoint".to_owned()) });
        assert_eq!(rows.len(), 2);
    }

    #[test]
    fn a_row_without_test_or_reason_fails() {
        for cell in ["", "TODO", "`other_test`"] {
            let lines = parse(&format!("| 7 | x | {cell} |")).unwrap_err();
            assert_eq!(lines, ["row 7 has neither a test nor a reason"], "{cell}");
        }
        assert_eq!(parse("| 7 | x | - later |").unwrap_err(), ["row 7 has a reason of under 20 characters"]);
        assert_eq!(parse("| 7 |  | `row_007_x` |").unwrap_err(), ["row 7 does not say what it is about"]);
        assert_eq!(parse("| 7 | `row_007_x` |").unwrap_err(), ["row 7 has 2 cells instead of 3"]);
    }

    #[test]
    fn a_name_says_its_rows() {
        assert_eq!(rows_named("row_068_open_redirect"), [68]);
        assert_eq!(rows_named("row_021_022_alg_404"), [21, 22]);
        assert_eq!(rows_named("row_by_row"), [0; 0]);
        assert_eq!(rows_named("a_row_068_x"), [0; 0]);
    }
}
