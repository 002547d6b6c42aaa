//! hf-oauth-hub
