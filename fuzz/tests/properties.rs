//! Every target on its corpus, and on inputs that are made of it: edited, cut, spliced.
//!
//! `HF_OAUTH_FUZZ_SECONDS` lets it run for that long for each target, `HF_OAUTH_FUZZ_TARGET` picks one.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which may panic")]

use std::env;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use hf_oauth_fuzz::{TARGETS, Target, seeds};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{TestError, TestRunner};

/// What readers look for.
const WORDS: &[&[u8]] = &[
    b"&",
    b"=",
    b"%00",
    b"%0a",
    b"%2f",
    b"+",
    b"/",
    b"//",
    b"\\",
    b"\t",
    b"\r\n",
    b"..",
    b"%2e",
    b"@",
    b":",
    b"#",
    b"?",
    b"; ",
    b"\"",
    b"\\u0000",
    b"\\u202e",
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b"\xff",
    b"\xe2\x80\xae",
    b".",
    b"code",
    b"state",
    b"error",
    b"sub",
    b"alg",
    b"none",
    b"kid",
    b"iss",
    b"https://",
    b"'",
    b"[[",
];

#[derive(Clone, Debug)]
enum Edit {
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
    Cut(Index),
    Splice(Index, Vec<u8>),
}

impl Edit {
    fn apply(self, input: &mut Vec<u8>) {
        let at = |index: &Index, input: &[u8]| index.index(input.len() + 1);
        match self {
            Self::Flip(index, bits) if !input.is_empty() => {
                let position = index.index(input.len());
                input[position] ^= bits;
            }
            Self::Flip(..) => {}
            Self::Insert(index, bytes) => {
                let position = at(&index, input);
                input.splice(position..position, bytes);
            }
            Self::Remove(index, length) => {
                let start = at(&index, input);
                input.drain(start..input.len().min(start + length));
            }
            Self::Repeat(index, length) => {
                let start = at(&index, input);
                let part = input[start..input.len().min(start + length)].to_vec();
                input.splice(start..start, part);
            }
            Self::Cut(index) => input.truncate(at(&index, input)),
            Self::Splice(index, other) => {
                let position = at(&index, input);
                input.truncate(position);
                input.extend(other.iter().skip(position.min(other.len())));
            }
        }
    }
}

fn inputs(corpus: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let index = any::<Index>;
    let edit = prop_oneof![
        (index(), 1u8..).prop_map(|(at, bits)| Edit::Flip(at, bits)),
        (index(), select(WORDS)).prop_map(|(at, word)| Edit::Insert(at, word.to_vec())),
        (index(), vec(any::<u8>(), 1..5)).prop_map(|(at, bytes)| Edit::Insert(at, bytes)),
        (index(), 1usize..20).prop_map(|(at, length)| Edit::Remove(at, length)),
        (index(), 1usize..60).prop_map(|(at, length)| Edit::Repeat(at, length)),
        index().prop_map(Edit::Cut),
        (index(), select(corpus.clone())).prop_map(|(at, other)| Edit::Splice(at, other)),
    ];
    (select(corpus), vec(edit, 0..6)).prop_map(|(mut input, edits)| {
        edits.into_iter().for_each(|edit| edit.apply(&mut input));
        input
    })
}

fn corpus(name: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        paths.map(|path| (path.display().to_string(), fs::read(&path).unwrap())).collect();
    files.sort();
    files
}

/// The corpus, then inputs made of it, at least 200 and until the time is over.
fn run(name: &str, target: Target) {
    if env::var("HF_OAUTH_FUZZ_TARGET").is_ok_and(|wanted| wanted != name) {
        return;
    }
    let files = corpus(name);
    let accepted = files.iter().filter(|(_, input)| target(input)).count();
    assert!(accepted > 0 && accepted < files.len(), "{accepted} of {} are accepted", files.len());

    let seconds = env::var("HF_OAUTH_FUZZ_SECONDS").map_or(0, |text| text.parse().unwrap());
    let end = Instant::now() + Duration::from_secs(seconds);
    let strategy = inputs(files.into_iter().map(|(_, input)| input).collect());
    let config = ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    loop {
        let outcome = runner.run(&strategy, |input| {
            target(&input);
            Ok(())
        });
        if let Err(TestError::Fail(reason, input)) = outcome {
            panic!("{name}: {reason}\n{:?}\n{input:?}", String::from_utf8_lossy(&input));
        }
        if Instant::now() >= end {
            break;
        }
    }
}

macro_rules! properties {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            run(stringify!($name), hf_oauth_fuzz::$name);
        })*

        #[test]
        fn every_target_is_here() {
            let here = [$(stringify!($name)),*];
            assert!(TARGETS.iter().map(|(name, _)| *name).eq(here));
        }
    };
}

properties! {
    callback_query return_path cookie_set id_token jwks token_response discovery userinfo hub_toml
    device_response stored_tokens_ini
}

#[test]
fn every_seed_is_in_its_corpus_and_the_corpora_are_small() {
    for seed in seeds::all() {
        let there = corpus(seed.target).iter().any(|(path, _)| path.ends_with(seed.name));
        assert!(there, "{}/{}: cargo run -p hf-oauth-fuzz --bin seeds", seed.target, seed.name);
    }
    let bytes: usize = TARGETS.iter().flat_map(|(name, _)| corpus(name)).map(|(_, input)| input.len()).sum();
    assert!(bytes < 1 << 20, "{bytes} bytes");
}
