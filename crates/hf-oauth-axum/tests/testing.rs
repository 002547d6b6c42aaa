//! Made-up people of `testing`, through everything that asks who is signed in. The rest of what an app does is tested
//! over HTTP, for every adapter alike.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use axum::body::Body;
use axum::routing::get;
use axum::{Json, Router};
use hf_oauth_axum::{
    App, HuggingFace, OAuthOrgInfo, OAuthUserInfo, Scope, SecurityRestriction, SignedIn, Visitor, testing,
};
use http::Request;
use tower::ServiceExt as _;

const ENGINE: &str = "aaaaaaaaaaaaaaaaaaaaaaaa";
const SECRET: &str = "9f8e7d6c-5b4a-4392-8170-6f5e4d3c2b1a";

async fn app() -> Router {
    let auth = HuggingFace::new(App::new("app").with_client_secret(SECRET)).start().await.unwrap();
    let debug = format!("{auth:?}{:?}{:?}", auth.guard(), auth.layer());
    assert!(!debug.contains(SECRET), "{debug}");
    let engine = auth.guard().require_org(ENGINE).unwrap();
    let jobs = auth.guard().require_scopes([Scope::Jobs]);
    let guarded = |path, guard| Router::new().route(path, get(async || "in")).route_layer(guard);
    let routes = Router::new()
        .route("/", get(home))
        .route("/maybe", get(async |user: Option<SignedIn>| Json(user.is_some())))
        .route("/me", get(async |user: SignedIn| user.subject().to_owned()))
        .merge(guarded("/closed", auth.guard()))
        .merge(guarded("/jobs", jobs))
        .merge(guarded("/engine", engine));
    auth.attach(routes)
}

async fn home(visitor: Visitor) -> String {
    visitor.identity().map_or_else(|| "nobody".to_owned(), |user| user.display_name().to_owned())
}

async fn ask(app: &Router, request: Request<Body>) -> (u16, String) {
    let answer = app.clone().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let bytes = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

async fn page_of(app: &Router, path: &str, persona: &testing::Persona) -> (u16, String) {
    ask(app, persona.request(Request::get(path).header("host", "localhost:7860"))).await
}

#[tokio::test]
async fn made_up_people_pass_extractors_guards_and_the_layer() {
    let app = app().await;
    let ada = testing::signed_in_as("ada");
    assert_eq!(page_of(&app, "/", &ada).await, (200, "ada".to_owned()));
    assert_eq!(page_of(&app, "/maybe", &ada).await, (200, "true".to_owned()));
    assert_eq!(page_of(&app, "/me", &ada).await.0, 200);
    assert_eq!(page_of(&app, "/closed", &ada).await.0, 200);
    assert_eq!(page_of(&app, "/jobs", &ada).await.0, 403);
    assert_eq!(page_of(&app, "/jobs", &ada.clone().with_scopes("openid jobs")).await.0, 200);
    assert_eq!(page_of(&app, "/engine", &ada).await.0, 403);
    assert_eq!(page_of(&app, "/engine", &ada.clone().with_org(ENGINE).pro()).await.0, 200);
    let mut restricted = OAuthOrgInfo::new(ENGINE);
    restricted.security_restrictions = Some(vec![SecurityRestriction::Mfa]);
    assert_eq!(page_of(&app, "/engine", &ada.clone().with_org_info(restricted)).await.0, 403);
    let nobody_told = ada.with_user_info(OAuthUserInfo::new("ada"));
    assert_eq!(page_of(&app, "/engine", &nobody_told).await.0, 403);
    let nobody = Request::get("/me").header("host", "localhost:7860").body(Body::empty()).unwrap();
    assert_eq!(ask(&app, nobody).await.0, 401);
}
