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

#[test]
fn row_170_what_was_asked_for_survives_every_trimming_and_refresh_and_is_bounded() {
    let ids: Vec<_> = (0..20).map(|number| RequirementId::of(&format!("requirement {number}"))).collect();
    let sessions = sessions();
    for orgs in [0, 3, 200, 1_000] {
        let session = session_of(user(Some(orgs)), 1_400, Some(120));
        assert!(session.asked().is_empty() && !session.has_asked(&ids[0]));
        let asked = session.with_asked(&ids[..3]).with_asked(&ids[1..2]);
        assert_eq!(asked.asked(), [ids[0], ids[2], ids[1]], "each once, the newest last");
        let full = asked.with_asked(&ids[3..]);
        let browser = write(&sessions, &full);
        assert!(browser.header().len() <= SESSION_COOKIES_LIMIT);
        let found = read(&sessions, &browser).session.unwrap();
        assert_eq!(found.asked(), &ids[4..], "{orgs} organisations");
        assert_eq!(found.app_state(), None, "it is no part of the app's own data");
        let told = found.with_user_info(user(None)).unwrap();
        assert!(told.has_asked(&ids[19]) && !told.has_asked(&ids[0]));
    }
}

#[test]
fn row_102_a_session_from_before_there_were_requirements_opens() {
    let session = session();
    let payload = encode(&session, Detail::All, usize::MAX);
    let found = crate::session::decode(&payload).unwrap();
    assert_eq!((found.asked().len(), &found), (0, &session));
    let with_one = encode(&session.with_asked(&[RequirementId::of("x")]), Detail::All, usize::MAX);
    assert_eq!(with_one.len(), payload.len() + 1 + 8, "whoever was asked for nothing pays nothing");
    let flags = payload.iter().zip(with_one.iter()).position(|(old, new)| old != new).unwrap();
    assert_eq!((payload[flags], with_one[flags]), (1, 3), "the byte that was false or true before");
    for unknown in [4, 8, 0x80] {
        let mut changed = payload.to_vec();
        changed[flags] |= unknown;
        assert!(crate::session::decode(&changed).is_none());
    }
}

/// Cookies that the first version wrote: under a configured key, and under one of a client secret.
const OLDER: [&str; 2] = [
    "1ASiRdkAe0bAh_reSHT914RUQqJteTha-ZEVpTrxB_zGqY0PXl9vS9WZ00nGEXVzPtLcHinMXUFzPBhaNOx4WSFTcp89CKi5-OBcTNZbjwaNs_xWv_PqTX7Yyj5YcdSlry8CNeaMlT8o7_mH_BsvdkZ9vPGYdx8Dzr3tDqOX72WD3tDoIZ_8tLyOZMpNp5LOi3ZNfKDZoZ2vAIlEzbI3YtI6sZV6SffuLzZZGkaGI",
    "1AbahgwEgjupb2pRreePPiFxsKw2ygHAch9Z8Lmbop7j8sWva9EnhNNmqRzGRSmFckqKfOq2NimiSD4rxAKsrkvxe9jBPhhLR6DcdkyO_VfcxLclYsZjrbzfFYQS8PshS26pYN-TBzexkSB2A0XtbkB9iE--dee3P7hUN-_Qq7CKfadkP98ejTBJkEKi-40J9pLWDnxu-uEbcrZZKqBMzmX8TxA6r12mptuDZP8xJ",
];

#[test]
fn row_102_cookies_of_the_first_version_open_and_nobody_is_signed_out() {
    let secret = Secret::new("4f3c2b1a-9d8e-4f6a-8b5c-0d1e2f3a4b5c");
    let rings = [ring(&[KEY]), Keyring::from_client_secret(&secret, "app").unwrap()];
    for (ring, value) in rings.into_iter().zip(OLDER) {
        let sessions = CookieSessions::new(ring, CookiePolicy::https(), "app", &issuer());
        let header = format!("__Host-hf_oauth={value}");
        let found = sessions.read(&CookieHeaders::new([header.as_bytes()]), NOW);
        let session = found.session.unwrap();
        assert!(!found.reseal && found.stale.is_empty());
        assert_eq!((session.subject(), session.created_at()), ("5f0c2b1a9d8e7f6a5b4c3d2e", NOW));
        assert_eq!(session.tokens().access_token.expose(), "hf_oauth_access");
        assert_eq!(session.user_info().orgs.as_ref().unwrap()[0].role_in_org, Some(OrgRole::Admin));
        assert!(session.asked().is_empty() && session.has_all_orgs());
    }
}
