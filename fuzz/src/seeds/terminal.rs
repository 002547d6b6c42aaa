//! What a terminal's login reads.

use super::*;

pub(super) fn device_responses() -> Corpus {
    let code = "device-code-0123456789";
    let answer = |members: Value| {
        let mut answer = json!({
            "device_code": code, "user_code": "M8HJ-FMGN", "verification_uri": "https://hf.co/oauth/device",
            "expires_in": 900, "interval": 5,
        });
        for (name, value) in members.as_object().into_iter().flatten() {
            answer[name] = value.clone();
        }
        format!("200\n{answer}\n--\n")
    };
    let honest = answer(json!({}));
    let complete =
        json!({ "verification_uri_complete": "https://huggingface.co/oauth/device?user_code=M8HJ-FMGN" });
    texts([
        ("pending", format!("{honest}400\n{{\"error\":\"authorization_pending\"}}")),
        ("slow-down", format!("{honest}400\n{{\"error\":\"slow_down\"}}")),
        ("granted", format!("{honest}200\n{{\"access_token\":\"a\",\"token_type\":\"bearer\"}}")),
        ("denied", format!("{honest}400\n{{\"error\":\"access_denied\"}}")),
        ("echo", format!("{honest}400\n{{\"error\":\"invalid_grant\",\"error_description\":\"{code}\"}}")),
        ("page", format!("{honest}502\n<html>")),
        ("complete", answer(complete)),
        ("times", answer(json!({ "expires_in": "1e9", "interval": -1 }))),
        ("terminal", answer(json!({ "user_code": "\u{1b}]52;c;x\u{7}" }))),
        ("foreign", answer(json!({ "verification_uri": "https://hf.co.evil.example/" }))),
        ("script", answer(json!({ "verification_uri_complete": "javascript:alert(1)" }))),
    ])
}

pub(super) fn stored_tokens() -> Corpus {
    texts([
        (
            "python",
            "[laptop]\nhf_token = hf_abc\n\n[ci]\nhf_token = hf_def\nrefresh_token = r\nexpires_at = 1800000000\n\n",
        ),
        (
            "by-hand",
            "# mine\r\n[laptop]\r\nHF_TOKEN: hf_abc ; no comment\r\n[ other ]\nhf_token=hf_%(x)s\n\tgoes on\n",
        ),
        ("no-line-end", "[laptop]\nhf_token = hf_abc"),
        ("empty", ""),
        ("default", "[DEFAULT]\nhf_token = hf_all\n[laptop]\n"),
        ("names", "[a]b]\nhf_token = 1\n[\u{e9} \u{2028}]\nhf_token\n[fuzz]\n"),
        ("twice", "[a]\nhf_token = 1\n[a]\nhf_token = 2\n"),
        ("broken", "hf_token = 1\n[a\n= x\n"),
        ("json", "{\"laptop\": \"hf_abc\"}"),
    ])
}
