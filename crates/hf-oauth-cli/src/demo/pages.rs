//! The two pages: signed out, signed in.

use askama::Template;
use axum::http::HeaderValue;
use axum::response::{Html, IntoResponse, Response};
use hf_oauth::{OAuthOrgInfo, OAuthUserInfo, OrgRole, Scope, SecurityRestriction};
use hf_oauth_axum::{Identity, SignedIn};

use super::inference::Inference;
use super::provider::Provider;

#[derive(Template)]
#[template(path = "signed_out.html", whitespace = "minimize")]
struct SignedOut<'a> {
    issuer: &'a str,
    own_hub: bool,
    button: String,
}

#[derive(Template)]
#[template(path = "away.html", whitespace = "minimize")]
struct Away<'a> {
    issuer: &'a str,
    own_hub: bool,
    display_name: &'a str,
    logout_path: &'a str,
}

#[derive(Template)]
#[template(path = "signed_in.html", whitespace = "minimize")]
struct Profile<'a> {
    issuer: &'a str,
    own_hub: bool,
    user: &'a OAuthUserInfo,
    display_name: String,
    initial: String,
    organisations: Option<Vec<Organisation<'a>>>,
    some_unnamed: bool,
    scopes: Vec<(&'a str, &'static str)>,
    expires_at: i64,
    remaining: String,
    may_infer: bool,
    model: Option<&'a str>,
    settings_url: Option<String>,
    switch_path: &'a str,
    logout_path: &'a str,
}

struct Organisation<'a> {
    name: &'a str,
    /// Whether that is its id.
    is_id: bool,
    role: &'a str,
    plan: Option<&'a str>,
    restrictions: Vec<String>,
}

pub(crate) fn signed_out(provider: &Provider) -> Response {
    let button = provider.auth.sign_in_button("/");
    page(&SignedOut { issuer: provider.issuer().as_str(), own_hub: provider.is_own_hub(), button })
}

/// The page of somebody who is signed in while the provider cannot be asked for their next token.
pub(crate) fn away(provider: &Provider, user: &Identity) -> Response {
    let mut response = page(&Away {
        issuer: provider.issuer().as_str(),
        own_hub: provider.is_own_hub(),
        display_name: user.display_name(),
        logout_path: provider.auth.logout_path(),
    });
    response.headers_mut().insert("refresh", HeaderValue::from_static("5"));
    response
}

/// `orgs` are the user's, with as much of each as is known.
pub(crate) fn signed_in(
    provider: &Provider,
    user: &SignedIn,
    orgs: Option<&[OAuthOrgInfo]>,
    inference: Option<&Inference>,
) -> Response {
    let info = user.user_info();
    let remaining = provider.auth.client().now().until(user.access_token_expires_at());
    let display_name = user.display_name().to_owned();
    page(&Profile {
        issuer: provider.issuer().as_str(),
        own_hub: provider.is_own_hub(),
        user: info,
        initial: display_name.chars().next().map(|c| c.to_uppercase().to_string()).unwrap_or_default(),
        display_name,
        some_unnamed: !all_named(orgs),
        organisations: orgs.map(|orgs| orgs.iter().map(organisation).collect()),
        scopes: user.scope().iter().map(|scope| (scope.as_str(), in_words(scope))).collect(),
        expires_at: user.access_token_expires_at().as_secs(),
        remaining: span(remaining.as_secs()),
        may_infer: user.scope().contains(&Scope::InferenceApi),
        model: inference.map(|inference| inference.model.as_str()),
        settings_url: provider.settings_url(),
        switch_path: provider.auth.switch_account_path(),
        logout_path: provider.auth.logout_path(),
    })
}

/// Whether every organisation has a name: cookies have no room for those of very many.
pub(crate) fn all_named(orgs: Option<&[OAuthOrgInfo]>) -> bool {
    orgs.is_none_or(|orgs| orgs.iter().all(|org| name_of(org).is_some()))
}

fn page(template: &impl Template) -> Response {
    // Writing to a `String` fails only when a template's own code does, and these have none.
    Html(template.render().unwrap_or_default()).into_response()
}

fn organisation(org: &OAuthOrgInfo) -> Organisation<'_> {
    let name = name_of(org);
    let restrictions = org.restrictions().into_iter().map(|restriction| match restriction {
        SecurityRestriction::Sso => "sign in through its SSO first".to_owned(),
        SecurityRestriction::Mfa => "two-factor authentication required".to_owned(),
        SecurityRestriction::Ip => "not from this network".to_owned(),
        SecurityRestriction::TokenPolicy => "its token policy forbids this app".to_owned(),
        other => other.to_string(),
    });
    let role = org.role_in_org.as_ref().map_or("member", OrgRole::as_str);
    Organisation {
        name: name.unwrap_or(&org.sub),
        is_id: name.is_none(),
        role,
        plan: org.plan.as_deref(),
        restrictions: restrictions.collect(),
    }
}

fn name_of(org: &OAuthOrgInfo) -> Option<&str> {
    org.name.as_deref().or(org.preferred_username.as_deref())
}

fn in_words(scope: &Scope) -> &'static str {
    match scope {
        Scope::OpenId => "know who you are",
        Scope::Profile => "see your profile and organisations",
        Scope::Email => "see your e-mail address",
        Scope::ReadBilling => "see whether you can pay",
        Scope::InferenceApi => "run inference on your behalf",
        Scope::ReadRepos => "read your repositories",
        Scope::WriteRepos => "write to your repositories",
        Scope::ManageRepos => "manage your repositories",
        _ => "",
    }
}

fn span(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => "less than a minute".to_owned(),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
