//! `demo --static` serves the files of `examples/page` and nothing else.

use std::fs;
use std::path::Path;

use super::files::example;
use super::steps::{hub, page_of};
use crate::support::demo::Demo;
use crate::support::http;
use crate::support::program::{Program, hf_oauth};

#[tokio::test]
async fn the_static_demo_serves_exactly_the_files_of_the_example() {
    let page = Demo::static_page();
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/page"));
    let names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let served = names.iter().filter(|name| *name != "README.md");
    for name in served.clone() {
        let answer = http::get(&page.at(&format!("/{name}"))).await;
        assert_eq!(answer.status(), 200, "{name}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{name}");
        let (text, file) = (answer.text().await.unwrap(), example(name).unwrap());
        match name.as_str() {
            "config.js" => assert!(text.contains("window.HF_OAUTH_CLIENT_ID = \"local-app\""), "{text}"),
            "index.html" => {
                let here = text.replace(&page.provider, "HUB");
                let there = file.replace("https://huggingface.co https://router.huggingface.co", "HUB");
                assert_eq!(here, there.replace("img-src 'self' https:;", "img-src 'self' https: HUB;"));
            }
            _ => assert_eq!(text, file, "{name}"),
        }
    }
    assert!(served.count() > 8, "{names:?}");
    assert_eq!(http::get(&page.at("/api/me")).await.status(), 404, "there is no server behind it");
}

#[tokio::test]
async fn the_static_demo_of_another_provider_names_its_addresses() {
    let hub = hub("");
    let page = page_of(&hub);
    let index = http::get(&page.url).await.text().await.unwrap();
    assert!(index.contains(&format!("connect-src {};", hub.url)), "{index}");
    let config = http::get(&page.at("/config.js")).await.text().await.unwrap();
    assert!(config.contains("\"page\"") && config.contains(&hub.url), "{config}");
}

#[test]
fn the_static_demo_needs_the_client_id_of_another_providers_app() {
    let mut command = hf_oauth(["demo", "--static", "--port", "0"]);
    command.env("OPENID_PROVIDER_URL", "https://huggingface.co");
    let (status, _, err) = Program::start(command).end();
    assert_eq!(status.code(), Some(1));
    assert!(err.contains("OAUTH_CLIENT_ID is not set"), "{err}");
}

/// The built module in the example is what is copied into other pages: one file that needs nothing else.
#[test]
fn the_copied_module_is_one_file_without_imports() {
    let module = example("hf-sign-in.js").unwrap();
    assert!(module.contains("export{") && !module.contains("import{") && !module.contains("eval("));
}
