//! Return paths: a browser that resolves an accepted one stays on the app's own origin, whatever was tried.

#![cfg(feature = "wire")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;

use hf_oauth_core::ReturnPath;
use proptest::prelude::*;
use url::Url;

/// Pages of an app on which a return path may be resolved.
const BASES: &[&str] = &[
    "https://app.example/",
    "https://app.example/oauth/huggingface/callback?code=c&state=s",
    "https://app.example:8443/a/b/../c/",
    "http://localhost:7860/deep/er/page#top",
    "http://[::1]:3000//odd//page",
    "https://ada-demo.hf.space",
];

/// The property, as the WHATWG URL standard resolves; `Ok` when the path was accepted.
fn stays_here(text: &str) -> Result<bool, String> {
    // What a handler does with a bad one: the front page.
    let safe = ReturnPath::parse_or_root(text);
    let accepted = ReturnPath::parse(text).is_ok();
    if accepted && safe.as_str() != text {
        return Err(format!("{text:?} became {safe}"));
    }
    if !accepted && safe.as_str() != "/" {
        return Err(format!("{text:?} was refused and became {safe}"));
    }
    if !safe.as_str().bytes().all(|byte| byte.is_ascii_graphic())
        || http::HeaderValue::from_str(safe.as_str()).is_err()
    {
        return Err(format!("{text:?} does not fit into a header"));
    }
    for base in BASES {
        let base = Url::parse(base).unwrap();
        let target = base.join(safe.as_str()).map_err(|error| format!("{text:?} on {base}: {error}"))?;
        if target.origin() != base.origin() || !target.username().is_empty() {
            return Err(format!("{text:?} on {base} leads to {target}"));
        }
    }
    Ok(accepted)
}

/// What a proxy or a framework may make of a path before a browser sees it.
fn decoded_once_more(text: &str) -> String {
    percent_decode(text).into_iter().map(char::from).collect()
}

fn percent_decode(text: &str) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut bytes = Vec::new();
    while let [first, tail @ ..] = rest {
        let escaped = (*first == b'%')
            .then(|| {
                tail.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok())
            })
            .flatten();
        match escaped {
            Some(byte) => (bytes.push(byte), rest = &tail[2..]).1,
            None => (bytes.push(*first), rest = tail).1,
        }
    }
    bytes
}

/// Slashes, what stands between them, and hosts behind them, in every combination.
fn generated() -> Vec<String> {
    let starts = [
        "/", "//", "///", "////", "\\", "/\\", "\\/", "\\\\", "/\\/", "//\\", "", "?", "#", "/?", "/.",
        "/..", "/;",
    ];
    let betweens = [
        "", "\t", "\n", "\r", "\r\n", "\0", " ", "\u{b}", "\u{a0}", "\u{2028}", "%09", "%0a", "%0d%0a",
        "%00", "%20", "/", "\\", "%2f", "%5c", "%252f", "%255c", ".", "./", "../", "..//", ".//", "%2e/",
        "%2e%2e//", ".%2E//", "／", "＼", "@", ":", "*",
    ];
    let ends = [
        "evil.example",
        "/evil.example",
        "//evil.example",
        "evil.example/%2f..",
        "user@evil.example",
        "user:pw@evil.example:80/",
        "[::1]/",
        "2130706433",
        "javascript:alert(1)",
        "https://evil.example",
        "evil。example",
        "%65vil.example",
    ];
    let mut all: Vec<String> = starts
        .iter()
        .flat_map(|start| betweens.iter().map(move |between| format!("{start}{between}")))
        .flat_map(|start| ends.iter().map(move |end| format!("{start}{end}")))
        .collect();
    let schemes = [
        "http:",
        "https:",
        "HtTpS:",
        "javascript:",
        "java\tscript:",
        "data:text/html,",
        "file:",
        "ftp:",
        "blob:",
        "vbscript:",
        "ws:",
        "x-custom:",
        "\u{1}https:",
        " https:",
        "\thttps:",
        "https\n:",
        "//https:",
        "mailto:",
    ];
    for scheme in schemes {
        for rest in [
            "evil.example",
            "/evil.example",
            "//evil.example",
            "\\\\evil.example",
            "///evil.example",
            "alert(1)",
        ] {
            all.push(format!("{scheme}{rest}"));
        }
    }
    all
}

/// Spelled out in advisories and in other projects' tests.
const NAMED: &[&str] = &[
    "////evil.example",
    "/\\evil.example",
    "/%5Cevil.example",
    "/\t/evil.example",
    "https:evil.example",
    "/.//evil.example",
    "//evil.example/..",
    "/../\\evil.example",
    "/%2F/evil.example",
    "/%2f%2fevil.example",
    "//evil%E3%80%82example",
    "https:///evil.example",
    "/..//evil.example",
    "/a/..//evil.example",
    "/a/%2e%2e//evil.example",
    "/a/.%2e//evil.example",
    "/./\\evil.example",
    "/a\\..\\\\evil.example",
    "/\u{2f}\u{2f}evil.example",
    "/\u{ff0f}evil.example",
    "/\r\n//evil.example",
    "/a\r\nLocation: https://evil.example",
    "/a\nSet-Cookie: x=1",
    "/a\0//evil.example",
    "\u{feff}//evil.example",
    "~//evil.example",
];

