//! hf-oauth-axum
