//! The local Hub: started where it was asked for and no app is configured.

use crate::runtime::LocalHubHandle;
use crate::settings::Values;
use crate::start::StartError;

#[cfg(not(feature = "local-hub"))]
pub(super) async fn start_if_wanted(_: &mut Values) -> Result<Option<LocalHubHandle>, StartError> {
    Ok(None)
}

#[cfg(feature = "local-hub")]
pub(super) async fn start_if_wanted(values: &mut Values) -> Result<Option<LocalHubHandle>, StartError> {
    use hf_oauth::{App, Issuer};
    use hf_oauth_hub::{AppConfig, LocalHub};

    use crate::settings::AppFault;

    if !values.local_hub || !matches!(values.app, Err(AppFault::Missing)) {
        return Ok(None);
    }
    if values.in_space {
        return Err(StartError::LocalHubElsewhere { why: "this is a Space" });
    }
    let mut app = App::new("local-app");
    let (origin, paths) =
        super::place(&mut app, values.public_url.as_deref(), &values.prefix, values.callback_path.clone())?;
    let hosts = ["http://localhost", "http://127.0.0.1", "http://[::1]"];
    let own = origin.map(|origin| origin.to_string());
    let registered = hosts
        .into_iter()
        .chain(own.as_deref())
        .fold(AppConfig::public("local-app").name("Local app"), |app, host| {
            app.redirect_uri(format!("{host}{}", paths.callback))
        });
    let failed = |source: hf_oauth_hub::StartError| StartError::LocalHub { source: Box::new(source) };
    let hub = LocalHub::builder().app(registered).start().await.map_err(failed)?;
    let issuer = Issuer::parse(hub.issuer()).map_err(|source| StartError::PublicUrl { source })?;
    tracing::info!(
        issuer = hub.issuer(),
        "the local Hub stands in for huggingface.co: anybody can be anybody"
    );
    (values.app, values.issuer) = (Ok(App::new("local-app")), Some(issuer));
    Ok(Some(hub))
}
