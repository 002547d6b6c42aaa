//! Userinfo and whoami: the same person, tolerant of what is new, strict in what lets people in.

#![cfg(feature = "wire")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use hf_oauth_core::*;
use serde_json::{Value, json};
use support::*;

fn read(response: Response) -> Result<OAuthUserInfo, BackchannelError> {
    userinfo_request(&hub(), &Secret::new(ACCESS_TOKEN)).unwrap().read(response)
}

fn user(json: Value) -> OAuthUserInfo {
    read(ok(json)).unwrap()
}

fn org(members: Value) -> OAuthOrgInfo {
    let mut org = json!({ "sub": "org-1" });
    merge(&mut org, members);
    user(json!({ "sub": "user-1", "orgs": [org] })).orgs.unwrap().remove(0)
}

#[test]
fn row_042_userinfo_about_somebody_else_is_refused() {
    let identity = || Attempt::new().run().unwrap().identity;
    let merged = identity().with_userinfo(user(json!({ "sub": "user-1", "isPro": true }))).unwrap();
    assert_eq!(merged.user_info().is_pro, Some(true));
    assert_eq!(merged.user_info().preferred_username.as_deref(), Some("ada"), "the ID token fills the gaps");
    for sub in ["user-2", "", "USER-1", "user-1 ", "user-10"] {
        let error = identity().with_userinfo(user(json!({ "sub": sub, "name": "Ada" }))).unwrap_err();
        assert_eq!(error, UserinfoError::SubjectMismatch, "{sub}");
    }
}

