//! The signed-in user's token handed to the crate `hf-hub`: the app acts on the Hub as that user.
//!
//! `cargo run --manifest-path examples/hf-hub/Cargo.toml`

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use hf_hub::HFClient;
use hf_oauth_axum::{HuggingFace, SignedIn};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = HuggingFace::from_env().local_hub().start().await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:7860").await?;
    axum::serve(listener, app(&auth)).await?;
    Ok(())
}

/// The layer has refreshed the token where that was due; it lives in memory for this request alone.
fn app(auth: &HuggingFace) -> Router {
    let endpoint = auth.client().issuer().as_str().to_owned();
    let me = async move |user: SignedIn| {
        let client = HFClient::builder().endpoint(endpoint).token(user.access_token().expose());
        // No cache: what one user may read is not for the next.
        let client = client.cache_enabled(false).build().map_err(bad_gateway)?;
        Ok::<_, StatusCode>(client.whoami().send().await.map_err(bad_gateway)?.username)
    };
    auth.attach(Router::new().route("/me", get(me)))
}

fn bad_gateway(_: hf_hub::HFError) -> StatusCode {
    StatusCode::BAD_GATEWAY
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, Response, header};
    use hf_oauth_axum::{App, Issuer};
    use hf_oauth_hub::LocalHub;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    async fn ask(app: &Router, target: &str, cookies: &str) -> Response<Body> {
        let request = Request::get(target).header("host", "localhost:7860").header("cookie", cookies);
        app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    fn cookies(answer: &Response<Body>) -> String {
        let lines =
            answer.headers().get_all(header::SET_COOKIE).into_iter().map(|line| line.to_str().unwrap());
        let pairs =
            lines.filter(|line| !line.contains("Max-Age=0")).filter_map(|line| line.split(';').next());
        pairs.collect::<Vec<_>>().join("; ")
    }

    #[tokio::test]
    async fn the_hub_sees_the_user_that_signed_in() {
        let hub = LocalHub::start().await.unwrap();
        let settings =
            HuggingFace::new(App::new("local-app")).with_issuer(Issuer::parse(hub.issuer()).unwrap());
        let app = app(&settings.start().await.unwrap());
        let begun = ask(&app, "/oauth/huggingface/login", "").await;
        let authorize = begun.headers()[header::LOCATION].to_str().unwrap();
        let back = hub.approve(authorize, "ada").await.unwrap();
        let path = back.strip_prefix("http://localhost:7860").unwrap();
        let signed_in = ask(&app, path, &cookies(&begun)).await;
        let me = ask(&app, "/me", &cookies(&signed_in)).await;
        let body = me.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, "ada");
    }
}
