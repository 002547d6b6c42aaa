//! A login is finished once: the second redirect finds nothing.

use hf_oauth_core::{CallbackParams, Hub, PendingLogin, UnixTime};

fn twice(pending: PendingLogin, hub: &Hub, first: CallbackParams, second: CallbackParams, now: UnixTime) {
    let _ = pending.accept(hub, first, now);
    let _ = pending.accept(hub, second, now);
}

fn main() {}
