//! The page without a server (`examples/page`, served by `hf-oauth demo --static`) in a real browser.

mod accessible;
mod answers;
mod checks;
mod copies;
mod files;
mod frames;
mod guide;
mod hostile;
mod looks;
mod others;
mod plain_http;
mod problems;
mod served;
mod speed;
mod steps;
mod storage;
mod tabs;
mod vectors;
mod whole_way;
