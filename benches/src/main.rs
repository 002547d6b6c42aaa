//! `hf-oauth-bench serve bare|warm|cold|actix-bare|actix-warm COOKIES`, `load PORT COOKIES SECONDS FIRST`,
//! `threads SECONDS ROUNDS`, `people FILE COUNT`, `logins SECONDS`: the parts that the harness (`benches/harness`) runs, each
//! a process of its own.

mod actix;
mod load;
mod logins;
mod servers;
mod threads;

use hf_oauth_benches::{Fault, now, person, write_lines};

fn main() -> Result<(), Fault> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["serve", kind, cookies] => servers::serve(kind, cookies.as_ref()),
        ["load", port, cookies, seconds, first] => {
            load::run(port.parse()?, cookies.as_ref(), seconds.parse()?, first.parse()?)
        }
        ["people", file, count] => {
            let people = (0..count.parse()?).map(|number| serde_json::to_string(&person(number, now())));
            write_lines(file.as_ref(), people.collect::<Result<Vec<_>, _>>()?.into_iter())
        }
        ["threads", seconds, rounds] => threads::run(seconds.parse()?, rounds.parse()?),
        ["logins", seconds] => logins::run(seconds.parse()?),
        _ => {
            let usage = "usage: serve bare|warm|cold|actix-bare|actix-warm COOKIES, load PORT COOKIES SECONDS FIRST, \
                         threads SECONDS ROUNDS, people FILE COUNT, logins SECONDS";
            Err(usage.into())
        }
    }
}
