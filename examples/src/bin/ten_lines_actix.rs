//! An actix app that signs people in, whole: the routes, the session and the button are the library's.

use actix_web::{App, HttpServer, web, web::Html};
use hf_oauth_actix::{HuggingFace, Visitor, sign_in_button};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = HuggingFace::from_env().local_hub().start().await?;
    let app = move || auth.attach(App::new().route("/", web::get().to(home)));
    HttpServer::new(app).bind(hf_oauth_examples::address())?.run().await?;
    Ok(())
}

async fn home(visitor: Visitor) -> Html {
    Html::new(match visitor.identity() {
        Some(user) => format!("Hello {}!", user.display_name_html()),
        None => sign_in_button("/"),
    })
}
