//! The route `/me` on actix-web: the same as on axum, bare.

use std::net::Ipv4Addr;

use actix_web::rt::System;
use actix_web::web::get;
use actix_web::{App, HttpServer};
use hf_oauth_benches::{Fault, output};

/// Runs it on one worker; prints `{"port": ...}` when it listens.
pub(crate) fn bare() -> Result<(), Fault> {
    System::new().block_on(async {
        let app = || App::new().route("/me", get().to(async || format!("{:024x}", 7)));
        let server = HttpServer::new(app).workers(1).bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = server.addrs().first().map(|address| address.port()).ok_or("no address")?;
        let server = server.run();
        output::line(&format!(r#"{{"port":{port}}}"#));
        Ok(server.await?)
    })
}
