//! Every command's output, byte for byte; `login`'s is beside its other tests.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use super::machine::Machine;
use crate::support::golden::{compare_text, without_dates, without_numbers_after};
use crate::support::hub::Hub;

fn compare(name: &str, machine: &Machine, args: &[&str]) {
    let command = format!("$ hf-oauth {}\n", args.join(" "));
    compare_text(name, &format!("{command}{}", machine.run(args.iter().copied()).transcript()));
}

#[test]
fn nobody_is_signed_in() {
    let nobody = Machine::new();
    compare("nobody_token.txt", &nobody, &["token"]);
    compare("nobody_whoami.txt", &nobody, &["whoami", "--json"]);
    compare("nobody_status.txt", &nobody, &["status"]);
    compare("nobody_status_json.txt", &nobody, &["status", "--json"]);
    compare("nobody_list.txt", &nobody, &["list"]);
    compare("nobody_logout.txt", &nobody, &["logout"]);
    compare("nobody_switch.txt", &nobody, &["switch"]);
    compare("nobody_exec.txt", &nobody, &["exec", "--", "true"]);
}

#[test]
fn two_logins() {
    let machine = Machine::signed_in();
    compare("token.txt", &machine, &["token"]);
    compare("list.txt", &machine, &["list"]);
    compare("list_json.txt", &machine, &["list", "--json"]);
    compare("status_offline.txt", &machine, &["status", "--offline"]);
    compare("status_unreachable.txt", &machine, &["status"]);
    compare("status_json.txt", &machine, &["status", "--json", "--offline"]);
    compare("whoami_unreachable.txt", &machine, &["whoami", "--json"]);
    compare("exec.txt", &machine, &["exec", "--", "sh", "-c", "echo \"$HF_TOKEN\"; exit 42"]);
    compare("exec_missing.txt", &machine, &["exec", "--", "no-such-program"]);
    let host = "protocol=http\nhost=127.0.0.1:1\n\n";
    let done = machine.ask(["git-credential", "get"], host).transcript();
    compare_text("git_credential.txt", &format!("$ hf-oauth git-credential get\n{done}"));
    compare("switch_which.txt", &machine, &["switch"]);
    compare("switch_unknown.txt", &machine, &["switch", "play"]);
    compare("switch.txt", &machine, &["switch", "home"]);
    assert_eq!(machine.read("token").unwrap(), "hf_aaaaaaaaaaaaaaaaaaaahome");
    compare("logout_unknown.txt", &machine, &["logout", "--name", "play"]);
    compare("logout.txt", &machine, &["logout"]);
    assert_eq!(machine.read("token"), None);
    compare("logout_which.txt", &machine, &["logout"]);
    compare("logout_all.txt", &machine, &["logout", "--all"]);
    assert_eq!(machine.read("stored_tokens"), None);
}

#[test]
fn a_variable_overrides_the_login() {
    let machine = Machine::signed_in().with("HF_TOKEN", "hf_dddddddddddddddddddddddenv");
    compare("env_list.txt", &machine, &["list"]);
    compare("env_status.txt", &machine, &["status", "--offline"]);
    compare("env_switch.txt", &machine, &["switch", "home"]);
    compare("env_logout.txt", &machine, &["logout", "--name", "work"]);
}

#[test]
fn an_expired_token_without_a_refresh_token() {
    let machine = Machine::signed_in();
    machine.write(
        "stored_tokens",
        "[old]\nhf_token = hf_oauth_bbbbbbbbbbbbbbbbwork\nexpires_at = 1000000000\n\n",
    );
    compare("expired_token.txt", &machine, &["token"]);
    let status = machine.run(["status", "--offline"]);
    assert_eq!(status.code, 3);
    assert!(status.out.contains(" d ago (2001-09-09 01:46 UTC)"), "{}", status.out);
}

