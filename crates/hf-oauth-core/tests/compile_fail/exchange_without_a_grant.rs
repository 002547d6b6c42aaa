//! A pending login cannot skip the check of its redirect.

use hf_oauth_core::{App, Hub, PendingLogin};

fn skip(pending: PendingLogin, app: &App, hub: &Hub) {
    let _ = pending.exchange(app, hub);
}

fn main() {}
