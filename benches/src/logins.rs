//! Whole logins by `hf-oauth`: address, consent, callback, exchange, keys, ID token, userinfo.

use hf_oauth::{App, Client, Issuer, LoginOptions, RedirectUri};
use hf_oauth_benches::whole_logins::{CLIENT_ID, CLIENT_SECRET, PERSON, hub, measure};
use hf_oauth_benches::{Fault, output};

const REDIRECT: &str = "http://localhost:7860/oauth/huggingface/callback";

/// Prints what [`measure`] gives.
pub(crate) fn run(seconds: f64) -> Result<(), Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let hub = hub(REDIRECT).await?;
        let app = App::new(CLIENT_ID)
            .with_client_secret(CLIENT_SECRET)
            .with_redirect_uri(RedirectUri::parse(REDIRECT)?);
        let client = Client::new(app).with_issuer(Issuer::parse(hub.issuer())?);
        let measured = measure(&hub, seconds, async || {
            let (url, pending) = client.login_url(&LoginOptions::new()).await?;
            let back = hub.approve(&url, PERSON).await?;
            client.handle_redirect(&back, pending).await?;
            Ok(())
        });
        output::line(&measured.await?.to_string());
        Ok(())
    })
}
