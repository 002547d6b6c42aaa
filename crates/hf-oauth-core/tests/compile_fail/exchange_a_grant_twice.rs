//! A code is sent once.

use hf_oauth_core::{App, Grant, Hub};

fn twice(grant: Grant, app: &App, hub: &Hub) {
    let _ = grant.exchange(app, hub);
    let _ = grant.exchange(app, hub);
}

fn main() {}
