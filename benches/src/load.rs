//! Asks for `/me` over connections that stay open, as fast as the answers come.
//!
//! Plain blocking sockets in one thread: a request is sent on every connection before the first answer is read, and
//! then the next one wherever an answer was read. So the server always has work, and a request costs this process two
//! system calls, which is less than it costs any server.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use hf_oauth_benches::{Fault, output};

const CONNECTIONS: usize = 32;

/// `first` requests are not counted. Prints `{"requests": ..., "seconds": ...}`.
pub(crate) fn run(port: u16, cookies: &Path, seconds: f64, first: usize) -> Result<(), Fault> {
    let text = std::fs::read_to_string(cookies)?;
    let request = |cookie: &str| {
        format!(
            "GET /me HTTP/1.1\r\nhost: bench.example\r\nuser-agent: bench\r\naccept: */*\r\ncookie: {cookie}\r\n\r\n"
        )
    };
    let requests: Vec<String> = text.lines().map(request).collect();
    let mut next = requests.iter().map(String::as_bytes).cycle();
    let mut send = |stream: &mut TcpStream| -> Result<(), Fault> {
        Ok(stream.write_all(next.next().ok_or("no cookies")?)?)
    };
    let mut streams = Vec::new();
    for _ in 0..CONNECTIONS {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        streams.push(stream);
    }
    for stream in &mut streams {
        send(stream)?;
    }
    let mut buffer = [0; 16 * 1024];
    let mut turn = |count: &mut usize| -> Result<(), Fault> {
        for stream in &mut streams {
            answer(stream, &mut buffer)?;
            send(stream)?;
        }
        *count += CONNECTIONS;
        Ok(())
    };
    let mut before = 0;
    while before < first {
        turn(&mut before)?;
    }
    let (start, mut counted) = (Instant::now(), 0);
    while start.elapsed().as_secs_f64() < seconds {
        turn(&mut counted)?;
    }
    output::line(&format!(r#"{{"requests":{counted},"seconds":{}}}"#, start.elapsed().as_secs_f64()));
    Ok(())
}

/// Reads one answer to its end; anything but 200 with a length is an error.
fn answer(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<(), Fault> {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..])?;
        if read == 0 {
            return Err("the server closed a connection".into());
        }
        filled += read;
        let seen = &buffer[..filled];
        let Some(head) = seen.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head_text = std::str::from_utf8(&seen[..head])?.to_ascii_lowercase();
        if !head_text.starts_with("http/1.1 200") {
            return Err(format!("an answer that is not 200: {head_text}").into());
        }
        let length = head_text.split("\r\n").find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.ok_or("an answer without length")?.trim().parse()?;
        if length == 0 {
            return Err("an empty answer: nobody is signed in".into());
        }
        if filled >= head + 4 + length {
            return Ok(());
        }
    }
}
