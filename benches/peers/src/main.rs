//! `serve tower-sessions|signed|private COOKIES` and `verify SECONDS`: what others built, holding the same data.

mod servers;
mod verify;

use hf_oauth_benches::Fault;

fn main() -> Result<(), Fault> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["serve", kind, cookies] => servers::serve(kind, cookies.as_ref()),
        ["verify", seconds] => verify::run(seconds.parse()?),
        _ => Err("usage: serve tower-sessions|signed|private COOKIES, verify SECONDS".into()),
    }
}
