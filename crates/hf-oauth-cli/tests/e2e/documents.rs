//! What the documents tell people to type is what the binary takes.

use std::fs;
use std::path::Path;

use crate::support::program::{Program, hf_oauth};

/// Every document, by its name.
fn documents() -> Vec<(String, String)> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let folders = [root.to_owned(), root.join("docs"), root.join("examples")];
    let files =
        folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|file| file.unwrap().path());
    let markdown = files.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    markdown.map(|path| (path.display().to_string(), fs::read_to_string(path).unwrap())).collect()
}

/// Lines of shell blocks and code in running text.
fn code(document: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut block = None;
    for line in document.lines() {
        match (line.trim().strip_prefix("```"), block) {
            (Some(language), None) => block = Some(language),
            (Some(_), Some(_)) => block = None,
            (None, Some("sh" | "yaml")) => found.push(line),
            (None, Some(_)) => {}
            (None, None) => found.extend(line.split('`').skip(1).step_by(2)),
        }
    }
    found
}

/// The arguments of the `hf-oauth` in a line of shell, up to where another program's begin.
fn arguments(line: &str) -> Option<Vec<&str>> {
    let calls = ["hf-oauth ", "cargo run --release -- "];
    let (_, call) = calls.iter().find_map(|call| line.split_once(call))?;
    let call = call.split(['#', '<', '>', '|', '\'', '"', ')', ';', '&']).next()?;
    Some(call.split_whitespace().take_while(|word| *word != "--").collect())
}

#[test]
fn every_command_line_of_the_documents_is_understood() {
    let mut seen = 0;
    for (name, document) in documents() {
        for line in code(&document) {
            let Some(arguments) = arguments(line) else { continue };
            let (status, _, err) = Program::start(hf_oauth(arguments.into_iter().chain(["--help"]))).end();
            assert!(status.success(), "{name}: `{line}`\n{err}");
            seen += 1;
        }
    }
    assert!(seen > 15, "{seen} command lines in all the documents");
}

#[test]
fn every_command_and_option_of_the_terminals_tables_is_in_the_help() {
    let documents = documents();
    let (_, terminal) = documents.iter().find(|(name, _)| name.ends_with("terminal.md")).unwrap();
    let rows = terminal.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let commands: Vec<_> =
        rows.map(|row| row.split([' ', '[', ']', '|', '\\']).collect::<Vec<_>>()).collect();
    let (_, help, _) = Program::start(hf_oauth(["--help"])).end();
    let mut listed: Vec<_> =
        help.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).collect();
    // A line that goes on begins further right.
    listed
        .retain(|word| !word.is_empty() && !word.starts_with('-') && !["demo", "help", "hub"].contains(word));
    for command in &listed {
        assert!(
            commands.iter().any(|words| words[0] == *command),
            "docs/terminal.md has no row for {command}"
        );
    }
    for words in commands.iter().filter(|words| listed.contains(&words[0])) {
        let (_, help, _) = Program::start(hf_oauth([words[0], "--help"])).end();
        for option in words.iter().filter(|word| word.len() > 2 && word.starts_with("--")) {
            assert!(help.contains(option), "{} has no {option}:\n{help}", words[0]);
        }
    }
}

#[test]
fn a_planted_mistake_in_a_document_is_found() {
    let line = code("```sh\nhf-oauth logout --everybody # all\n```")[0];
    let arguments = arguments(line).unwrap();
    assert_eq!(arguments, ["logout", "--everybody"]);
    let (status, _, err) = Program::start(hf_oauth(arguments.into_iter().chain(["--help"]))).end();
    assert_eq!(status.code(), Some(2), "{err}");
}
