//! The local Hub: started where it was asked for and no app is configured.

use hf_oauth::Origin;

use crate::runtime::LocalHubHandle;
use crate::settings::Values;
use crate::start::StartError;

#[cfg(not(feature = "local-hub"))]
pub(super) async fn start_if_wanted(_: &mut Values) -> Result<Option<LocalHubHandle>, StartError> {
    Ok(None)
}

#[cfg(feature = "local-hub")]
pub(super) async fn start_if_wanted(values: &mut Values) -> Result<Option<LocalHubHandle>, StartError> {
    use hf_oauth::App;
    use hf_oauth_hub::{AppConfig, LocalHub};

    use crate::settings::AppFault;

    let own = values.public_url.as_ref().and_then(|url| url.parse().ok());
    if values.client_metadata.is_some() && own.is_some_and(|own| is_wanted_for_document(values, &own)) {
        let (hub, issuer) = start(LocalHub::builder()).await?;
        values.issuer = Some(issuer);
        return Ok(Some(hub));
    }
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
    let (hub, issuer) = start(LocalHub::builder().app(registered)).await?;
    (values.app, values.issuer) = (Ok(App::new("local-app")), Some(issuer));
    Ok(Some(hub))
}

/// Whether the local Hub is to fetch the document of an app that nobody registers: from this machine no other Hub can.
pub(super) fn is_wanted_for_document(values: &Values, own: &Origin) -> bool {
    #[cfg(feature = "local-hub")]
    let local_hub = values.local_hub;
    #[cfg(not(feature = "local-hub"))]
    let local_hub = false;
    local_hub && values.issuer.is_none() && own.is_loopback()
}

#[cfg(feature = "local-hub")]
async fn start(builder: hf_oauth_hub::Builder) -> Result<(LocalHubHandle, hf_oauth::Issuer), StartError> {
    let failed = |source: hf_oauth_hub::StartError| StartError::LocalHub { source: Box::new(source) };
    let hub = builder.start().await.map_err(failed)?;
    let issuer = hf_oauth::Issuer::parse(hub.issuer()).map_err(|source| StartError::PublicUrl { source })?;
    tracing::info!(
        issuer = hub.issuer(),
        "the local Hub stands in for huggingface.co: anybody can be anybody"
    );
    Ok((hub, issuer))
}
