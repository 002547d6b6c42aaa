//! An app's own tests: `testing::signed_in_as` makes requests that are signed in, without a provider or a browser.

use axum::Router;
use axum::routing::get;
use hf_oauth_axum::{HuggingFace, Visitor};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = HuggingFace::from_env().local_hub().start().await?;
    axum::serve(hf_oauth_examples::listener().await?, auth.attach(routes())).await?;
    Ok(())
}

/// What the app does; who signs in, and how, is not its business.
fn routes() -> Router {
    Router::new().route("/price", get(price))
}

async fn price(visitor: Visitor) -> &'static str {
    match visitor.identity() {
        None => "sign in to see the price",
        Some(user) if user.user_info().is_pro == Some(true) => "9",
        Some(_) => "10",
    }
}

#[cfg(test)]
mod tests {
    use hf_oauth_axum::testing::signed_in_as;
    use http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    async fn body(request: Request<axum::body::Body>) -> String {
        let response = routes().oneshot(request).await.unwrap();
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn pro_users_pay_less() {
        assert_eq!(body(signed_in_as("ada").pro().request(Request::get("/price"))).await, "9");
        assert_eq!(body(signed_in_as("grace").request(Request::get("/price"))).await, "10");
    }

    #[tokio::test]
    async fn visitors_are_asked_to_sign_in() {
        let request = Request::get("/price").body(axum::body::Body::empty()).unwrap();
        assert_eq!(body(request).await, "sign in to see the price");
    }
}
