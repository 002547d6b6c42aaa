//! The vectors that also run as WebAssembly, natively.

#[path = "../examples/vectors/checks.rs"]
mod checks;

#[test]
fn every_vector_holds() {
    assert_eq!(checks::run(), 45);
}
