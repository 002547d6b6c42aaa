//! Pages of others.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use crate::support::browser::Browser;
use crate::support::demo::Demo;
use crate::support::steps::PROFILE;

/// A page on a port of its own that may do whatever a page can do; gives the port. It ends with the test.
fn page_of_others() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            // A browser opens connections in advance and says nothing on them.
            thread::spawn(move || {
                let _ = connection.read(&mut [0; 8192]);
                let page = "<!doctype html><title>Others</title><p>Win a prize";
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n";
                let _ = write!(connection, "{head}content-length: {}\r\n\r\n{page}", page.len());
            });
        }
    });
    port
}

/// Another port of the same host is same-site: the cookies come along, and nothing but the check refuses it.
#[tokio::test]
async fn row_088_a_post_from_another_site_or_another_port_is_refused() {
    let demo = Demo::start();
    let port = page_of_others();
    Browser::run("cross-site", async |browser| {
        browser.sign_in(&demo, "grace").await;
        for others in [format!("http://127.0.0.1:{port}/"), format!("http://localhost:{port}/")] {
            for (path, refused) in
                [("/ask", "cross_site"), ("/oauth/huggingface/logout", "cross_site_logout")]
            {
                browser.open(&others).await;
                browser.navigations().await;
                let target = demo.at(path);
                let script = format!(
                    "const form = document.createElement('form'); form.method = 'post'; form.action = {target:?}; \
                     form.innerHTML = '<input name=prompt value=stolen>'; document.body.append(form); form.submit();"
                );
                browser.script(&script).await;
                browser.reads(&[refused]).await;
                assert_eq!(browser.navigations().await, [target], "nobody is sent anywhere");
            }
            browser.open(&demo.url).await;
            browser.find(PROFILE).await;
        }
        // A link or a picture cannot sign anybody out either.
        browser.open(&format!("http://localhost:{port}/")).await;
        let link = demo.at("/oauth/huggingface/logout");
        browser.script(&format!("location.href = {link:?}")).await;
        browser.reads(&["Sign out?", "You stay signed in until you press the button"]).await;
        browser.picture("logout-asked").await;
        browser.click_words("Stay signed in").await;
        browser.find(PROFILE).await;
    })
    .await;
}
