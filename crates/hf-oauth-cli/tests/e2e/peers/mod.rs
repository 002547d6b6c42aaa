//! What nobody here wrote, against what we did.

mod huggingface_hub_js;
mod huggingface_hub_py;
mod oidc_provider;
