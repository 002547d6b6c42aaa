//! Pages of others.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

/// A page on a port of its own that may do whatever a page can do; gives the port. It ends with the test.
pub(crate) fn page_of_others(body: &str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let page = format!("<!doctype html><html lang=\"en\"><title>Others</title>{body}");
    thread::spawn(move || {
        for connection in listener.incoming() {
            let (mut connection, page) = (connection.unwrap(), page.clone());
            // A browser opens connections in advance and says nothing on them.
            thread::spawn(move || {
                let _ = connection.read(&mut [0; 8192]);
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n";
                let _ = write!(connection, "{head}content-length: {}\r\n\r\n{page}", page.len());
            });
        }
    });
    port
}
