use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::{Corruption, Ini};

const PIECES: &[&str] = &[
    "[a]",
    "[b]",
    "[DEFAULT]",
    "[",
    "]",
    "[a]]",
    "[]",
    "hf_token",
    "KEY",
    "é",
    "=",
    ":",
    " ",
    "  ",
    "\t",
    "#",
    ";",
    "x",
    "%(x)s",
    "\n",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "\u{3000}",
    "\u{1c}",
    "\u{85}",
    "\u{feff}",
    "\0",
];

fn ours(text: &str) -> Value {
    match Ini::parse(text.as_bytes()) {
        Ok(ini) => json!({"sections": ini.sections().map(|section| {
            let mut pairs: Vec<(&str, &str)> = section.pairs().collect();
            pairs.sort_unstable();
            json!([section.name, pairs])
        }).collect::<Vec<_>>()}),
        Err(error) => json!({"error": match error.what {
            Corruption::Encoding => "UnicodeDecodeError",
            Corruption::NoSection => "MissingSectionHeaderError",
            Corruption::DuplicateSection => "DuplicateSectionError",
            Corruption::DuplicateKey => "DuplicateOptionError",
            Corruption::NotAnEntry => "ParsingError",
        }}),
    }
}

#[test]
fn row_136_it_reads_what_python_reads_and_refuses_what_python_refuses() {
    let Some(python) = std::env::var_os("HF_OAUTH_TEST_PYTHON") else {
        let without = std::env::var("HF_OAUTH_TESTS_WITHOUT").unwrap_or_default();
        assert!(without.contains("python"), "HF_OAUTH_TEST_PYTHON is not set: run `cargo xtask test`");
        return;
    };
    let piece = proptest::sample::select(PIECES);
    let texts = proptest::collection::vec(piece, 0..24);
    let mut runner = TestRunner::default();
    let texts: Vec<String> = (0..20_000)
        .map(|number| {
            let text: String = texts.new_tree(&mut runner).unwrap().current().concat();
            if number % 4 == 0 { text } else { format!("[s]\n{text}") }
        })
        .collect();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests-env/python/store_read.py");
    let mut child =
        Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines: String = texts.iter().map(|text| format!("{}\n", json!({"text": text}))).collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    assert_eq!(answers.lines().count(), texts.len());
    let mut read = 0;
    for (text, answer) in texts.iter().zip(answers.lines()) {
        let answer: Value = serde_json::from_str(answer).unwrap();
        assert_eq!(ours(text), answer, "{text:?}");
        read += usize::from(answer.get("sections").is_some());
    }
    assert!(read > 1_000, "{read}");
}
