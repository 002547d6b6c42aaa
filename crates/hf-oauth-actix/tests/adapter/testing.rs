//! Apps test themselves: somebody is signed in without any provider.

use actix_web::test::{TestRequest, call_and_read_body, call_service, init_service};
use actix_web::{App, FromRequest as _, ResponseError as _, web};
use hf_oauth_actix::testing::signed_in_as;
use hf_oauth_actix::{App as HubApp, FailureCode, HuggingFace, Scope, SignedIn, Visitor};

use crate::world::SECRET;

async fn auth() -> HuggingFace {
    let settings = HuggingFace::new(HubApp::new("app").with_client_secret(SECRET));
    settings.with_public_url("https://app.example.com").start().await.unwrap()
}

async fn name(visitor: Visitor) -> String {
    visitor.identity().map_or("nobody", |user| user.display_name()).to_owned()
}

#[actix_web::test]
async fn somebody_made_up_passes_through_the_whole_app() {
    let auth = auth().await;
    let jobs = web::resource("/jobs")
        .wrap(auth.guard().require_scopes([Scope::Jobs]).require_org("engine").unwrap())
        .route(web::get().to(name));
    let app = init_service(auth.attach(App::new().route("/", web::get().to(name)).service(jobs))).await;
    let ada = signed_in_as("ada").with_scopes("openid profile jobs").with_org("engine");
    let get = |path| TestRequest::get().uri(path).insert_header(("host", "app.example.com")).to_request();
    assert_eq!(call_and_read_body(&app, get("/")).await, "nobody");
    assert_eq!(call_and_read_body(&app, ada.send(get("/"))).await, "ada");
    assert_eq!(call_and_read_body(&app, ada.send(get("/jobs"))).await, "ada");
    assert_eq!(call_service(&app, signed_in_as("grace").send(get("/jobs"))).await.status(), 403);
    assert_eq!(call_service(&app, get("/jobs")).await.status(), 401);
}

#[actix_web::test]
async fn an_extractor_by_itself_knows_who_is_made_up_and_nobody_else() {
    let request = || TestRequest::get().to_http_request();
    let ada = signed_in_as("ada").pro().send(request());
    assert_eq!(SignedIn::extract(&ada).await.unwrap().subject(), "ada");
    assert!(matches!(Visitor::extract(&ada).await.unwrap(), Visitor::SignedIn(_)));

    // Without the middleware there is nobody, whatever the cookies say.
    let error = SignedIn::extract(&request()).await.unwrap_err();
    assert_eq!((error.code(), error.status_code().as_u16()), (FailureCode::Unauthenticated, 401));
    assert!(matches!(Visitor::extract(&request()).await.unwrap(), Visitor::Nobody));
}

#[actix_web::test]
async fn a_guard_without_the_middleware_lets_nobody_pass() {
    let auth = auth().await;
    let closed = web::scope("/closed").wrap(auth.guard()).route("", web::get().to(name));
    let app = init_service(App::new().service(closed)).await;
    let get = || TestRequest::get().uri("/closed").insert_header(("host", "app.example.com")).to_request();
    assert_eq!(call_service(&app, get()).await.status(), 401);
    assert_eq!(call_and_read_body(&app, signed_in_as("ada").send(get())).await, "ada");
}
