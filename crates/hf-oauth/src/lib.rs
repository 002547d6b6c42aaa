//! hf-oauth
