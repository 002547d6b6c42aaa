//! A check that was skipped does not compile: one program for each.

#![cfg(feature = "wire")]

#[test]
fn row_003_a_login_is_not_finished_twice_and_no_check_can_be_skipped() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
