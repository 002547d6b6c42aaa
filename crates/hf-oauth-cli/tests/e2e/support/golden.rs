//! Outputs kept as files, compared byte for byte. `HF_OAUTH_GOLDEN=write` writes them anew.

use std::fs;
use std::path::Path;

pub(crate) fn compare_text(name: &str, text: &str) {
    let text = without_numbers_after("in ", "N", text);
    let text =
        without_numbers_after("127.0.0.1:", "PORT", &without_numbers_after("localhost:", "PORT", &text));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/golden").join(name);
    if std::env::var_os("HF_OAUTH_GOLDEN").is_some_and(|value| value == "write") {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(text, fs::read_to_string(&path).unwrap_or_default(), "{}", path.display());
}

/// Time passes, and ports are the system's choice.
pub(crate) fn without_numbers_after(mark: &str, word: &str, text: &str) -> String {
    let mut parts = text.split(mark);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        out.push_str(mark);
        out.push_str(if rest.len() < part.len() { word } else { "" });
        out.push_str(rest);
    }
    out
}

/// Days change.
pub(crate) fn without_dates(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| match line.split_once(" UTC)") {
        Some((before, after)) => format!("{}(DATE UTC){after}", before.rsplit_once('(').unwrap().0),
        None => line.to_owned(),
    });
    lines.collect()
}
