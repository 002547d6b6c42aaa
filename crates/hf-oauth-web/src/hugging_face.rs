//! The facade: what adapters call. It stands above everything else, and nothing below names it.

use std::fmt;
use std::sync::Arc;

use hf_oauth::{App, Client, OAuthInfo, RedirectUri};

use crate::access::access;
use crate::answers;
use crate::begin::Step;
use crate::button::{self, button};
use crate::failure::{Failure, FailureCode};
use crate::fetch_metadata::{is_own_navigation, is_own_request};
use crate::flow::{callback, client_metadata, login, logout, tab};
use crate::frames::{Framing, has_frame_ancestors, refuses_frames};
use crate::page;
use crate::reply::Reply;
use crate::request::Request;
use crate::requirement::Requirement;
use crate::routes::Route;
use crate::runtime::Runtime;
use crate::settings::Settings;
use crate::visit::{Visit, Visiting, visit};

/// Sign in with Hugging Face, running. Cheap to clone; clones are the same.
///
/// An app takes the one of its framework's adapter, which is this with the framework's types around it. See the
/// [crate](crate) for how an adapter calls it.
#[derive(Clone)]
pub struct HuggingFace(Arc<Runtime>);

impl HuggingFace {
    pub(crate) fn new_running(runtime: Arc<Runtime>) -> Self {
        Self(runtime)
    }

    /// Settings from the environment: see [`Settings::from_env`].
    pub fn from_env() -> Settings<Self> {
        Settings::from_env()
    }

    /// Settings from other variables than the process's: see [`Settings::from_vars`].
    pub fn from_vars(lookup: impl Fn(&str) -> Option<String>) -> Settings<Self> {
        Settings::from_vars(lookup)
    }

    /// Settings of an app that is registered with the Hub: see [`Settings::new`].
    pub fn new(app: App) -> Settings<Self> {
        Settings::new(app)
    }

    /// Reads who sent a request. What has to wait for the provider is a future that borrows nothing.
    pub fn visit(&self, request: &Request<'_>) -> Visiting {
        visit(&self.0, request)
    }

    /// A visit for code that no middleware of this crate is around: of the person whom a test signed in, or of nobody.
    pub fn visit_without_middleware(&self, request: &Request<'_>) -> Visit {
        tracing::error!(
            "a handler or guard asks who is signed in, and the middleware that knows is not around it: attach sign-in \
             last, around all routes"
        );
        Visit::unread(&self.0, request)
    }

    /// The routes that an adapter adds to the app: all of [`Route::ALL`] that this one answers to. An app that is
    /// registered may have its own `/.well-known/oauth-cimd`.
    pub fn own_routes(&self) -> impl Iterator<Item = Route> + use<> {
        let has_document = self.0.client_metadata.is_some();
        Route::ALL.into_iter().filter(move |route| has_document || *route != Route::ClientMetadata)
    }

    /// The path of one of the crate's own routes.
    pub fn path(&self, route: Route) -> &str {
        route.path(&self.0.paths)
    }

    /// Answers a request to one of the crate's own routes. `visit` is what a middleware around the route found; without one
    /// it is read here, and so it is where that middleware is another `HuggingFace`'s.
    pub async fn answer(&self, route: Route, request: &Request<'_>, known: Option<Visit>) -> Reply {
        let visit = match known.filter(|visit| visit.is_of(&self.0)) {
            Some(visit) => visit,
            None => match self.visit(request) {
                Visiting::Ready(visit) => visit,
                Visiting::Waiting(waiting) => waiting.finish().await,
            },
        };
        if request.path() != self.path(route) {
            return self.attached_elsewhere(route, request, &visit);
        }
        let step = match route {
            Route::Login => login::login(&visit, request),
            Route::SwitchAccount => login::switch(&visit, request),
            Route::Callback => callback::callback(&visit, request).await,
            Route::Logout => logout::logout(&visit, request).await.into(),
            Route::Tab => tab::tab(&visit, request).into(),
            Route::PageStyle => Reply::asset("text/css; charset=utf-8", page::STYLE).into(),
            Route::PageScript => Reply::asset("text/javascript; charset=utf-8", page::SCRIPT).into(),
            Route::ButtonStyle => Reply::asset("text/css; charset=utf-8", button::STYLE).into(),
            Route::ClientMetadata => client_metadata::client_metadata(&self.0).into(),
        };
        self.perform(&visit, request, step).await
    }

