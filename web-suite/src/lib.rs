//! The whole of signing in, as browsers and programs see it: over HTTP, against the local Hub, with every adapter.
//!
//! A test is a function of an `Adapter`; `on_every_adapter!` at the end of its file makes one test of it for each.

#![cfg(test)]

/// For each adapter a module with the tests of these names: one that is not listed is dead code, which is an error.
macro_rules! on_every_adapter {
    ($($test:ident,)*) => {
        on_every_adapter! { @ axum Axum $($test)* }
        on_every_adapter! { @ actix Actix $($test)* }
    };
    (@ $module:ident $adapter:ident $($test:ident)*) => {
        mod $module {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test($crate::adapter::Adapter::$adapter).await;
                }
            )*
        }
    };
}

mod adapter;
mod browser;
mod frame;
mod log;
mod orgs;
mod world;

mod address;
mod after_sign_out;
mod asked_once;
mod attached;
mod authorized;
mod away;
mod callback;
mod client_metadata;
mod clients;
mod cookies;
mod crowded;
mod custom_domains;
mod frame_pages;
mod frames;
mod guard;
mod logout;
mod look;
mod lost;
mod navigation;
mod nobody_elses;
mod pages;
mod provider;
mod refresh;
mod refresh_answers;
mod return_path;
mod secrets;
mod session;
mod sign_in;
mod sign_in_check;
mod tabs;
