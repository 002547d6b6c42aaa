//! The sockets of a hub.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpListener;

/// How often a free port is looked for that is free on both loopback addresses.
const ATTEMPTS: usize = 20;

/// `localhost` may lead to either loopback address, so both are taken where there are both.
pub(super) async fn listen(bind: Option<IpAddr>, port: u16) -> io::Result<Vec<TcpListener>> {
    if let Some(address) = bind {
        return Ok(vec![TcpListener::bind(SocketAddr::new(address, port)).await?]);
    }
    let mut last = None;
    for _ in 0..ATTEMPTS {
        let first = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let taken = first.local_addr()?.port();
        match TcpListener::bind((Ipv6Addr::LOCALHOST, taken)).await {
            Ok(second) => return Ok(vec![first, second]),
            // Somebody else answers there: `localhost` would sometimes lead to them.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => last = Some(error),
            // No IPv6 on this machine.
            Err(_) => return Ok(vec![first]),
        }
        if port != 0 {
            break;
        }
    }
    Err(last.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
}
