//! hf-oauth-core
