//! The command line.

use std::net::{TcpListener, TcpStream};

use crate::support::folder::Folder;
use crate::support::program::{Program, hf_oauth};

/// Exit code, standard output, standard error.
fn run<'a>(args: impl IntoIterator<Item = &'a str>) -> (i32, String, String) {
    let (status, out, err) = Program::start(hf_oauth(args)).end();
    (status.code().unwrap(), out, err)
}

#[test]
fn help_says_what_there_is_on_standard_output() {
    let (code, out, err) = run(["--help"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("demo") && out.contains("hub"), "{out}");
    for (command, options) in [
        (
            "demo",
            &[
                "--port",
                "7860",
                "--hub-port",
                "--hub-config",
                "--space",
                "hub.toml",
                "OAUTH_CLIENT_ID",
                "HF_INFERENCE_ENDPOINT",
            ][..],
        ),
        (
            "hub",
            &[
                "--port",
                "5555",
                "--issuer",
                "--config",
                "--space",
                "--control",
                "--no-frames",
                "--lax-cookie",
            ][..],
        ),
    ] {
        let (code, out, err) = run([command, "--help"]);
        assert_eq!((code, err.as_str()), (0, ""), "{command}");
        let missing: Vec<_> = options.iter().filter(|option| !out.contains(**option)).collect();
        assert!(missing.is_empty(), "{command}: {missing:?} in\n{out}");
    }
    let (code, out, _) = run(["--version"]);
    assert_eq!((code, out), (0, format!("hf-oauth {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn wrong_usage_is_exit_code_2() {
    for args in [
        &[][..],
        &["login-everywhere"][..],
        &["hub", "--prot", "1"][..],
        &["hub", "--port", "70000"][..],
        &["demo", "--port", "http"][..],
        &["demo", "extra"][..],
    ] {
        let (code, out, err) = run(args.iter().copied());
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(err.contains("Usage:") || err.contains("--help"), "{args:?}: {err}");
    }
    let (_, _, err) = run(["hub", "--prot", "1"]);
    assert!(err.contains("--prot"), "what is wrong: {err}");
}

#[test]
fn row_184_an_empty_value_is_refused_and_nobody_is_asked() {
    // Whoever asks connects here.
    let hub = TcpListener::bind("127.0.0.1:0").unwrap();
    hub.set_nonblocking(true).unwrap();
    let endpoint = format!("http://{}", hub.local_addr().unwrap());
    for (args, option) in [
        (&["login", "--scope", ""][..], "--scope"),
        (&["login", "--scope", "openid", "--scope="][..], "--scope"),
        (&["login", "--client-id", "", "--json"][..], "--client-id"),
        (&["login", "--token-stdin", "--name", " "][..], "--name"),
        (&["logout", "--name", ""][..], "--name"),
        (&["hub", "--port", "0", "--config", ""][..], "--config"),
        (&["demo", "--hub-config="][..], "--hub-config"),
        (&["hub", "--space", ""][..], "--space"),
    ] {
        let mut command = hf_oauth(args.iter().copied());
        command.env("HF_ENDPOINT", &endpoint);
        let (status, out, err) = Program::start(command).end();
        assert_eq!((status.code(), out.as_str()), (Some(2), ""), "{args:?}: {err}");
        let said = format!("error: {option} has an empty value");
        assert!(err.starts_with(&said) && err.contains("is it set?"), "{args:?}: {err}");
    }
    assert!(hub.accept().is_err(), "somebody asked the Hub");
}

#[test]
fn a_port_in_use_is_exit_code_1_and_says_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for args in [["demo", "--port", &port], ["hub", "--port", &port], ["demo", "--hub-port", &port]] {
        // The demo's own port is free in the last one.
        let more = if args[1] == "--hub-port" { &["--port", "0"][..] } else { &[] };
        let (code, out, err) = run(args.into_iter().chain(more.iter().copied()));
        assert_eq!((code, out.as_str()), (1, ""), "{args:?}: {err}");
        assert!(
            err.starts_with("error: ") && err.contains(&port) && err.contains("choose another"),
            "{args:?}: {err}"
        );
    }
}

#[test]
fn a_mistake_in_hub_toml_is_named_with_file_line_and_key() {
    let folder = Folder::new();
    for (text, line, key) in [
        ("[[users]]\nusername = \"mary\"\nprro = true\n", 3, "users[0].prro"),
        ("[[users]]\nname = \"Mary\"\n", 1, "users[0]"),
        ("\n[lifetimes]\ncode = 0\n", 3, "lifetimes.code"),
        ("[[apps]]\nclient_id = \"a\"\nredirect_uris = [\n  \"no-url\",\n]\n", 4, "apps[0].redirect_uris[0]"),
    ] {
        let file = folder.file("hub.toml", text);
        let file = file.to_str().unwrap();
        for args in [["hub", "--port", "0", "--config", file], ["demo", "--port", "0", "--hub-config", file]]
        {
            let (code, out, err) = run(args);
            assert_eq!((code, out.as_str()), (1, ""), "{err}");
            assert!(err.contains(&format!("{file}:{line}: `{key}")), "{key} in line {line}: {err}");
        }
    }
    let missing = folder.path().join("missing.toml");
    let (code, _, err) = run(["hub", "--config", missing.to_str().unwrap()]);
    assert!(code == 1 && err.contains("missing.toml") && err.contains("because: "), "{err}");
}

#[test]
fn an_issuer_that_others_could_reach_is_refused() {
    let (code, out, err) = run(["hub", "--port", "0", "--issuer", "http://hub.example.com"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("hub.example.com"), "{err}");
}

#[test]
fn a_space_that_would_rehearse_nothing_is_refused_and_told_where_it_can_be() {
    let space = "http://localhost:7860";
    let (code, out, err) = run(["hub", "--port", "0", "--issuer", "http://localhost:5555", "--space", space]);
    assert_eq!((code, out.as_str()), (1, ""));
    for words in ["same site", space, "http://127.0.0.1:7860", "--issuer"] {
        assert!(err.contains(words), "{words}: {err}");
    }
    let (code, out, err) = run(["hub", "--port", "0", "--space", "http://127.0.0.1:7860/app"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("http://127.0.0.1:7860/app") && err.contains("a whole origin"), "{err}");
}

/// Somebody who has another app's environment at hand rehearses this one all the same.
#[test]
fn the_demo_as_a_space_does_not_look_at_an_app_in_the_environment() {
    let mut command = hf_oauth(["demo", "--port", "0", "--space"]);
    command.env("OAUTH_CLIENT_ID", "another").env("OPENID_PROVIDER_URL", "https://hub.example");
    command.env("SPACE_ID", "ada/engine").env("SPACE_HOST", "ada-engine.hf.space");
    let mut program = Program::start(command);
    let demo = program.line(|line| line.strip_prefix("Demo:").map(|rest| rest.trim().to_owned()));
    // Not the container's network, which others reach.
    assert!(demo.starts_with("http://127.0.0.1:"), "{demo}");
    let hub = program.line(|line| line.strip_prefix("Local Hub:").map(|rest| rest.trim().to_owned()));
    let space = program.line(|line| line.strip_prefix("Space:").map(|rest| rest.trim().to_owned()));
    assert!(hub.starts_with("http://localhost:"), "{hub}");
    assert!(space.starts_with("http://localhost:") && space.ends_with("/spaces/local/space"), "{space}");
}

/// A server listens on the container's network in a Space, and on no network where somebody plays one on their own machine.
#[test]
fn the_demo_listens_on_loopback_alone_where_a_space_is_played() {
    let mut command = hf_oauth(["demo", "--port", "0"]);
    for (name, value) in [
        ("OAUTH_CLIENT_ID", "an-app"),
        ("OAUTH_CLIENT_SECRET", "4f3c2b1a-9d8e-4f6a-8b5c-0d1e2f3a4b5c"),
        ("OAUTH_SCOPES", "openid profile"),
        ("OPENID_PROVIDER_URL", "http://localhost:9"),
        ("SPACE_ID", "local/space"),
        ("SPACE_HOST", "127.0.0.1:7860"),
    ] {
        command.env(name, value);
    }
    let mut program = Program::start(command);
    let demo = program.line(|line| line.strip_prefix("Demo:").map(|rest| rest.trim().to_owned()));
    let port: u16 = demo.rsplit(':').next().unwrap().parse().unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    // All of 127.0.0.0/8 is this machine, and what listens on every address listens there too.
    assert!(TcpStream::connect(("127.0.0.2", port)).is_err(), "it listens beyond 127.0.0.1");
}
