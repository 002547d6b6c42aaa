//! Any session, as bytes and back.

use proptest::prelude::*;

use super::*;
use crate::session::decode;

fn any_org() -> impl Strategy<Value = OAuthOrgInfo> {
    let text = || proptest::option::of(".{0,12}");
    let flag = || proptest::option::of(any::<bool>());
    let restrictions =
        proptest::option::of(proptest::collection::vec("mfa|sso|ip|token-policy|[a-z]{0,5}", 0..4));
    (
        "[0-9a-f]{24}|.{0,30}",
        (text(), text(), text(), text()),
        (flag(), flag(), flag(), flag()),
        proptest::option::of("admin|write|contributor|read|[a-z]{0,6}"),
        restrictions,
    )
        .prop_map(|(sub, texts, flags, role, restrictions)| {
            let mut org = OAuthOrgInfo::new(sub);
            (org.name, org.preferred_username, org.picture, org.plan) = texts;
            (org.is_enterprise, org.can_pay, org.pending_sso, org.missing_mfa) = flags;
            org.role_in_org = role.map(|role| OrgRole::from(role.as_str()));
            org.security_restrictions = restrictions
                .map(|all| all.iter().map(|one| SecurityRestriction::from(one.as_str())).collect());
            org
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_session_survives_its_encoding(
        sub in ".{0,40}", name in proptest::option::of(".*"), email in proptest::option::of(".*"),
        verified: Option<bool>, access in "[!-~]{1,200}", refresh in proptest::option::of("[!-~]{1,99}"),
        scope in "[a-z: -]{0,60}", orgs in proptest::option::of(proptest::collection::vec(any_org(), 0..9)),
        times: (i64, i64),
    ) {
        let mut user = OAuthUserInfo::new(sub);
        (user.name, user.email, user.email_verified, user.orgs) = (name, email, verified, orgs);
        let tokens = Tokens::new(
            Secret::new(access), refresh.map(Secret::new), UnixTime::from_secs(times.0), Scopes::from(scope.as_str()),
        );
        let session = Session::dangerously_unverified(user, tokens, UnixTime::from_secs(times.1));
        prop_assert_eq!(decode(&encode(&session, Detail::All, usize::MAX)), Some(session.clone()));
        for detail in Detail::LADDER {
            let found = decode(&encode(&session, detail, usize::MAX));
            prop_assert!(found.is_some());
            prop_assert_eq!(found.as_ref().map(rights), Some(rights(&session)));
        }
    }

    #[test]
    fn foreign_records_are_refused_without_a_panic(bytes: Vec<u8>) {
        let _ = decode(&bytes);
    }
}
