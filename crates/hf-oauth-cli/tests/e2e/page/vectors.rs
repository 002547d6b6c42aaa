//! `vectors/*.json` in Chromium and in Node: the module's rules come to the same verdicts in both.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::copies::bundled;
use super::files::serve;
use crate::support::browser::Browser;
use crate::support::folder::Folder;
use crate::support::program::{Program, bare};
use crate::support::{environment, eventually};

/// For each exchange how many tests there are, and which came to another verdict.
const RUN: &str = "import { verdict } from 'VERDICT';\n\
    const sorted = (it) => Array.isArray(it) ? it.map(sorted) : it && typeof it === 'object'\n\
      ? Object.fromEntries(Object.entries(it).sort(([a], [b]) => a < b ? -1 : 1).map(([key, value]) => [key, sorted(value)])) : it;\n\
    const text = (it) => JSON.stringify(sorted(it));\n\
    const other = (exchange) => ({ input, verdict: expected }) => text(verdict(exchange, input)) !== text(expected);\n\
    export const run = (files) => Object.fromEntries(files.map(({ exchange, tests }) => [exchange, [tests.length, tests.filter(other(exchange)).map((it) => it.id)]]));";

const PAGE: &str = "<!DOCTYPE html><html lang=\"en\"><title>Vectors</title><script type=\"module\" src=\"page-of-vectors.js\"></script>";
const IN_CHROMIUM: &str = "import { run } from './run.js';\n\
    fetch('vectors.json').then((it) => it.json()).then((files) => { window.all = run(files); }, (error) => { window.all = String(error); });";
const IN_NODE: &str = "import { readFileSync } from 'node:fs'; import { run } from './run.mjs';\n\
    console.log(JSON.stringify(run(JSON.parse(readFileSync(new URL('vectors.json', import.meta.url))))));";

#[tokio::test]
async fn every_vector_has_its_verdict_in_chromium_as_in_node() {
    let Some(node) = environment::node() else { return };
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let verdict = root.join("browser/tools/verdict.ts");
    let entry = RUN.replace("VERDICT", verdict.to_str().unwrap());
    let run = bundled(&node.join("node_modules"), &entry).unwrap();
    let mut files: Vec<_> =
        fs::read_dir(root.join("vectors")).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|it| it == "json") && !file.ends_with("schema.json"));
    files.sort();
    // As they are written: a parser in between could change what a text is.
    let texts: Vec<_> = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    let vectors = format!("[{}]", texts.join(","));

    let folder = Folder::new();
    folder.file("run.mjs", &run);
    folder.file("vectors.json", &vectors);
    let mut command = bare("node");
    command.arg(folder.file("node.mjs", IN_NODE));
    let (status, out, err) = Program::start(command).end();
    assert!(status.success(), "{err}");
    let in_node: Value = serde_json::from_str(&out).unwrap();

    let page = serve(vec![
        ("index.html", PAGE.to_owned()),
        ("page-of-vectors.js", IN_CHROMIUM.to_owned()),
        ("run.js", run),
        ("vectors.json", vectors),
    ]);
    Browser::run("vectors", async |browser| {
        browser.open(&page).await;
        let all =
            async || Some(browser.script("return window.all ?? null").await).filter(|all| !all.is_null());
        let in_chromium = eventually("the verdicts", all).await;
        println!("Chromium: {in_chromium}");
        assert_eq!(in_chromium, in_node);
        let exchanges = in_chromium.as_object().unwrap();
        assert_eq!(exchanges.len(), files.len());
        for (exchange, found) in exchanges {
            assert_eq!(found[1], serde_json::json!([]), "{exchange}");
            assert!(found[0].as_u64().unwrap() > 0, "{exchange}");
        }
    })
    .await;
}
