//! Core's verdict on every line of standard input, `{"exchange": …, "input": …}`, as a line of standard output: what the
//! vectors and the differential fuzzer hold other implementations against.
//!
//! Built for `wasm32-wasip1` it runs under any WASI host without glue.

#[path = "verdict/rules.rs"]
mod rules;

use std::io::{self, BufRead as _, Write as _};

use serde_json::{Value, json};

fn main() -> io::Result<()> {
    let mut input = io::BufReader::with_capacity(1 << 20, io::stdin().lock());
    let mut output = io::BufWriter::new(io::stdout().lock());
    let mut line = String::new();
    while input.read_line(&mut line)? > 0 {
        let verdict = match serde_json::from_str::<Value>(&line) {
            Ok(question) => {
                let exchange = question["exchange"].as_str().unwrap_or_default();
                rules::verdict(exchange, &question["input"])
            }
            Err(error) => Err(error.to_string()),
        };
        writeln!(output, "{}", verdict.unwrap_or_else(|why| json!({ "unreadable": why })))?;
        line.clear();
        // Whoever asks several questions at once gets their answers at once.
        if !input.buffer().contains(&b'\n') {
            output.flush()?;
        }
    }
    output.flush()
}
