//! The figures as a document.

use serde_json::Value;

use super::figures::{Figures, OURS, TRUE};
use super::goals::{BINARY_BYTES, shortfalls};

pub(super) fn markdown(figures: &Figures) -> String {
    let mut text = String::from(
        "# Benchmarks\n\nWritten by `cargo xtask bench`, which fails below a goal. Absolute figures are about the machine; \
         the ratios are what counts, and they are taken within each round.\n\n![Requests a second](benchmarks.svg)\n\n",
    );
    let mut section = |title: &str, about: &str, head: &[&str], rows: Vec<Vec<String>>| {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
        let rule: Vec<String> =
            (0..head.len()).map(|at| if at == 0 { "---" } else { "---:" }.to_owned()).collect();
        let rows: String = rows.iter().map(|row| line(row)).collect();
        text += &format!("## {title}\n\n{about}\n\n{}{}{rows}\n", line(&head), line(&rule));
    };
    section(
        "Machine",
        "One worker thread for each server, the load in another process, release builds.",
        &["what", "value"],
        figures.machine.iter().map(|(name, value)| vec![name.clone(), value.clone()]).collect(),
    );
    section(
        "Requests of somebody who is signed in",
        "10,000 sessions in turn (Python: 1,000), each with a token of 1,100 bytes, a refresh token and three \
         organisations; 32 connections that stay open; every server in every round, the median of the rounds. The bare \
         route is that of the same framework; it is sent the same cookies as ours and looks at none. Warm: every session was seen before. Cold: none was \
         kept, each is opened anew.",
        &["server", "requests a second", "of bare", "µs of processor a request", "core used"],
        figures
            .requests
            .iter()
            .map(|it| {
                vec![
                    it.name.to_owned(),
                    thousands(it.per_second),
                    format!("{:.2}", it.of_bare),
                    format!("{:.1}", it.cpu_micros),
                    format!("{:.2}", it.busy),
                ]
            })
            .collect(),
    );
    section(
        "Two threads",
        "The signed-in service on axum, called in process by one thread and by two in turns, warm: no sockets, no load beside it.",
        &["threads", "requests a second", "times one"],
        figures
            .threads
            .iter()
            .flat_map(|it| [("one", it.one, 1.0), ("two", it.two, it.times)])
            .map(|(name, rate, times)| vec![name.to_owned(), thousands(rate), format!("{times:.2}")])
            .collect(),
    );
    let paths = |paths: &Value| {
        let paths = paths.as_array().into_iter().flatten().filter_map(Value::as_str);
        let paths: Vec<String> = paths.map(|path| format!("`{path}`")).collect();
        format!("{}: {}", paths.len(), paths.join(", "))
    };
    section(
        "Logins",
        "Whole logins, one after the other, against the local Hub in the same process and thread: the Hub's work (its pages, \
         and a signature) is in them. Python's app is a process of its own, and asks for no userinfo. The requests are those \
         that the app itself sends to the Hub.",
        &["by", "logins a second", "requests in the first", "requests in a later one"],
        [OURS, "openidconnect", "python"]
            .iter()
            .map(|name| (*name, &figures.logins[*name]))
            .filter(|(_, it)| !it.is_null())
            .map(|(name, it)| {
                let rate = it["logins"].as_f64().unwrap_or_default() / it["seconds"].as_f64().unwrap_or(1.0);
                let name = if name == "python" { "Python: huggingface_hub, FastAPI" } else { name };
                vec![name.to_owned(), thousands(rate), paths(&it["first"]), paths(&it["next"])]
            })
            .collect(),
    );
    section(
        "ID tokens verified",
        "RS256 with 2,048 bits, the same token for all, keys known, in turns on one thread.",
        &["by", "a second"],
        [OURS, "openidconnect", "jsonwebtoken"]
            .iter()
            .map(|name| {
                vec![(*name).to_owned(), thousands(figures.id_tokens[*name].as_f64().unwrap_or_default())]
            })
            .collect(),
    );
    section(
        "Starts",
        "From the start to the end of the first answer, and resident memory then.",
        &["server", "milliseconds", "MiB"],
        figures
            .starts
            .iter()
            .map(|it| {
                vec![
                    it.name.to_owned(),
                    format!("{:.1}", it.millis),
                    format!("{:.1}", it.memory_kib as f64 / 1024.0),
                ]
            })
            .collect(),
    );
    let nothing = figures.command(TRUE).unwrap_or(1.0);
    section(
        "Commands",
        "From the start to the end, with a token in a file and no network.",
        &["command", "milliseconds", "times `/bin/true`"],
        figures
            .commands
            .iter()
            .map(|it| {
                vec![it.name.to_owned(), format!("{:.2}", it.millis), format!("{:.1}", it.millis / nothing)]
            })
            .collect(),
    );
    section(
        "Size",
        "The one binary, stripped.",
        &["what", "bytes"],
        vec![
            vec!["`hf-oauth`".to_owned(), thousands(figures.binary_bytes as f64)],
            vec!["at most".to_owned(), thousands(BINARY_BYTES as f64)],
        ],
    );
    text += &match &shortfalls(figures)[..] {
        [] => "## Goals\n\nAll are reached.\n".to_owned(),
        short => format!("## Goals\n\nNot reached in this run:\n\n- {}\n", short.join("\n- ")),
    };
    text
}

pub(super) fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::goals::tests::figures;
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!([0.4, 999.0, 1_000.0, 1_234_567.0].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn every_figure_is_in_the_document() {
        let text = markdown(&figures());
        for figure in [
            "| hf-oauth, warm | 95,000 | 0.95 | 10.5 | 0.99 |",
            "| hf-oauth | 200 | 2: `/a`, `/b` | 1: `/b` |",
            "| 30,000 |",
            "| two | 285,000 | 1.90 |",
            "| 12.0 | 8.8 |",
            "| 4.0 |",
            "All are reached.",
        ] {
            assert!(text.contains(figure), "{figure} is missing:\n{text}");
        }
    }
}
