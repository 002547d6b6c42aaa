//! Who and what is there when nothing is configured.

use super::{AppConfig, OrgConfig, UserConfig};

/// The id of the default app.
pub(crate) const LOCAL_APP: &str = "local-app";

/// The public client of `hf auth login`.
pub(crate) const COMMAND_LINE: &str = "26be6b09-91c5-47da-9861-d2d2bb7a7e36";

/// Ada has everything, Grace no organisation, Linus 200, Alan one that demands SSO.
pub(crate) fn personas() -> Vec<UserConfig> {
    let mut ada = UserConfig::new("ada")
        .name("Ada Lovelace")
        .email("ada@example.com")
        .pro(true)
        .org(OrgConfig::new("analytical-engine").name("Analytical Engine").role("admin").plan("team"))
        .org(OrgConfig::new("royal-society").name("Royal Society").role("read").plan("enterprise"));
    ada.website = Some("https://example.com/ada".to_owned());
    ada.can_pay = true;
    let grace = UserConfig::new("grace").name("Grace Hopper").email("grace@example.com");
    let mut linus = UserConfig::new("linus").name("Linus Pauling").email("linus@example.com").pro(true);
    linus.orgs = (1..=200).map(laboratory).collect();
    let sso = OrgConfig::new("bletchley-park").name("Bletchley Park").role("write").plan("enterprise");
    let alan =
        UserConfig::new("alan").name("Alan Turing").email("alan@example.com").org(sso.restricted_by("sso"));
    vec![ada, grace, linus, alan]
}

fn laboratory(number: usize) -> OrgConfig {
    let role = ["read", "contributor", "write", "admin"][number % 4];
    OrgConfig::new(format!("laboratory-{number:03}")).name(format!("Laboratory {number}")).role(role)
}

/// The app of a developer who has registered none.
pub(crate) fn local_app() -> AppConfig {
    ["localhost", "127.0.0.1", "[::1]"]
        .into_iter()
        .fold(AppConfig::public(LOCAL_APP).name("Local app"), |app, host| {
            app.redirect_uri(format!("http://{host}/oauth/huggingface/callback"))
        })
}

/// The app of `hf auth login`: it asks for no scope and gets these, for 30 days.
pub(crate) fn command_line() -> AppConfig {
    AppConfig::public(COMMAND_LINE).name("Hugging Face CLI").expiration_minutes(30 * 24 * 60).scopes([
        "openid",
        "profile",
        "email",
        "read-billing",
        "read-memberships",
        "read-repos",
        "gated-repos",
        "contribute-repos",
        "write-repos",
        "manage-repos",
        "read-collections",
        "write-collections",
        "inference-api",
        "read-endpoints",
        "write-endpoints",
        "jobs",
        "webhooks",
        "write-discussions",
        "read-mcp",
    ])
}
