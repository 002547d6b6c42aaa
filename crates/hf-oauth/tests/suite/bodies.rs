//! Bodies without end: given up at the cap, on every endpoint, and the memory stays flat.

use hf_oauth::*;

use crate::raw::*;

/// The most memory that this process ever had, in KiB; 0 where the system does not tell.
fn peak_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or(0, |rest| rest.trim().trim_end_matches(" kB").parse().unwrap())
}

fn head(more: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{more}\r\n\r\n").into_bytes()
}

fn chunk() -> Vec<u8> {
    [&b"10000\r\n"[..], &[b' '; 0x10000], b"\r\n"].concat()
}

#[tokio::test]
async fn row_058_a_body_without_end_is_given_up_at_the_cap_everywhere() {
    let before = peak_memory();
    for step in STEPS {
        for (what, say) in [
            ("endless chunks", Say::Endless(head("transfer-encoding: chunked"), chunk())),
            ("100 MB", Say::Endless(head("content-length: 100000000"), vec![b' '; 0x10000])),
            ("no length at all", Say::Endless(head("connection: close"), vec![b'['; 0x10000])),
        ] {
            let raw = failing_at(step, say).await;
            let error = perform(step, &raw).await;
            assert_eq!(error.fault, BackchannelFault::BodyTooLarge, "{step:?}: {what}");
            assert_eq!(error.status, Some(200));
            assert!(!error.is_retryable(), "{what}");
            // What was on the way in the system's own buffers counts as sent.
            assert!(raw.sent() < 32 << 20, "{step:?}: {what}: {} bytes were sent", raw.sent());
        }
    }
    let grown = peak_memory() - before;
    assert!(grown < 48 << 10, "memory grew by {grown} KiB");
}

#[tokio::test]
async fn row_058_a_body_of_exactly_the_cap_is_read_and_one_byte_more_is_not() {
    for (spaces, fits) in [(0, true), (1, false)] {
        let raw = Raw::start(move |_, port| {
            let document = metadata(&format!("http://127.0.0.1:{port}")).to_string();
            let body = format!("{document}{}", " ".repeat(LONGEST_BODY + spaces - document.len()));
            Say::Bytes([head(&format!("content-length: {}", body.len())), body.into_bytes()].concat())
        })
        .await;
        let client = Client::new(App::new("app")).with_issuer(Issuer::parse(&raw.issuer()).unwrap());
        assert_eq!(client.hub().await.is_ok(), fits);
    }
}

#[tokio::test]
async fn row_058_a_compressed_body_is_refused_unread_everywhere() {
    for step in STEPS {
        for encoding in ["gzip", "br", "zstd", "deflate", "gzip, gzip"] {
            let bomb = Say::Endless(
                head(&format!("content-encoding: {encoding}\r\nconnection: close")),
                vec![0x1f; 0x10000],
            );
            let raw = failing_at(step, bomb).await;
            let error = perform(step, &raw).await;
            assert_eq!(error.fault, BackchannelFault::Compressed, "{step:?}: {encoding}");
        }
    }
}

#[tokio::test]
async fn row_058_headers_without_end_are_given_up_too() {
    let before = peak_memory();
    for step in STEPS {
        let line = format!("x-filler: {}\r\n", "x".repeat(1_000)).into_bytes();
        let raw = failing_at(step, Say::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), line)).await;
        let error = perform(step, &raw).await;
        assert_eq!((error.fault.clone(), error.status), (BackchannelFault::Interrupted, None), "{step:?}");
        assert!(raw.sent() < 32 << 20);
    }
    let grown = peak_memory() - before;
    assert!(grown < 48 << 10, "memory grew by {grown} KiB");
}

#[tokio::test]
async fn what_is_not_http_is_an_interruption_everywhere() {
    for step in STEPS {
        for bytes in
            [&b""[..], b"\r\n", b"SSH-2.0-OpenSSH_9.9\r\n", b"\x15\x03\x01\x00\x02\x02\x0a", b"HTTP/1.1 2"]
        {
            let raw = failing_at(step, Say::Bytes(bytes.to_vec())).await;
            let error = perform(step, &raw).await;
            assert_eq!(error.fault, BackchannelFault::Interrupted, "{step:?}: {bytes:?}");
            assert!(error.is_retryable());
            let asked = raw
                .requests()
                .iter()
                .filter(|line| line.contains(&error.endpoint[raw.issuer().len()..]))
                .count();
            assert_eq!(asked, 1, "{step:?}: sent once");
        }
    }
}
