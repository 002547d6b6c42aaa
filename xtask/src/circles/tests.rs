use std::collections::BTreeMap;
use std::path::Path;

use super::circles;

/// The circles of a crate that only exists on paper.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let files: BTreeMap<_, _> = files.iter().copied().collect();
    let read = |path: &Path| files.get(path.to_str().unwrap()).map(|text| (*text).to_owned());
    circles(Path::new("lib.rs"), &read).unwrap()
}

/// Which of these files the one circle goes through.
fn through(files: &[(&str, &str)]) -> Vec<String> {
    let [circle] = &found(files)[..] else { panic!("one circle: {:?}", found(files)) };
    let (_, steps) = circle.split_once("circle: ").unwrap();
    steps.split("; ").map(|step| step.split(' ').next().unwrap().to_owned()).collect()
}

const TWO: &str = "mod a; mod b;";

#[test]
fn two_files_that_import_each_other_are_found() {
    let a = ("a.rs", "use crate::b::B; pub struct A(B);");
    let b = ("b.rs", "use crate::a::A; pub struct B(Box<A>);");
    assert_eq!(
        found(&[("lib.rs", TWO), a, b]),
        ["import circle: a.rs names `crate::b::B` of b.rs; b.rs names `crate::a::A` of a.rs"]
    );
    assert_eq!(found(&[("lib.rs", TWO), a, ("b.rs", "pub struct B;")]), [""; 0]);
}

#[test]
fn a_circle_over_three_files_is_one_circle() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::b::B;"),
        ("b.rs", "use crate::c::C; use crate::d::D; pub struct B;"),
        ("c.rs", "pub struct C; fn f(_: crate::a::A) {}"),
        ("d.rs", "pub struct D;"),
    ];
    assert_eq!(through(&files), ["a.rs", "b.rs", "c.rs"]);
}

#[test]
fn super_and_self_are_followed() {
    let lib = ("lib.rs", "mod outer;");
    let outer = ("outer.rs", "mod a; mod b;");
    let a = ("outer/a.rs", "pub struct A; use super::b::B;");
    assert_eq!(
        through(&[lib, outer, a, ("outer/b.rs", "pub struct B; use super::super::outer::a::A;")]).len(),
        2
    );
    let inline = "pub struct B; mod deep { use super::super::a::A; }";
    assert_eq!(
        through(&[lib, outer, a, ("outer/b.rs", inline)]).len(),
        2,
        "from a module inside of the file"
    );
}

#[test]
fn groups_and_renames_are_followed() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c;"),
        ("a.rs", "use crate::{c, b::{self, B as Other}}; pub fn f(_: b::B, _: Other, _: c::C) {}"),
        ("b.rs", "use {std::fmt, crate::a::{f as g}}; pub struct B;"),
        ("c.rs", "pub struct C;"),
    ];
    assert_eq!(through(&files), ["a.rs", "b.rs"]);
}

#[test]
fn a_path_in_the_code_counts_as_an_import_does() {
    let a = ("a.rs", "use crate::b::B; pub const N: u8 = 1; #[macro_export] macro_rules! m { () => {} }");
    for code in [
        "pub struct B; fn f() -> u8 { crate::a::N }",
        "pub struct B; fn f() { let crate::a::N = 2 else { return }; }",
        "pub struct B; fn f() { println!(\"{}\", crate::a::N); }",
        "pub struct B; macro_rules! m { () => { $crate::a::N } }",
        "pub struct B; fn f() { use crate::a; g(a::N); }",
        "#[derive(Deserialize)] pub struct B { #[serde(deserialize_with = \"crate::a::f\")] it: u8 }",
    ] {
        assert_eq!(through(&[("lib.rs", TWO), a, ("b.rs", code)]).len(), 2, "{code}");
    }
}

#[test]
fn a_reexport_is_whose_the_definition_is() {
    let lib = ("lib.rs", "mod a; mod b; pub use a::A; pub use b::*;");
    let a = ("a.rs", "use crate::B; pub struct A;");
    assert_eq!(through(&[lib, a, ("b.rs", "use crate::A; pub struct B;")]).len(), 2);
    // What the first file itself defines is the parent's.
    let lib = ("lib.rs", "mod a; mod b; pub struct A; pub use b::B;");
    assert_eq!(found(&[lib, ("a.rs", "use crate::B;"), ("b.rs", "use crate::A; pub struct B;")]), [""; 0]);
}

#[test]
fn what_comes_by_a_glob_of_the_parent_is_the_siblings_that_defines_it() {
    let files = [
        ("lib.rs", "mod a;"),
        ("a.rs", "mod one; mod two; use one::One;"),
        ("a/one.rs", "pub struct One; use super::two::Two;"),
        ("a/two.rs", "use super::*; pub struct Two; fn f(_: One) {}"),
    ];
    assert_eq!(through(&files), ["a/one.rs", "a/two.rs"]);
}

#[test]
fn folders_that_import_each_other_are_found_whichever_of_their_files_do() {
    let files = [
        ("lib.rs", TWO),
        ("a.rs", "mod one; mod two;"),
        ("b.rs", "mod one; mod two;"),
        ("a/one.rs", "use crate::b::one::B;"),
        ("a/two.rs", "pub struct A;"),
        ("b/one.rs", "pub struct B;"),
        ("b/two.rs", "use crate::a::two::A;"),
    ];
    assert_eq!(through(&files), ["a/one.rs", "b/two.rs"]);
}

#[test]
fn a_child_names_its_parent_and_a_parent_its_child() {
    let files = [
        ("lib.rs", "mod a;"),
        ("a/mod.rs", "mod child; pub struct A; pub use child::Child;"),
        ("a/child.rs", "use super::A; pub struct Child(A);"),
    ];
    assert_eq!(found(&files), [""; 0]);
}

#[test]
fn what_only_tests_compile_is_not_looked_at() {
    let a = ("a.rs", "use crate::b::B; pub struct A;");
    for b in [
        "pub struct B; #[cfg(test)] mod tests { use crate::a::A; }",
        "pub struct B; #[cfg(all(test, unix))] mod tests;",
        "pub struct B; #[cfg(test)] use crate::a::A;",
        "pub struct B; impl B { #[cfg(test)] fn f(_: crate::a::A) {} }",
    ] {
        assert_eq!(found(&[("lib.rs", TWO), a, ("b.rs", b)]), [""; 0], "{b}");
    }
    for b in [
        "pub struct B; #[cfg(any(test, feature = \"testing\"))] mod tests { use crate::a::A; }",
        "pub struct B; #[cfg(not(test))] use crate::a::A;",
    ] {
        assert_eq!(through(&[("lib.rs", TWO), a, ("b.rs", b)]).len(), 2, "{b}");
    }
}

#[test]
fn names_of_other_crates_and_variables_are_nobodys() {
    let a = ("a.rs", "use crate::b::B; pub struct A;");
    let b = ("b.rs", "use ::a::A; use url::a; pub struct B; fn f(a: A) { a::b(); g!(a: a) }");
    assert_eq!(found(&[("lib.rs", TWO), a, b]), [""; 0]);
}

#[test]
fn a_file_that_is_missing_or_does_not_parse_is_an_error() {
    let missing = circles(Path::new("lib.rs"), &|path| path.ends_with("lib.rs").then(|| TWO.to_owned()));
    assert!(missing.unwrap_err().contains("no file of `mod a`"));
    assert!(circles(Path::new("lib.rs"), &|_| Some("fn".to_owned())).is_err());
}
