//! Plain files on a port of their own, as a static host serves them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::{fs, thread};

/// Name, without a slash in front, and text.
pub(super) type File = (&'static str, String);

/// Serves `files`, and beside them those of `examples/page`; gives the address. `index.html` stands at `/`. It ends with the test.
pub(super) fn serve(files: Vec<File>) -> String {
    serve_on(TcpListener::bind("127.0.0.1:0").unwrap(), files)
}

/// The same on a port that was known before.
pub(super) fn serve_on(listener: TcpListener, files: Vec<File>) -> String {
    let url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let files = Arc::new(files);
    thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let files = Arc::clone(&files);
            // A browser opens connections in advance and says nothing on them, or goes away in the middle.
            thread::spawn(move || {
                let mut lines = BufReader::new(&connection).lines();
                let Some(Ok(first)) = lines.next() else { return };
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                let path =
                    first.split([' ', '?']).nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
                let name = if path.is_empty() { "index.html" } else { &path };
                let _ = (&connection).write_all(answer(&files, name).as_bytes());
            });
        }
    });
    url
}

fn answer(files: &[File], name: &str) -> String {
    let own = files.iter().find(|(other, _)| *other == name).map(|(_, text)| text.clone());
    let Some(text) = own.or_else(|| example(name)) else {
        return "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned();
    };
    let kind = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/json",
    };
    let length = text.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
    )
}

/// A file of `examples/page`.
pub(super) fn example(name: &str) -> Option<String> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/page"));
    (!name.contains('/')).then(|| fs::read_to_string(folder.join(name)).ok()).flatten()
}

/// The example's page with the addresses of that Hub in its security policy.
pub(super) fn index(hub: &str) -> String {
    let page = example("index.html").unwrap();
    let named = page.replace("https://huggingface.co https://router.huggingface.co", hub);
    named.replace("img-src 'self' https:;", &format!("img-src 'self' https: {hub};"))
}