    /// What a guard answers to a visitor who does not meet `requirement`; `None` lets them pass. A `visit` that another
    /// `HuggingFace` read says nothing here: it is nobody's.
    pub async fn check(
        &self,
        requirement: &Requirement,
        request: &Request<'_>,
        visit: &Visit,
    ) -> Option<Reply> {
        let nobody = (!visit.is_of(&self.0)).then(|| self.visit_without_middleware(request));
        let visit = nobody.as_ref().unwrap_or(visit);
        let step = access(visit, requirement, request).await?;
        Some(self.perform(visit, request, step).await)
    }

    async fn perform(&self, visit: &Visit, request: &Request<'_>, step: Step) -> Reply {
        visit.complete(match step {
            Step::Answer(reply) => reply,
            Step::Begin(begin) => login::begin(visit, request, begin).await,
        })
    }

    /// The app attached the routes below a path of which they know nothing: every link and the redirect URI would lead
    /// past them.
    fn attached_elsewhere(&self, route: Route, request: &Request<'_>, visit: &Visit) -> Reply {
        let (here, made_for) = (request.path(), self.path(route));
        tracing::error!(
            here,
            made_for,
            "the sign-in routes are nested below another path: call `with_prefix` with that path and attach sign-in to \
             the outermost router, not to a nested one"
        );
        let failure = Failure::new(
            FailureCode::AttachedElsewhere,
            format!("This address was made for {made_for}, and the app serves it here."),
        )
        .and("Whoever runs this app: attach sign-in to the outermost router, and give its path to with_prefix(\"...\").");
        answers::failure(visit.incoming(request), &failure)
    }

    /// The page for somebody to whom a site shows the app in a frame that may not: it says where to open the app, and nothing of
    /// anybody's session, so that everybody may frame it. `None` for every other request, also of a site that does not say who
    /// it is: the browser holds that one to [`frame_policy`](Self::frame_policy). An app whose own pages have that policy
    /// answers with this page instead of a broken frame.
    pub fn framed_page(&self, request: &Request<'_>) -> Option<Reply> {
        let visit = Visit::unread(&self.0, request);
        let incoming = visit.incoming(request);
        (incoming.framing() == Framing::Foreign && !is_own_navigation(request))
            .then(|| answers::failure(incoming, &answers::framed(incoming, incoming.here())))
    }

