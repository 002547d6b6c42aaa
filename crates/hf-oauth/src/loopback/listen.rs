use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

/// How often a port that is free on one family only is given back for another.
const ATTEMPTS: usize = 16;

/// One port on loopback: on both families for `localhost`, which browsers look up as they like.
#[derive(Debug)]
pub(super) struct Listeners {
    port: u16,
    first: TcpListener,
    second: Option<TcpListener>,
}

impl Listeners {
    pub(super) async fn bind(host: &str) -> io::Result<Self> {
        if host != "localhost" {
            let bare = host.trim_start_matches('[').trim_end_matches(']');
            let address: IpAddr = bare.parse().map_err(io::Error::other)?;
            let first = TcpListener::bind((address, 0)).await?;
            return Ok(Self { port: first.local_addr()?.port(), first, second: None });
        }
        let mut taken = io::Error::from(io::ErrorKind::AddrInUse);
        for _ in 0..ATTEMPTS {
            // A machine may have either family alone.
            let Ok(first) = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await else {
                let first = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await?;
                return Ok(Self { port: first.local_addr()?.port(), first, second: None });
            };
            let port = first.local_addr()?.port();
            match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
                Ok(second) => return Ok(Self { port, first, second: Some(second) }),
                // Somebody else would get what is meant for us.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => taken = error,
                Err(_) => return Ok(Self { port, first, second: None }),
            }
        }
        Err(taken)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) async fn accept(&self) -> TcpStream {
        loop {
            let accepted = match &self.second {
                None => self.first.accept().await,
                Some(second) => tokio::select! {
                    accepted = self.first.accept() => accepted,
                    accepted = second.accept() => accepted,
                },
            };
            match accepted {
                Ok((stream, _)) => return stream,
                // Out of descriptors or the like: others may go away.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }
}
