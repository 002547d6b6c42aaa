//! The route `/me` on actix-web, bare and behind the middleware: the same as on axum.

use std::net::Ipv4Addr;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::rt::System;
use actix_web::web::get;
use actix_web::{App, Error, HttpServer};
use hf_oauth_actix::{Settings, SignedIn};
use hf_oauth_benches::{Fault, output};

/// Nothing but the route.
pub(crate) fn bare() -> Result<(), Fault> {
    System::new().block_on(run(|| App::new().route("/me", get().to(async || format!("{:024x}", 7)))))
}

/// Behind the middleware of an app with these settings.
pub(crate) fn ours(settings: Settings) -> Result<(), Fault> {
    let me = async |user: SignedIn| user.subject().to_owned();
    System::new().block_on(async {
        let auth = settings.start().await?;
        run(move || auth.attach(App::new().route("/me", get().to(me)))).await
    })
}

/// Runs an app on one worker; prints `{"port": ...}` when it listens.
async fn run<F, T, B>(app: F) -> Result<(), Fault>
where
    F: Fn() -> App<T> + Clone + Send + 'static,
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static,
    T::Service: 'static,
    T::Future: 'static,
    B: MessageBody + 'static,
{
    let server = HttpServer::new(app).workers(1).bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = server.addrs().first().map(|address| address.port()).ok_or("no address")?;
    let server = server.run();
    output::line(&format!(r#"{{"port":{port}}}"#));
    Ok(server.await?)
}