    /// Who may show the app in a frame, as the directive `frame-ancestors` of `Content-Security-Policy`: the app itself and the
    /// sites of [`with_frame_ancestors`](Settings::with_frame_ancestors). For the app's own pages, beside
    /// [`framed_page`](Self::framed_page); adapters have a layer that does both.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use hf_oauth_web::{App, HuggingFace};
    ///
    /// let app = App::new("my-client-id").with_client_secret("4f3c2b1a-9d8e-4f6a-8b5c-0d1e2f3a4b5c");
    /// let auth = HuggingFace::new(app).with_frame_ancestors(["https://portal.example".parse()?]).start().await?;
    /// assert_eq!(auth.frame_policy(), "frame-ancestors 'self' https://portal.example");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).map_err(|error| error.to_string())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn frame_policy(&self) -> &str {
        self.0.sites.configured().frames.policy()
    }

    /// [`frame_policy`](Self::frame_policy) for an answer that has these values of `Content-Security-Policy` and
    /// `X-Frame-Options`: `None` where one of them says already who may frame it. Of several policies a browser takes the
    /// strictest, but beside `frame-ancestors` it does not look at `X-Frame-Options` at all.
    pub fn frame_policy_beside<'p>(
        &self,
        policies: impl IntoIterator<Item = &'p [u8]>,
        frame_options: impl IntoIterator<Item = &'p [u8]>,
    ) -> Option<&str> {
        let is_said =
            policies.into_iter().any(has_frame_ancestors) || frame_options.into_iter().any(refuses_frames);
        (!is_said).then(|| self.frame_policy())
    }

    /// Who is signed in according to a request's headers, for code without extractors. Nothing is refreshed.
    ///
    /// The answer is `None` when there is no session or its cookies cannot be read, when the access token has ended, after
    /// a sign-out, and, in a Space, for a request whose `Origin` is another site.
    pub fn parse_huggingface_oauth(&self, request: &Request<'_>) -> Option<OAuthInfo> {
        let site = self.0.sites.of(request);
        let site = site.among(&self.0.sites)?;
        if site.frames.are_possible() && request.has("origin") && !is_own_request(request, &site.origin) {
            return None;
        }
        let now = self.0.client.now();
        let session = site.sessions.read_now(&request.cookies(), now)?.session?;
        if self.0.refresher.has_ended(&session) || !self.0.admission.still_holds(&session) {
            site.sessions.forget_read(&request.cookies());
            return None;
        }
        (now < session.expires_at()).then(|| session.into_info())
    }

    /// The client: for calls in the name of whoever is signed in, such as `userinfo`.
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// What must be registered with the app. Without a public URL this is `http://localhost` without a port, which
    /// the Hub takes for every port.
    pub fn redirect_uri(&self) -> &RedirectUri {
        #[expect(clippy::expect_used, reason = "the start gives every app a redirect URI")]
        self.0.sites.configured().app.redirect_uri.as_ref().expect("the start sets it")
    }

    /// The path that signs in; [`login_url`](Self::login_url) adds where to go afterwards.
    pub fn login_path(&self) -> &str {
        &self.0.paths.login
    }

    /// The address, from the app's own root on, that signs in and comes back to `return_to`, which becomes `/` where it
    /// leads off this site.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use hf_oauth_web::{App, HuggingFace};
    ///
    /// let app = App::new("my-client-id").with_client_secret("4f3c2b1a-9d8e-4f6a-8b5c-0d1e2f3a4b5c");
    /// let auth = HuggingFace::new(app).start().await?;
    /// assert_eq!(auth.login_url("/a?b=c"), "/oauth/huggingface/login?_target_url=%2Fa%3Fb%3Dc");
    /// assert_eq!(auth.login_url("https://evil.example"), "/oauth/huggingface/login");
    /// # Ok::<(), hf_oauth_web::StartError>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn login_url(&self, return_to: &str) -> String {
        self.0.paths.login_to(&self.0.paths.return_path(return_to))
    }

    /// The path that signs in and lets the person choose another account.
    pub fn switch_account_path(&self) -> &str {
        &self.0.paths.switch
    }

    /// The path that signs out: send a `POST` there.
    pub fn logout_path(&self) -> &str {
        &self.0.paths.logout
    }

    /// The button that signs in and comes back to `return_to`, as HTML.
    ///
    /// Where the app may be shown in a frame, as in a Space, the frame itself goes to the Hub and back, and a small link
    /// beside the button opens a new tab instead; or the button does, see
    /// [`with_frame_sign_in`](Settings::with_frame_sign_in). A `return_to` that leads off this site becomes `/`.
    pub fn sign_in_button(&self, return_to: &str) -> String {
        let (paths, frames) = (&self.0.paths, &self.0.sites.configured().frames);
        button(paths, &paths.return_path(return_to), frames.are_possible().then_some(frames.sign_in))
    }
}

impl fmt::Debug for HuggingFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HuggingFace")
            .field("client", &self.0.client)
            .field("redirect_uri", self.redirect_uri())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Pairs;
    use crate::testing;

    async fn started(client_id: &str) -> HuggingFace {
        let app = App::new(client_id).with_client_secret("4f3c2b1a-9d8e-4f6a-8b5c-0d1e2f3a4b5c");
        HuggingFace::new(app).start().await.unwrap()
    }

    #[tokio::test]
    async fn whom_another_sign_in_let_in_passes_no_guard() {
        let (members, anybody) = (started("members").await, started("anybody").await);
        let headers = Pairs(&[("host", "localhost:7860")]);
        let request = Request::new("GET", "/members", &headers);
        let ada = testing::signed_in_as("ada").test_user();
        let theirs = Visit::unread(&anybody.0, &request.with_test_user(Some(&ada)));
        let requirement = Requirement::new();
        assert!(anybody.check(&requirement, &request, &theirs).await.is_none());
        let refused = members.check(&requirement, &request, &theirs).await.unwrap();
        assert_eq!(refused.status(), 401);
        // Its routes are its own as well.
        let login = Request::new("GET", "/oauth/huggingface/login", &headers);
        let reply = members.answer(Route::Login, &login, Some(theirs)).await;
        let location = reply.headers().find(|(name, _)| *name == "location").unwrap().1.into_owned();
        assert!(location.contains("client_id=members"), "{location}");
    }
}
