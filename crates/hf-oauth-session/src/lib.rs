//! hf-oauth-session
