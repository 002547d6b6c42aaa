//! `serve tower-sessions|signed|private COOKIES`, `verify SECONDS`, `logins SECONDS [PYTHON SCRIPT]`: what others built, holding the same data.

mod logins;
mod servers;
mod verify;

use hf_oauth_benches::Fault;

fn main() -> Result<(), Fault> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["serve", kind, cookies] => servers::serve(kind, cookies.as_ref()),
        ["verify", seconds] => verify::run(seconds.parse()?),
        ["logins", seconds] => logins::run(seconds.parse()?, None),
        ["logins", seconds, python, script] => logins::run(seconds.parse()?, Some([python, script])),
        _ => Err("usage: serve tower-sessions|signed|private COOKIES, verify SECONDS, logins SECONDS [PYTHON SCRIPT]".into()),
    }
}
