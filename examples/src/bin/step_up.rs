//! Scopes, organisations and step-up: the front page asks for little, `/jobs` for one scope more when somebody goes there,
//! `/team` for membership of the organisation whose id is in `TEAM`.

use axum::Router;
use axum::routing::get;
use hf_oauth_axum::{HuggingFace, Scope, SignedIn, Visitor};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let auth = HuggingFace::from_env().with_scopes("openid profile").local_hub().start().await?;
    // Who lacks the scope is sent to the Hub's consent page once, and comes back to where they wanted to go.
    let jobs = Router::new()
        .route("/jobs", get(async |user: SignedIn| format!("jobs of {}", user.display_name())))
        .route_layer(auth.guard().require_scopes([Scope::Jobs]));
    // By the organisation's `sub`: names change hands. Members who must do something first (SSO, MFA) do not pass.
    let team = Router::new()
        .route("/team", get(team))
        .route_layer(auth.guard().require_org(std::env::var("TEAM").unwrap_or_default())?);
    let app = auth.attach(Router::new().route("/", get(home)).merge(jobs).merge(team));
    axum::serve(hf_oauth_examples::listener().await?, app).await?;
    Ok(())
}

async fn home(visitor: Visitor) -> String {
    match visitor {
        Visitor::Nobody => "nobody".to_owned(),
        Visitor::SignedIn(user) => format!("{}: {}", user.display_name(), user.scope()),
        Visitor::TokenUnavailable(user) => user.display_name().to_owned(),
    }
}

async fn team(user: SignedIn) -> String {
    let names = user.orgs().into_iter().flatten().filter_map(|org| org.preferred_username.as_deref());
    format!("{} of {}", user.display_name(), names.collect::<Vec<_>>().join(", "))
}