#[test]
fn a_token_file_that_holds_no_token() {
    let machine = Machine::signed_in();
    machine.write("token", "hf_a\u{1b}b");
    compare("junk_token.txt", &machine, &["token"]);
    machine.write("token", "hf_oauth_bbbbbbbbbbbbbbbbwork");
    machine.write("stored_tokens", "no INI file");
    let junk = Machine::signed_in().with("HF_TOKEN", "hf_a\u{1b}b");
    compare("junk_variable.txt", &junk, &["whoami"]);
    compare("corrupt_list.txt", &machine, &["list", "--json"]);
}

#[test]
fn what_packagers_and_shells_read() {
    let machine = Machine::new();
    for (name, args) in [("man.txt", &["man"][..]), ("completions_fish.txt", &["completions", "fish"])] {
        let done = machine.run(args.iter().copied());
        let text = done.transcript().replace(env!("CARGO_PKG_VERSION"), "VERSION");
        compare_text(name, &format!("$ hf-oauth {}\n{text}", args.join(" ")));
    }
}

#[test]
fn what_is_wrong_with_a_setup() {
    let machine = Machine::signed_in()
        .with("HF_STORED_TOKENS_PATH", "~/.cache/huggingface/names")
        .with("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
        .with("HF_TOKEN", " ");
    machine.write("names", "{\"work\": {}}");
    fs::set_permissions(machine.path("token"), fs::Permissions::from_mode(0o644)).unwrap();
    compare("warnings_status.txt", &machine, &["status", "--offline"]);
    compare("warnings_list.txt", &machine, &["list", "--json"]);
    assert_eq!(machine.read("names").unwrap(), "{\"work\": {}}", "another tool's file is left alone");
}

#[test]
fn a_hub_that_refuses() {
    let hub = Hub::start("");
    let machine = Machine::signed_in().with("HF_ENDPOINT", &hub.url);
    compare("refused_whoami.txt", &machine, &["whoami", "--json"]);
    compare("refused_status.txt", &machine, &["status"]);
    let machine = machine.with("HF_TOKEN", "hf_dddddddddddddddddddddddenv");
    compare("refused_env_whoami.txt", &machine, &["whoami"]);
}

#[tokio::test]
async fn a_hub_that_accepts() {
    let hub = Hub::start("");
    let machine = super::refresh::signed_in(&hub, 4 * 24 * 3_600).await;
    for (name, args) in [
        ("whoami.txt", &["whoami"][..]),
        ("whoami_json.txt", &["whoami", "--json"]),
        ("status.txt", &["status"]),
        ("accepted_status_json.txt", &["status", "--json"]),
    ] {
        let done = machine.run(args.iter().copied());
        let token = machine.read("token").unwrap();
        let text = done.transcript().replace(&token[token.len() - 4..], "LAST");
        let text = without_numbers_after("\"expires_at\":", "TIME", &text);
        compare_text(name, &format!("$ hf-oauth {}\n{}", args.join(" "), without_dates(&text)));
    }
}

#[tokio::test]
async fn a_hub_that_says_why_it_refuses() {
    let hub = Hub::start("");
    let machine = Machine::signed_in().with("HF_ENDPOINT", &hub.url);
    for (name, code, message) in [
        (
            "gated.txt",
            "GatedRepo",
            "Access to model ada/engine is restricted. Visit HUB/ada/engine to ask for access.",
        ),
        ("forbidden.txt", "", "You may not do this"),
        ("missing_scope.txt", "", "The token needs the scope read-repos"),
        (
            "sso.txt",
            "Forbidden",
            "The organisation royal-society enforces single sign-on: HUB/organizations/royal-society",
        ),
    ] {
        let headers = json!({ "X-Error-Code": code, "X-Error-Message": message.replace("HUB", &hub.url) });
        let order = json!({ "html": 403, "headers": headers, "endpoint": "whoami", "times": 1 });
        hub.control("faults", order).await;
        compare(name, &machine, &["whoami"]);
    }
    hub.control("faults", json!({ "html": 502, "endpoint": "whoami", "times": 1 })).await;
    compare("bad_gateway.txt", &machine, &["whoami"]);
}