#[test]
fn row_068_no_generated_payload_leaves_the_origin() {
    let payloads: Vec<String> = NAMED.iter().map(|text| (*text).to_owned()).chain(generated()).collect();
    assert!(payloads.len() > 200, "{}", payloads.len());
    let accepted = payloads.iter().filter(|text| stays_here(text).unwrap()).count();
    assert!(accepted > 0, "a check that refuses everything shows nothing");
    assert!(accepted * 2 < payloads.len(), "{accepted} of {} accepted", payloads.len());
}

#[test]
fn row_068_every_named_payload_is_refused() {
    for text in NAMED {
        assert!(!stays_here(text).unwrap(), "{text:?}");
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the lists stand beside the project, where they are there at all"
)]
fn row_068_the_lists_of_other_projects_never_leave_the_origin() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/payloads");
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut lists = 0;
    for path in entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "txt"))
    {
        let list = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        let mut payloads = 0;
        for line in list.lines().filter(|line| !line.is_empty()) {
            stays_here(line).unwrap();
            stays_here(&decoded_once_more(line)).unwrap();
            // As a visitor would send it: behind the app's own slash, and as a query's value.
            stays_here(&format!("/{line}")).unwrap();
            payloads += 1;
        }
        assert!(payloads > 100, "{}", path.display());
        lists += 1;
    }
    assert!(lists > 0);
}

#[test]
fn row_068_what_is_accepted_still_stays_after_another_decoding() {
    for text in generated().iter().map(String::as_str).chain(NAMED.iter().copied()) {
        let Ok(path) = ReturnPath::parse(text) else { continue };
        // A tab or a line end that was decoded would be dropped by a browser: `/%09/evil.example` must not become
        // `//evil.example` in the hands of a proxy that decodes a path.
        let decoded = decoded_once_more(path.path());
        let base = Url::parse(BASES[0]).unwrap();
        let target = base.join(&decoded).unwrap();
        assert_eq!(target.origin(), base.origin(), "{text:?} became {decoded:?}");
    }
}

#[test]
fn row_068_honest_paths_come_through_byte_for_byte() {
    for text in [
        "/",
        "/models",
        "/models/",
        "/a/b/c.html",
        "/a//b",
        "/a.b/..c/...",
        "/?",
        "/#",
        "/?a=b&c=d#e",
        "/~ada/it's(1)!*$,;:@=+",
        "/caf%C3%A9?q=%20%2F%2F",
        "/?next=https://other.example//x",
        "/?_target_url=%2Fa%3Fb",
        "/a?x=/../..//y",
        "/a#/../../b",
        "/search?q=100%",
        "/%25",
        "/a%2Fb",
        "/a%2f",
        "/login?x",
        "/a:b@c",
        "/[x]",
        "/{x}|^`",
        "/\"quoted\"<>",
    ] {
        assert!(stays_here(text).unwrap(), "{text}");
        assert_eq!(ReturnPath::parse(text).unwrap().to_string(), text);
    }
}

#[test]
fn row_069_what_no_header_or_cookie_can_carry_falls_back_to_the_front_page() {
    let long = |length: usize| format!("/{}", "a".repeat(length - 1));
    for text in [
        "/a\r\nX: y",
        "/a\rb",
        "/a\nb",
        "/a\0",
        "/\u{7f}",
        "/é",
        "/\u{202e}x",
        "/a b",
        &long(1025),
        &long(16 << 10),
    ] {
        assert!(!stays_here(text).unwrap(), "{text:.20?}");
    }
    assert!(stays_here(&long(ReturnPath::LONGEST)).unwrap());
}

#[test]
fn row_069_encodings_are_neither_decoded_nor_doubled() {
    for text in ["/a%0d%0aX:%20y", "/a%2500b", "/?rd=%252F%252Fevil.example", "/?x=%2e%2e"] {
        assert!(stays_here(text).unwrap(), "{text}");
        assert_eq!(ReturnPath::parse(text).unwrap().as_str(), text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn row_068_no_text_of_url_characters_leaves_the_origin(text in "[/\\\\.:@?#%a-fA-F0-9\t\r\n \\[\\]]{0,24}") {
        prop_assert!(stays_here(&text).is_ok(), "{:?}", stays_here(&text));
        let rooted = format!("/{text}");
        prop_assert!(stays_here(&rooted).is_ok(), "{:?}", stays_here(&rooted));
    }

    #[test]
    fn row_068_no_text_at_all_leaves_the_origin(text in any::<String>()) {
        prop_assert!(stays_here(&text).is_ok(), "{:?}", stays_here(&text));
        let rooted = format!("/{text}");
        prop_assert!(stays_here(&rooted).is_ok(), "{:?}", stays_here(&rooted));
    }

    #[test]
    fn row_068_honest_segments_are_accepted(path in "(/[a-z0-9_-]{1,8}){1,5}", query in "(\\?[a-z0-9=&/.%]{0,20})?") {
        let text = format!("{path}{query}");
        prop_assert_eq!(stays_here(&text), Ok(true));
    }
}
