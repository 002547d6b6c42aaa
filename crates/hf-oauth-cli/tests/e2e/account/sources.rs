//! Where the token comes from, hostile files and hostile names.

use super::machine::Machine;

#[test]
fn row_137_the_first_source_wins_and_blanks_are_none() {
    let token = |machine: Machine| machine.run(["token"]).out;
    assert_eq!(token(Machine::signed_in()), "hf_oauth_bbbbbbbbbbbbbbbbwork\n");
    let both = || Machine::signed_in().with("HF_TOKEN", " hf_new\n").with("HUGGING_FACE_HUB_TOKEN", "hf_old");
    assert_eq!(token(both()), "hf_new\n");
    assert_eq!(token(Machine::signed_in().with("HUGGING_FACE_HUB_TOKEN", "hf_old")), "hf_old\n");
    assert_eq!(token(Machine::signed_in().with("HF_TOKEN", "\r\n ")), "hf_oauth_bbbbbbbbbbbbbbbbwork\n");
    assert_eq!(token(Machine::signed_in().with("HF_TOKEN", "")), "hf_oauth_bbbbbbbbbbbbbbbbwork\n");
}

#[test]
fn row_137_paths_are_pythons() {
    let machine = Machine::signed_in();
    for (name, value) in [
        ("HF_HOME", "~/.cache/huggingface"),
        ("HF_HOME", "$HOME/.cache/huggingface"),
        ("XDG_CACHE_HOME", "~/.cache"),
        ("HF_TOKEN_PATH", "${HOME}/.cache/huggingface/token"),
    ] {
        let done = Machine::signed_in().with(name, value).run(["token"]);
        assert_eq!(done.out, "hf_oauth_bbbbbbbbbbbbbbbbwork\n", "{name}={value}: {done:?}");
    }
    let elsewhere = machine.with("HF_HOME", "/nonexistent").run(["token"]);
    assert_eq!((elsewhere.code, elsewhere.out.as_str()), (3, ""));
}

#[test]
fn row_137_a_token_of_the_environment_leaves_the_files_alone() {
    let machine = Machine::signed_in().with("HF_TOKEN", "hf_env");
    machine.write("stored_tokens", "not an INI file");
    assert_eq!(machine.run(["token"]).out, "hf_env\n");
    assert_eq!(machine.read("stored_tokens").unwrap(), "not an INI file");
}

#[test]
fn row_138_a_token_without_a_name_is_used_as_it_is_and_junk_is_an_error() {
    let machine = Machine::signed_in();
    machine.write("token", "hf_of_another_tool\r\n");
    assert_eq!(machine.run(["token"]).out, "hf_of_another_tool\n");
    for junk in [&b"hf_a\0b"[..], &b"\xff\xfeh\0f\0_\0"[..], &vec![b'a'; (1 << 20) + 1]] {
        machine.write("token", junk);
        let done = machine.run(["token"]);
        assert_eq!((done.code, done.out.as_str()), (6, ""), "{done:?}");
        assert!(done.err.contains("next: "), "{}", done.err);
    }
}

#[test]
fn row_118_a_hostile_name_does_not_steer_the_terminal() {
    let machine = Machine::signed_in();
    let name = "a\u{9b}31mb\u{202e}c\u{1b}]8;;http://evil\u{7}d";
    machine.write("stored_tokens", format!("[{name}]\nhf_token = hf_oauth_bbbbbbbbbbbbbbbbwork\n\n"));
    for args in [
        &["list"][..],
        &["list", "--json"],
        &["status"],
        &["status", "--json"],
        &["switch"],
        &["switch", name],
    ] {
        let done = machine.run(args.iter().copied());
        let hostile = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}');
        assert!(!done.out.contains(hostile) && !done.err.contains(hostile), "{args:?}: {done:?}");
    }
    let listed: serde_json::Value = serde_json::from_str(&machine.run(["list", "--json"]).out).unwrap();
    assert_eq!(listed["logins"][0]["name"], name, "programs get the name as it is");
}

#[test]
fn row_139_short_and_foreign_tokens_are_masked_without_a_panic() {
    for token in ["é", "hf_", "ключключключключ", "🤗🤗🤗🤗🤗🤗🤗🤗🤗🤗🤗🤗🤗🤗🤗🤗🤗🤗"]
    {
        let machine = Machine::signed_in();
        machine.write("stored_tokens", format!("[name]\nhf_token = {token}\n\n"));
        machine.write("token", token);
        for args in [&["list"][..], &["status", "--offline"]] {
            let done = machine.run(args.iter().copied());
            assert_eq!(done.code, 0, "{done:?}");
            assert!(!done.out.contains(token), "{done:?}");
        }
    }
}

#[test]
fn row_192_no_command_shows_the_password_of_an_address() {
    for endpoint in [
        "https://user:PASSWORD@127.0.0.1:1",
        "https://user:PASS@PASSWORD@hub.example/x",
        "https://127.0.0.1:1/?t=PASSWORD",
    ] {
        let machine = || {
            let machine = Machine::signed_in().with("HF_ENDPOINT", endpoint);
            // Ends soon, so that it is due for a refresh.
            let soon =
                std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() + 600;
            let stored = machine.read("stored_tokens").unwrap().replace("4102444800", &soon.to_string());
            machine.write("stored_tokens", stored);
            machine
        };
        for args in [
            &["status"][..],
            &["status", "--json"],
            &["status", "--offline"],
            &["status", "--offline", "--json"],
            &["token"],
            &["whoami"],
            &["whoami", "--json"],
            &["list"],
            &["list", "--json"],
            &["exec", "--", "true"],
            &["switch", "home"],
            &["login"],
            &["login", "--json"],
            &["login", "--token-stdin"],
            &["git-credential", "get"],
            &["logout"],
            &["logout", "--all"],
            &["hub", "--port", "0", "--issuer", endpoint],
            &["hub", "--port", "0", "--inference-upstream", endpoint],
        ] {
            if args[0] == "hub" && !endpoint.contains('@') {
                continue;
            }
            let question = "protocol=https\nhost=hub.example\n\n";
            let done = machine().ask(args.iter().copied(), question);
            let said = format!("{}{}", done.out, done.err);
            assert!(!said.contains("PASSWORD"), "{args:?}: {said}");
        }
        // What no command can use is said, once, by all that speak of the Hub.
        for args in [
            &["status", "--offline"][..],
            &["status"],
            &["status", "--offline", "--json"],
            &["token"],
            &["whoami"],
        ] {
            let done = machine().run(args.iter().copied());
            let said = format!("{}{}", done.out, done.err);
            assert!(said.contains("no address of a Hub"), "{args:?}: {said}");
            assert!(
                !args.contains(&"status") || said.matches("HF_ENDPOINT is no address").count() == 1,
                "{args:?}: {said}"
            );
        }
        let shown = machine().run(["status", "--offline", "--json"]);
        let shown: serde_json::Value = serde_json::from_str(&shown.out).unwrap();
        let address = shown["endpoint"].as_str().unwrap();
        assert!(address.contains("127.0.0.1:1") || address.contains("hub.example"), "{address}");
    }
}
