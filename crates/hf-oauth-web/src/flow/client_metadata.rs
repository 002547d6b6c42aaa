//! The document about an app that nobody registered, for the provider that its client id leads here.

use serde_json::json;

use crate::reply::Reply;
use crate::runtime::Runtime;

/// How long a provider may use it: a changed name is seen soon, and a login costs no fetch.
const CACHED: &str = "public, max-age=300";

/// The same for everybody, whatever the request says. Not found where the app is registered.
pub(crate) fn client_metadata(runtime: &Runtime) -> Reply {
    match &runtime.client_metadata {
        Some(document) => Reply::json_text(200, document.clone()).with("cache-control", CACHED),
        None => Reply::json(404, &json!({ "error": "not_found" })),
    }
}
