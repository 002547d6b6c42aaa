//! An app that signs people in, whole: the routes, the session and the button are the library's.

use axum::{Router, response::Html, routing::get};
use hf_oauth_axum::{HuggingFace, Visitor, sign_in_button};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = HuggingFace::from_env().local_hub().start().await?;
    let app = auth.attach(Router::new().route("/", get(home)));
    axum::serve(hf_oauth_examples::listener().await?, app).await?;
    Ok(())
}

async fn home(visitor: Visitor) -> Html<String> {
    Html(match visitor.identity() {
        Some(user) => format!("Hello {}!", user.display_name_html()),
        None => sign_in_button("/"),
    })
}
