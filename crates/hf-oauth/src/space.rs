use hf_oauth_core::{App, Space, SpaceVarsError};

/// The app that the Hub registered for the Space that this process runs in, from its environment
/// ([Hub docs](https://huggingface.co/docs/hub/spaces-oauth)).
///
/// # Errors
///
/// [`SpaceVarsError`], which names every missing variable at once.
///
/// ```
/// // Outside a Space:
/// let error = hf_oauth::app_from_space_env().unwrap_err();
/// assert!(error.to_string().contains("hf_oauth: true"));
/// ```
pub fn app_from_space_env() -> Result<Space, SpaceVarsError> {
    App::from_space_vars(|name| std::env::var(name).ok())
}