#[test]
fn row_042_userinfo_that_is_no_object_with_a_subject_is_refused() {
    for body in ["{}", r#"{"sub":null}"#, r#"{"sub":5}"#, r#"{"sub":"a","sub":"b"}"#, r#"{"sub":"a""#] {
        let error = read(ok(body)).unwrap_err();
        assert!(matches!(error.fault, BackchannelFault::Malformed { .. }), "{body}: {error:?}");
    }
    let error = read(ok(Attempt::new().jwt())).unwrap_err();
    assert!(matches!(error.fault, BackchannelFault::Malformed { .. }), "{error:?}");
    for body in ["[]", r#"["user-1"]"#, r#"[{"sub":"user-1"}]"#, "<html>", "", "null", "\"user-1\""] {
        assert_eq!(read(ok(body)).unwrap_err().fault, BackchannelFault::NotJson, "{body}");
    }
    let good = r#"{"sub":"user-1"}"#;
    for status in [401, 403, 404, 500] {
        let error = read(Response::new(status, good)).unwrap_err();
        assert_eq!((error.status, error.fault), (Some(status), BackchannelFault::Status));
    }
    let error = read(Response::new(401, r#"{"error":"invalid_token"}"#)).unwrap_err();
    assert_eq!(error.oauth().unwrap().code, "invalid_token");
}

#[test]
fn row_095_a_person_is_their_sub_whatever_they_are_called() {
    let renamed = Attempt::new().with(json!({ "preferred_username": "grace" })).run().unwrap();
    assert_eq!(renamed.identity.subject(), Attempt::new().run().unwrap().identity.subject());
    let taken = Attempt::new().with(json!({ "sub": "user-2" })).run().unwrap().identity;
    assert_eq!(taken.user_info().preferred_username.as_deref(), Some("ada"));
    assert_eq!(
        taken.with_userinfo(user(json!({ "sub": "user-1" }))).unwrap_err(),
        UserinfoError::SubjectMismatch
    );
}

#[test]
fn row_203_an_organisation_is_an_object_and_no_list_of_its_values() {
    let orgs = json!([["org-1", "Evil"], { "sub": "org-2" }, ["org-3"], []]);
    assert_eq!(user(json!({ "sub": "u", "orgs": orgs })).orgs, Some(vec![OAuthOrgInfo::new("org-2")]));
}

#[test]
fn row_096_absent_organisations_are_not_empty_ones() {
    assert_eq!(user(json!({ "sub": "u" })).orgs, None);
    assert_eq!(user(json!({ "sub": "u", "orgs": [] })).orgs, Some(vec![]));
    let null: OAuthUserInfo = serde_json::from_str(r#"{"sub":"u","orgs":null}"#).unwrap();
    assert_eq!(null.orgs, None);
    assert_eq!(user(json!({ "sub": "u", "orgs": "all" })).orgs, None);
    let without_sub = json!({ "sub": "u", "orgs": [{ "name": "Evil" }, 5, { "sub": "org-1" }] });
    assert_eq!(user(without_sub).orgs, Some(vec![OAuthOrgInfo::new("org-1")]), "an organisation is its sub");
}

#[test]
fn row_096_every_restriction_is_seen_in_its_old_and_its_new_form() {
    use SecurityRestriction::{Ip, Mfa, Other, Sso, TokenPolicy};
    assert!(org(json!({})).restrictions().is_empty());
    assert!(
        org(json!({ "securityRestrictions": [], "pendingSSO": false, "missingMFA": false }))
            .restrictions()
            .is_empty()
    );
    let all = json!({ "securityRestrictions": ["mfa", "sso", "ip", "token-policy", "brand-new"] });
    assert_eq!(org(all).restrictions(), [Mfa, Sso, Ip, TokenPolicy, Other("brand-new".to_owned())]);
    assert_eq!(org(json!({ "pendingSSO": true, "missingMFA": true })).restrictions(), [Sso, Mfa]);
    assert_eq!(org(json!({ "pendingSSO": true, "securityRestrictions": ["sso"] })).restrictions(), [Sso]);
    let nulls = r#"{"sub":"u","orgs":[{"sub":"o","securityRestrictions":null,"pendingSSO":null}]}"#;
    let user: OAuthUserInfo = serde_json::from_str(nulls).unwrap();
    assert!(user.orgs.unwrap()[0].restrictions().is_empty());
}

#[test]
fn row_096_a_restriction_that_cannot_be_read_still_restricts() {
    for unreadable in [
        json!("sso"),
        json!(["sso", 5]),
        json!([5]),
        json!([{}]),
        json!({ "sso": true }),
        json!(true),
        json!(1),
    ] {
        let org = org(json!({ "securityRestrictions": unreadable }));
        assert!(!org.restrictions().is_empty(), "{unreadable}");
    }
    assert_eq!(org(json!({ "securityRestrictions": "sso" })).restrictions(), [SecurityRestriction::Sso]);
}

#[test]
fn row_097_only_sub_is_needed_and_drift_does_not_fail() {
    let lean = user(json!({ "sub": "u" }));
    assert_eq!(lean, OAuthUserInfo::new("u"));
    for name in [
        "name",
        "preferred_username",
        "picture",
        "isPro",
        "canPay",
        "orgs",
        "email_verified",
        "website",
        "email",
    ] {
        for drifted in [json!({}), json!([]), json!(5), json!("text"), json!(true), json!(1.5)] {
            assert_eq!(user(json!({ "sub": "u", name: drifted })).sub, "u", "{name}: {drifted}");
        }
        let null = format!(r#"{{"sub":"u","{name}":null}}"#);
        assert_eq!(serde_json::from_str::<OAuthUserInfo>(&null).unwrap(), lean, "{name}");
    }
    assert_eq!(
        user(json!({ "sub": "u", "email_verified": "true" })).email_verified,
        None,
        "no text is a yes"
    );
}

#[test]
fn row_097_other_spellings_values_and_members_come_through() {
    assert_eq!(user(json!({ "sub": "u", "canPay": true })).can_pay, Some(true));
    // Another spelling is a member like any other: kept, and never at odds with the documented one.
    let both = user(json!({ "sub": "u", "canPay": false, "can_pay": true }));
    assert_eq!((both.can_pay, &both.other["can_pay"]), (Some(false), &json!(true)));
    assert_eq!(org(json!({ "roleInOrg": "owner" })).role_in_org, Some(OrgRole::Other("owner".to_owned())));
    assert_eq!(org(json!({ "roleInOrg": "admin" })).role_in_org, Some(OrgRole::Admin));

    let full = json!({
        "sub": "u", "name": "Ada", "preferred_username": "ada", "profile": "https://huggingface.co/ada",
        "picture": "p", "website": "w", "email": "ada@example.com", "email_verified": true, "isPro": true, "canPay": true,
        "orgs": [{
            "sub": "o", "name": "Org", "preferred_username": "org", "picture": "p", "plan": "enterprise",
            "isEnterprise": true, "canPay": false, "roleInOrg": "write", "securityRestrictions": ["mfa"],
            "pendingSSO": false, "missingMFA": true,
        }],
        "brandNew": { "nested": [1, 2] },
    });
    let user = user(full.clone());
    assert_eq!(user.other["brandNew"], full["brandNew"]);
    assert_eq!(serde_json::to_value(&user).unwrap(), full, "nothing is lost on the way through a store");
}

#[test]
fn row_097_an_address_is_not_verified_by_another_answer() {
    let attempt = Attempt::new().with(json!({ "email": "a@example.com", "email_verified": true }));
    let identity = attempt.run().unwrap().identity;
    let merged = identity.with_userinfo(user(json!({ "sub": "user-1", "email": "b@example.com" }))).unwrap();
    assert_eq!(merged.user_info().email.as_deref(), Some("b@example.com"));
    assert_eq!(merged.user_info().email_verified, None);
}

#[test]
fn row_097_whoami_takes_every_kind_of_token_and_drift() {
    let request = whoami_request(&hub(), &Secret::new(ACCESS_TOKEN));
    let read = |json: Value| request.read::<WhoAmI>(ok(json));
    let bare = read(json!({ "id": "1", "name": "ada" })).unwrap();
    assert!(bare.auth.is_none() && bare.orgs.is_none());
    let drifted = json!({ "id": "1", "name": "ada", "auth": "none", "orgs": {}, "isPro": "yes", "new": [] });
    assert_eq!(read(drifted).unwrap().is_pro, None);
    assert!(read(json!({ "name": "ada" })).is_err());
    assert!(read(json!({ "id": 5, "name": "ada" })).is_err());
}
