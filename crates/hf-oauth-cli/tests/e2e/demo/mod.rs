//! `hf-oauth demo` in a real browser: the main job, and everything that a person can meet on the way.

mod accounts;
mod cookies;
mod cross_site;
mod instances;
mod keyboard;
mod looks;
mod permissions;
mod tabs;
mod whole_way;

/// The default app of the local Hub, with keys of its own.
fn local_app(keys: &str) -> String {
    format!(
        "[[apps]]\nclient_id = \"local-app\"\nname = \"Local app\"\n{keys}\nredirect_uris = [\n\
         \"http://localhost/oauth/huggingface/callback\", \"http://127.0.0.1/oauth/huggingface/callback\"]\n"
    )
}
