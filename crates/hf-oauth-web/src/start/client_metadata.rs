//! An app that nobody registers: what speaks against it, its client id, and its document.

use hf_oauth::{App, EndpointUrl, Hub, Origin, RedirectUri};
use serde_json::json;

use super::client_metadata_error::ClientMetadataError;
use super::{StartError, local_hub};
use crate::paths::CLIENT_METADATA;
use crate::settings::{AppFault, ClientMetadata, Values};

/// The longest name, in characters: it stands in the heading of the Hub's page.
const LONGEST_NAME: usize = 100;

/// Puts the app in the place of one that is registered, where that was asked for.
pub(super) fn take_place(values: &mut Values) -> Result<(), StartError> {
    let Some(metadata) = &values.client_metadata else { return Ok(()) };
    let fail = |error| Err(StartError::ClientMetadata(error));
    if values.in_space {
        return fail(ClientMetadataError::InSpace);
    }
    match &values.app {
        Ok(app) => return fail(ClientMetadataError::Registered { client_id: app.client_id.clone() }),
        Err(AppFault::Variable(source)) => return Err(StartError::Environment { source: source.clone() }),
        Err(AppFault::Missing | AppFault::ClientIdMissing { .. }) => {}
    }
    if values.without_app.has_secret {
        return fail(ClientMetadataError::Secret);
    }
    if let Some(error) = mistake_in(metadata) {
        return fail(error);
    }
    let Some(url) = &values.public_url else { return fail(ClientMetadataError::NoPublicUrl) };
    let origin = url.parse::<Origin>().map_err(|source| StartError::PublicUrl { source })?;
    if values.issuer.is_none() {
        values.issuer = values
            .without_app
            .issuer
            .take()
            .transpose()
            .map_err(|source| StartError::Environment { source })?;
    }
    let mut app = App::new(format!("{origin}{CLIENT_METADATA}"));
    app.scopes = app.scopes.iter().chain(&values.without_app.scopes).cloned().collect();
    values.app = Ok(app);
    if local_hub::is_wanted_for_document(values, &origin) {
        return Ok(());
    }
    // No provider elsewhere can fetch anything from this machine.
    let huggingface = Hub::huggingface();
    let issuer = values.issuer.as_ref().unwrap_or_else(|| huggingface.issuer());
    if origin.is_loopback() && !issuer.url().origin().is_loopback() {
        return fail(ClientMetadataError::OutOfReach { issuer: issuer.to_string() });
    }
    Ok(())
}

fn mistake_in(metadata: &ClientMetadata) -> Option<ClientMetadataError> {
    let name = metadata.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Some(ClientMetadataError::Name);
    }
    [("logo URI", &metadata.logo_uri), ("client URI", &metadata.client_uri)].into_iter().find_map(
        |(what, uri)| {
            let source = EndpointUrl::parse(uri.as_deref()?).err()?;
            Some(ClientMetadataError::Link { what, source })
        },
    )
}

/// The document (RFC 7591 section 2): the same for everybody, and made once.
pub(super) fn document(metadata: &ClientMetadata, app: &App) -> String {
    let mut document = json!({
        "client_id": app.client_id,
        "client_name": metadata.name.trim(),
        "redirect_uris": [app.redirect_uri.as_ref().map(RedirectUri::as_str)],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
    });
    for (name, uri) in [("logo_uri", &metadata.logo_uri), ("client_uri", &metadata.client_uri)] {
        if let Some(uri) = uri {
            document[name] = json!(uri);
        }
    }
    document.to_string()
}
