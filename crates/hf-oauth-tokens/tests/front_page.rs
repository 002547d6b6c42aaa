//! What the crate's front page says about others is what runs elsewhere in the repository.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

#[test]
fn the_lines_about_hf_hub_stand_in_the_example_that_runs() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(folder.join("src/lib.rs")).unwrap();
    let example = folder.join("../../examples/hf-hub/src/bin/hf_hub_terminal.rs");
    let example = std::fs::read_to_string(example).unwrap();
    let (_, rest) = page.split_once("# With `hf-hub`").unwrap();
    let (_, rest) = rest.split_once("//! ```text\n").unwrap();
    let (lines, _) = rest.split_once("//! ```\n").unwrap();
    let lines: Vec<&str> = lines
        .lines()
        .map(|line| line.trim_start_matches("//!").trim())
        .filter(|line| !line.is_empty())
        .collect();
    assert!(lines.len() > 3, "{lines:?}");
    for line in lines {
        assert!(example.lines().any(|it| it.trim() == line), "{line}");
    }
}
