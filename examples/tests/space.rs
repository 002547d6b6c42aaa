//! `deploy/space` as Docker builds it and a Space runs it, without Docker: the steps of its Dockerfile in a folder, with the
//! crates of this repository in the place of the published ones.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, and says why it did")]
#![expect(clippy::print_stdout, reason = "what a test leaves out is said aloud")]

#[path = "space/dockerfile.rs"]
mod dockerfile;
#[path = "space/running.rs"]
mod running;

use std::fs;
use std::path::{Path, PathBuf};

use dockerfile::{Build, Dockerfile};
use running::Space;

fn context() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/space").canonicalize().unwrap()
}

fn dockerfile() -> Dockerfile {
    Dockerfile::parse(&fs::read_to_string(context().join("Dockerfile")).unwrap())
}

#[tokio::test]
async fn it_is_built_by_its_dockerfile_signs_in_as_a_space_and_ends_on_sigterm() {
    let dockerfile = dockerfile();
    let build = Build::new(&context());
    let outputs = build.run(dockerfile.stage("build"));
    let [dependencies, app] = outputs.as_slice() else { panic!("two steps run cargo: {outputs:#?}") };
    assert!(dependencies.contains("space v0.1.0"), "{dependencies}");
    // The layers: the second step compiles the app and nothing of what it stands on.
    let compiled: Vec<_> = app.lines().filter(|line| line.trim_start().starts_with("Compiling")).collect();
    assert!(compiled.len() == 1 && compiled[0].contains("Compiling space "), "{app}");

    let program = build.path_of_command(&dockerfile);
    let space = Space::start(&program).await;
    let mut browser = space.browser();
    assert!(browser.get("/").await.body.contains("Sign in with Hugging Face"));
    let closed = browser.get("/me").await;
    assert_eq!(closed.status, 303, "{}", closed.body);
    let begun = browser.get(&closed.location).await;
    assert!(begun.location.contains("email"), "the scopes of the metadata: {}", begun.location);
    let back = space.hub.approve(&begun.location, "ada").await.unwrap();
    assert!(back.starts_with("https://ada-app.hf.space/oauth/huggingface/callback?"), "{back}");
    assert_eq!(browser.get(&back).await.location, "/me");
    assert_eq!(browser.get("/me").await.body, "You are Ada Lovelace, of ada@example.com.\n");
    let cookies: Vec<_> = browser.cookies.keys().collect();
    assert!(!cookies.is_empty() && cookies.iter().all(|name| name.starts_with("__Host-")), "{cookies:?}");
    assert!(browser.get("/").await.body.contains("Hello Ada Lovelace!"));

    // Somebody holds a connection with half a request, and the Space ends all the same.
    let _half = space.half_a_request().await;
    assert_eq!(space.stop().await, Some(0));
}

#[test]
fn the_image_is_as_spaces_want_it() {
    let (dockerfile, readme) = (dockerfile(), fs::read_to_string(context().join("README.md")).unwrap());
    let metadata: Vec<_> = readme.split("---\n").nth(1).unwrap().lines().collect();
    for line in ["sdk: docker", "app_port: 7860", "hf_oauth: true", "hf_oauth_scopes:", "  - email"] {
        assert!(metadata.contains(&line), "{line}: {metadata:?}");
    }
    let last = dockerfile.last_stage();
    let all =
        |name: &str| last.iter().filter(|it| it.name == name).map(|it| it.rest.as_str()).collect::<Vec<_>>();
    assert_eq!(all("EXPOSE"), ["7860"]);
    assert_eq!(all("USER"), ["user"]);
    assert!(all("RUN").iter().any(|run| run.contains("useradd") && run.contains("--uid 1000 user")));
    assert!(all("RUN").iter().any(|run| run.contains("ca-certificates")));
    assert!(all("ENTRYPOINT").is_empty());
    // The same Debian: what one links against the other has.
    let froms: Vec<_> = dockerfile.instructions.iter().filter(|it| it.name == "FROM").collect();
    assert!(froms.len() == 2 && froms.iter().all(|from| from.rest.contains("trixie")), "{froms:?}");
    // What the source needs comes before the source.
    let build = dockerfile.stage("build");
    let at = |what: &str| build.iter().position(|it| it.rest.contains(what)).unwrap();
    assert!(at("Cargo.toml") < at("cargo build") && at("cargo build") < at("src ./src"));
    let rust_version =
        include_str!("../../Cargo.toml").lines().find(|line| line.starts_with("rust-version")).unwrap();
    let rust_version = rust_version.split('"').nth(1).unwrap();
    assert!(froms[0].rest.contains(&format!("rust:{rust_version}-")), "{froms:?}");
    let manifest = include_str!("../../deploy/space/Cargo.toml");
    assert!(manifest.contains(&format!("rust-version = \"{rust_version}\"")));
    assert!(!manifest.contains("path ="), "it stands on what is published");
}
