//! The page without a server (`examples/page`, served by `hf-oauth demo --static`) in a real browser.

mod looks;
mod steps;
