//! URLs and forms, there and back: what is written reads as what was meant, whatever the values are, and the other way
//! round. The readers and writers here are this test's own, by RFC 3986 and the WHATWG URL standard.

#![cfg(feature = "wire")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hf_oauth_core::*;
use http::header::{AUTHORIZATION, HeaderValue};
use proptest::prelude::*;
use support::*;

/// What `application/x-www-form-urlencoded` says; `None` for anything that is not exactly that.
fn read_form(text: &str) -> Option<Vec<(String, String)>> {
    let pair = |field: &str| field.split_once('=').map(|(name, value)| Some((decode(name)?, decode(value)?)));
    text.split('&').map(|field| pair(field)?).collect()
}

fn decode(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::new(), text.bytes());
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => byte,
            _ => return None,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Every byte escaped, also those that need no escape: a reader must not mind.
fn escape_all(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

/// Names and values of all kinds: separators, escapes, spaces, quotes, line ends, every script.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![r#"[ -~]{1,40}"#, r#"[&=+%#?/;\r\n\t \x00"'<>]{1,12}"#, any::<String>()]
        .prop_filter("blank is no value", |text| !text.trim().is_empty())
}

/// A query as an app may have in its redirect URI.
fn redirect_uri() -> impl Strategy<Value = String> {
    "(/[a-z0-9._~!$&'()*+,;=:@%2F-]{0,12}){1,3}(\\?[a-z0-9._~!$&'()*+,;=:@/?-]{0,20})?"
        .prop_map(|rest| format!("https://app.example{rest}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn an_authorization_url_reads_as_its_parameters(client_id in text(), org in text(), redirect in redirect_uri()) {
        let app = App::new(client_id).with_redirect_uri(RedirectUri::parse(&redirect).unwrap());
        let options = LoginOptions::new().with_org_id(org);
        let request = begin(&app, &hub(), &options).0;
        let url = request.url();
        prop_assert!(url.bytes().all(|byte| byte.is_ascii_graphic()) && !url.contains('#'), "{url}");
        let (endpoint, query) = url.split_once('?').unwrap();
        prop_assert_eq!(endpoint, request.endpoint().as_str());
        let meant: Vec<_> =
            request.params().iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        prop_assert_eq!(read_form(query), Some(meant.clone()));
        prop_assert!(meant.contains(&("redirect_uri".to_owned(), redirect)));
    }

    #[test]
    fn a_code_is_exchanged_as_it_came_whatever_is_in_it(code in text(), escaped in any::<bool>()) {
        let write = |text: &str| match escaped {
            true => escape_all(text),
            false => url::form_urlencoded::byte_serialize(text.as_bytes()).collect(),
        };
        let query = format!("{}={}&state={}&later={}", write("code"), write(&code), parts().state, write(&code));
        let by_url = CallbackParams::from_url(&format!("/oauth/huggingface/callback?{query}#")).unwrap();
        for params in [CallbackParams::from_query(&query).unwrap(), by_url] {
            let grant = pending().accept(&hub(), params, NOW).unwrap();
            let request = grant.exchange(&app(), &hub()).unwrap().0.to_http();
            let form = read_form(std::str::from_utf8(request.body()).unwrap()).unwrap();
            prop_assert!(form.contains(&("code".to_owned(), code.clone())), "{form:?}");
            prop_assert_eq!(form.iter().filter(|(name, _)| name == "code").count(), 1);
            prop_assert!(form.contains(&("redirect_uri".to_owned(), app().redirect_uri.unwrap().to_string())));
        }
    }

    /// RFC 6749 section 2.3.1: both halves are form-encoded before they are joined by a colon.
    #[test]
    fn id_and_secret_of_an_app_reach_the_provider_as_they_are(client_id in text(), secret in text()) {
        let app = App::new(client_id.as_str()).with_client_secret(secret.as_str());
        let request = exchange(&app).0.to_http();
        let header = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes).unwrap();
        let plain = STANDARD.decode(header.strip_prefix(b"Basic ").unwrap()).unwrap();
        let (id, password) = std::str::from_utf8(&plain).unwrap().split_once(':').unwrap();
        prop_assert_eq!((decode(id), decode(password)), (Some(client_id), Some(secret)));
    }
}
