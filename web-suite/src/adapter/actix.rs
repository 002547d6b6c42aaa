//! The app by `hf-oauth-actix`.

use std::net::TcpListener;

use actix_web::body::MessageBody;
use actix_web::dev::{HttpServiceFactory, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::SET_COOKIE;
use actix_web::web::{self, Html, Json, ServiceConfig};
use actix_web::{App, Error, HttpRequest, HttpResponse, HttpServer};
use hf_oauth_actix::{Guard, HuggingFace, Scope, SignedIn, Visitor};
use serde_json::Value;
use tokio::sync::oneshot;

use super::{Gate, OWN_POLICY, Shape, about, greeting, lax};
use crate::orgs::{ENGINE, LAST, PARK};

/// Serves until `stopped`.
pub(super) fn serve(
    listener: TcpListener,
    auth: &hf_oauth_web::HuggingFace,
    shape: Shape,
    gate: &Gate,
    stopped: oneshot::Receiver<()>,
) {
    let (auth, gate) = (HuggingFace::from(auth.clone()), gate.clone());
    let log = tracing::dispatcher::get_default(Clone::clone);
    // `attach`, and what is in a scope, are apps of different types.
    let log = move || web::Data::new(tracing::dispatcher::set_default(&log));
    match shape {
        Shape::Attached => run(listener, stopped, move || {
            auth.attach(App::new().app_data(log()).configure(|config| routes(config, &auth, &gate)))
        }),
        Shape::WithoutMiddleware => run(listener, stopped, move || {
            App::new().app_data(log()).configure(|config| routes(config, &auth, &gate))
        }),
        Shape::NestedAt(path) => run(listener, stopped, move || {
            let scope = web::scope(path).wrap(auth.middleware());
            let scope = scope.configure(|config| routes(config, &auth, &gate)).configure(auth.routes());
            App::new().app_data(log()).service(scope)
        }),
    }
}

fn run<F, T, B>(listener: TcpListener, stopped: oneshot::Receiver<()>, app: F)
where
    F: Fn() -> App<T> + Send + Clone + 'static,
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    let server = HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap();
    actix_web::rt::System::new().block_on(async move {
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(async move {
            let _ = stopped.await;
            handle.stop(false).await;
        });
        server.await.unwrap();
    });
}

/// What an app has: open and closed pages, a form, cookies of its own.
fn routes(config: &mut ServiceConfig, auth: &HuggingFace, gate: &Gate) {
    let guard = || auth.guard();
    let both = web::resource("/both")
        .wrap(guard().require_org(ENGINE).unwrap())
        .wrap(guard().require_scopes([Scope::Jobs]))
        .get(async || "in");
    let (gate, lax_auth, button) = (gate.clone(), auth.clone(), auth.sign_in_button("/me"));
    let slow = move |user: SignedIn| {
        let gate = gate.clone();
        async move {
            gate.pass().await;
            user.subject().to_owned()
        }
    };
    let lax = move |request: HttpRequest| {
        let info = lax_auth.parse_huggingface_oauth(request.headers());
        async move { Json(lax(info)) }
    };
    let button = move || {
        let button = button.clone();
        async move { Html::new(button) }
    };
    config
        .service(web::resource("/").get(home).head(home))
        .service(web::resource("/me").get(me).head(me))
        .service(web::resource("/name").get(async |user: SignedIn| Html::new(user.display_name_html())))
        .service(web::resource("/button").get(button))
        .service(web::resource("/form").post(async |user: SignedIn| user.subject().to_owned()))
        .service(web::resource("/cookies").get(own_cookies))
        .service(web::resource("/plain").get(async || "plain"))
        .service(web::resource("/slow").get(slow))
        .service(web::resource("/lax").get(lax))
        .service(web::scope("/admin").route("/list", web::get().to(me)))
        .service(shown(auth))
        .service(guarded("/closed", guard()))
        .service(guarded("/jobs", guard().require_scopes([Scope::Jobs])))
        .service(guarded("/engine", guard().require_org(ENGINE).unwrap()))
        .service(guarded("/park", guard().require_org(PARK).unwrap()))
        .service(guarded("/last", guard().require_org(LAST).unwrap()))
        .service(both);
}

/// Pages that say who may frame them; one says so itself.
fn shown(auth: &HuggingFace) -> impl HttpServiceFactory + 'static + use<> {
    let with = |name: &'static str, value: &'static str| {
        move || async move { HttpResponse::Ok().insert_header((name, value)).body("shown") }
    };
    let policy = |policy| with("content-security-policy", policy);
    web::scope("/shown")
        .wrap(auth.frames())
        .route("", web::get().to(async || "shown"))
        .route("/own", web::get().to(policy(OWN_POLICY)))
        .route("/other", web::get().to(policy("default-src 'none'")))
        .route("/never", web::get().to(with("x-frame-options", "DENY")))
}

fn guarded(path: &str, guard: Guard) -> impl HttpServiceFactory + 'static + use<> {
    web::resource(path).wrap(guard).get(me).head(me).post(async || "posted")
}

async fn home(visitor: Visitor) -> String {
    greeting(&match visitor {
        Visitor::Nobody => hf_oauth_web::Visitor::Nobody,
        Visitor::SignedIn(user) => hf_oauth_web::Visitor::SignedIn((*user).clone()),
        Visitor::TokenUnavailable(identity) => hf_oauth_web::Visitor::TokenUnavailable(identity),
    })
}

async fn me(user: SignedIn) -> Json<Value> {
    Json(about(&user))
}

async fn own_cookies() -> HttpResponse {
    HttpResponse::Ok()
        .append_header((SET_COOKIE, "mine=1; Path=/"))
        .append_header((SET_COOKIE, "mine_too=2; Path=/"))
        .body("two cookies")
}
