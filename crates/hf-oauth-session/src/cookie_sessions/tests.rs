use std::collections::BTreeSet;
use std::time::Duration;

use hf_oauth_core::{
    Hub, Issuer, OAuthOrgInfo, OAuthUserInfo, OrgRole, Scopes, Secret, SecurityRestriction, Tokens,
};

use super::*;
use crate::browser::Browser;
use crate::session::RequirementId;

mod cache;
mod encoding;
mod junk;
mod sizes;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
const KEY: &str = "first-key-0123456789abcdefghijklmnop";
const OTHER_KEY: &str = "other-key-0123456789abcdefghijklmnop";

fn ring(keys: &[&str]) -> Keyring {
    Keyring::new(keys.iter().copied()).unwrap()
}

fn issuer() -> Issuer {
    Hub::huggingface().issuer().clone()
}

fn sessions() -> CookieSessions {
    CookieSessions::new(ring(&[KEY]), CookiePolicy::https(), "app", Hub::huggingface().issuer())
}

/// A text of this length as real tokens are: base64url with dots.
fn token(length: usize, salt: u64) -> Secret {
    let mut state = salt;
    let text = (0..length).map(|index| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        match index {
            40 | 300 => '.',
            _ => char::from(
                b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[(state >> 58) as usize],
            ),
        }
    });
    Secret::new(text.collect::<String>())
}

fn org(number: u64) -> OAuthOrgInfo {
    let mut org = OAuthOrgInfo::new(format!("{:08x}{number:016x}", number.wrapping_mul(0x9e37_79b9) as u32));
    org.name = Some(format!("Organisation number {number}"));
    org.preferred_username = Some(format!("org-{number}"));
    org.picture = Some(format!("https://cdn-avatars.huggingface.co/v1/production/uploads/{number}.png"));
    org.role_in_org = Some(
        [OrgRole::Admin, OrgRole::Write, OrgRole::Contributor, OrgRole::Read][number as usize % 4].clone(),
    );
    org.security_restrictions =
        number.is_multiple_of(5).then(|| vec![SecurityRestriction::Mfa, SecurityRestriction::TokenPolicy]);
    org
}

fn user(orgs: Option<u64>) -> OAuthUserInfo {
    let mut user = OAuthUserInfo::new("5f0c2b1a9d8e7f6a5b4c3d2e");
    user.name = Some("Ada Lovelace".to_owned());
    user.preferred_username = Some("ada".to_owned());
    user.profile = Some("https://huggingface.co/ada".to_owned());
    user.picture = Some("https://cdn-avatars.huggingface.co/v1/production/uploads/5f0c2b1a.png".to_owned());
    user.is_pro = Some(true);
    user.orgs = orgs.map(|count| (0..count).map(org).collect());
    user.other.insert("brand".to_owned(), "new".into());
    user
}

fn session_of(user: OAuthUserInfo, access: usize, refresh: Option<usize>) -> Session {
    let expires_at = NOW + Duration::from_secs(28_800);
    let scope = Scopes::from("openid profile email read-memberships inference-api");
    let tokens = Tokens::new(token(access, 1), refresh.map(|length| token(length, 2)), expires_at, scope);
    Session::dangerously_unverified(user, tokens, NOW)
}

fn session() -> Session {
    session_of(user(Some(3)), 1_100, Some(60))
}

fn write(sessions: &CookieSessions, session: &Session) -> Browser {
    let mut browser = Browser::default();
    browser.apply(&sessions.write(session, &CookieHeaders::none(), NOW).unwrap());
    browser
}

fn read(sessions: &CookieSessions, browser: &Browser) -> ReadSession {
    browser.with(|cookies| sessions.read(cookies, NOW))
}

/// What guards decide on.
fn rights(session: &Session) -> BTreeSet<(String, Option<String>, BTreeSet<String>)> {
    let orgs = session.user_info().orgs.iter().flatten();
    let restrictions = |org: &OAuthOrgInfo| org.restrictions().iter().map(ToString::to_string).collect();
    orgs.map(|org| (org.sub.clone(), org.role_in_org.as_ref().map(ToString::to_string), restrictions(org)))
        .collect()
}

#[test]
fn a_session_comes_back_as_it_was_and_ends_inside_the_seal() {
    let (sessions, session) = (sessions(), session());
    let browser = write(&sessions, &session);
    let found = read(&sessions, &browser);
    assert_eq!(found.session, Some(session.clone()));
    assert!(!found.reseal && found.stale.is_empty());
    let at = |now| browser.with(|cookies| sessions.read(cookies, now));
    let end = session.ends_at();
    assert_eq!(end, NOW + crate::SESSION_LIFETIME);
    assert!(at(end - Duration::from_secs(1)).session.is_some());
    let ended = at(end);
    assert!(
        ended.session.is_none() && ended.stale.iter().all(SetCookie::is_deletion) && !ended.stale.is_empty()
    );
}

#[test]
fn row_073_a_planted_cookie_gives_no_session_and_signing_in_replaces_it() {
    let sessions = sessions();
    let mut browser = Browser::default();
    browser.0.insert((sessions.names[0].clone(), false), "1planted".to_owned());
    assert!(read(&sessions, &browser).session.is_none());
    browser.apply(&browser.clone().with(|cookies| sessions.write(&session(), cookies, NOW).unwrap()));
    assert_eq!(read(&sessions, &browser).session, Some(session()));
    assert!(!browser.header().contains("planted"));
}

#[test]
fn row_075_every_line_of_a_session_and_of_its_end_has_the_attributes_of_its_profile() {
    let big = session_of(user(Some(200)), 1_400, Some(100));
    for (policy, attributes) in [
        (CookiePolicy::http(7860), "; Path=/; HttpOnly; SameSite=Lax"),
        (CookiePolicy::https(), "; Path=/; Secure; HttpOnly; SameSite=Lax"),
        (CookiePolicy::space(), "; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"),
    ] {
        let sessions = sessions().with_policy(policy.clone());
        let lines = sessions.write(&big, &CookieHeaders::none(), NOW).unwrap();
        assert_eq!(lines.len(), 2);
        for line in &lines {
            let text = line.header_value();
            assert!(text.ends_with(attributes) && text.starts_with(&policy.session_name()), "{line:?}");
        }
        let mut browser = Browser::default();
        browser.apply(&lines);
        let cleared = browser.with(|cookies| sessions.clear(cookies));
        for name in &sessions.names {
            assert!(
                cleared.iter().any(|line| line.header_value() == format!("{name}=; Max-Age=0{attributes}"))
            );
        }
    }
}

#[test]
fn row_076_our_cookie_is_read_beside_hostile_siblings_and_over_split_headers() {
    let sessions = sessions();
    let big = session_of(user(Some(200)), 1_400, None);
    let browser = write(&sessions, &big);
    let crumbs: Vec<String> = browser.header().split("; ").map(str::to_owned).collect();
    let evil = format!("\u{2000}{}=evil", sessions.names[0]);
    let mut headers: Vec<&[u8]> = vec![b"$Version=1", b"x=\xff\xff", evil.as_bytes()];
    headers.extend(crumbs.iter().rev().map(String::as_bytes));
    let found = sessions.read(&CookieHeaders::new(headers), NOW);
    assert_eq!(found.session.map(|session| rights(&session)), Some(rights(&big)));
}

#[test]
fn row_077_what_does_not_open_is_deleted_and_then_signing_in_works() {
    let sessions = sessions();
    for value in ["", "1", "2", "9", "garbage", "1!!!!", "1AAAA", "\u{7f}", &"1A".repeat(3_000)] {
        let mut browser = Browser::default();
        for name in &sessions.names {
            browser.0.insert((name.clone(), false), value.to_owned());
        }
        let found = read(&sessions, &browser);
        assert!(found.session.is_none());
        browser.apply(&found.stale);
        assert_eq!(browser, Browser::default(), "{value:?} stayed");
        browser.apply(&sessions.write(&session(), &CookieHeaders::none(), NOW).unwrap());
        assert!(read(&sessions, &browser).session.is_some());
    }
}

#[test]
fn row_078_no_token_can_be_read_in_a_cookie() {
    let session = session();
    let browser = write(&sessions(), &session);
    let header = browser.header();
    let value = header.split_once("=1").unwrap().1;
    let decoded = URL_SAFE_NO_PAD.decode(value).unwrap();
    for secret in [&session.tokens().access_token, session.tokens().refresh_token.as_ref().unwrap()] {
        for part in secret.expose().as_bytes().chunks(12) {
            let text = std::str::from_utf8(part).unwrap();
            assert!(!header.contains(text) && !decoded.windows(part.len()).any(|window| window == part));
        }
    }
    assert!(!decoded.windows(3).any(|window| window == b"Ada"));
}

#[test]
fn row_078_no_byte_can_be_changed() {
    let sessions = sessions();
    let browser = write(&sessions, &session());
    let value = browser.0.values().next().unwrap().clone();
    let sealed = URL_SAFE_NO_PAD.decode(&value[1..]).unwrap();
    for position in 0..sealed.len() {
        for bit in [1, 0x80] {
            let mut changed = sealed.clone();
            changed[position] ^= bit;
            let mut browser = browser.clone();
            let value = format!("1{}", URL_SAFE_NO_PAD.encode(changed));
            browser.0.values_mut().for_each(|old| *old = value.clone());
            assert!(read(&sessions, &browser).session.is_none(), "byte {position}");
        }
    }
    for length in 0..value.len() {
        let mut browser = browser.clone();
        browser.0.values_mut().for_each(|old| *old = value[..length].to_owned());
        assert!(read(&sessions, &browser).session.is_none(), "cut to {length}");
    }
}

#[test]
fn row_078_chunks_neither_change_places_nor_owners() {
    let sessions = sessions();
    let [ada, bob] = ["ada", "bob"].map(|sub| {
        let mut user = user(Some(200));
        user.sub = sub.to_owned();
        write(&sessions, &session_of(user, 1_400, None))
    });
    let [first, second] = [0, 1].map(|index| (sessions.names[index].clone(), false));
    let mixed = |one: &str, two: &str| {
        let mut browser = Browser::default();
        browser.0.insert(first.clone(), one.to_owned());
        browser.0.insert(second.clone(), two.to_owned());
        read(&sessions, &browser).session
    };
    assert!(mixed(&ada.0[&first], &ada.0[&second]).is_some());
    assert!(mixed(&ada.0[&first], &bob.0[&second]).is_none());
    assert!(mixed(&ada.0[&second], &ada.0[&first]).is_none());
    assert!(mixed(&ada.0[&first], &ada.0[&first]).is_none());
    assert!(mixed(&ada.0[&first], "").is_none());
    let alone = ada.0[&first].replacen('2', "1", 1);
    assert!(mixed(&alone, "").is_none(), "the number of chunks is sealed in");
}

#[test]
fn row_078_another_name_app_or_provider_does_not_open() {
    let (hub, other) = (Hub::huggingface(), Issuer::parse("https://id.example").unwrap());
    let sessions = sessions();
    let value = write(&sessions, &session()).0.into_values().next().unwrap();
    let opens = |sessions: &CookieSessions| {
        let mut browser = Browser::default();
        browser.0.insert((sessions.names[0].clone(), false), value.clone());
        read(sessions, &browser).session.is_some()
    };
    let of = |policy, client_id, issuer| CookieSessions::new(ring(&[KEY]), policy, client_id, issuer);
    assert!(opens(&of(CookiePolicy::https(), "app", hub.issuer())));
    assert!(!opens(&of(CookiePolicy::https(), "other", hub.issuer())));
    assert!(!opens(&of(CookiePolicy::https(), "app", &other)));
    assert!(!opens(&of(CookiePolicy::http(80), "app", hub.issuer())));
    assert!(!opens(&of(CookiePolicy::https().with_name("shop").unwrap(), "app", hub.issuer())));
}

#[test]
fn row_080_rotation_keeps_sessions_and_reseals_and_a_removed_key_signs_out_once() {
    let with = |keys: &[&str]| {
        CookieSessions::new(ring(keys), CookiePolicy::https(), "app", Hub::huggingface().issuer())
    };
    let (old, both, new) = (with(&[KEY]), with(&[OTHER_KEY, KEY]), with(&[OTHER_KEY]));
    let mut browser = write(&old, &session());
    let found = read(&both, &browser);
    assert!(found.reseal && found.stale.is_empty());
    assert_eq!(
        read(&with(&[KEY, OTHER_KEY]), &browser).session,
        found.session,
        "a ring in another order opens too"
    );

    let unsealed = read(&new, &browser);
    assert!(unsealed.session.is_none() && !unsealed.stale.is_empty());

    browser.apply(&both.write(&found.session.unwrap(), &CookieHeaders::none(), NOW).unwrap());
    assert!(!read(&both, &browser).reseal);
    assert!(read(&new, &browser).session.is_some());
    let gone = read(&old, &browser);
    assert!(gone.session.is_none());
    browser.apply(&gone.stale);
    assert_eq!(browser, Browser::default());
}

#[test]
fn row_086_signing_out_leaves_nothing_of_any_kind() {
    for policy in [CookiePolicy::http(7860), CookiePolicy::https(), CookiePolicy::space()] {
        let sessions = sessions().with_policy(policy.clone());
        let mut browser = write(&sessions, &session_of(user(Some(200)), 1_400, None));
        for index in 2..4 {
            browser.0.insert((format!("{}_{}", sessions.names[0], index + 1), false), "left over".to_owned());
        }
        if policy.profile() != "http" {
            let twins: Vec<_> = browser.0.clone().into_iter().collect();
            for ((name, partitioned), value) in twins {
                browser.0.insert((name, !partitioned), value);
            }
        }
        browser.0.insert(("theirs".to_owned(), false), "stays".to_owned());
        let cleared = browser.with(|cookies| sessions.clear(cookies));
        browser.apply(&cleared);
        assert_eq!(browser.header(), "theirs=stays", "{}", policy.profile());
    }
    let nothing = sessions().clear(&CookieHeaders::none());
    assert!(nothing.iter().any(SetCookie::is_deletion), "what was not sent is deleted as well");
}

#[test]
fn row_086_of_two_partitions_the_newest_session_counts_and_is_written_once_more() {
    let sessions = sessions().with_policy(CookiePolicy::space());
    let old = session();
    let later = NOW + Duration::from_secs(60);
    let mut someone_else = user(None);
    someone_else.sub = "else".to_owned();
    let new = Session::dangerously_unverified(someone_else, old.tokens().clone(), later);
    let name = sessions.names[0].clone();
    for (unpartitioned, partitioned) in [(&old, &new), (&new, &old)] {
        let value = |session| write(&sessions, session).0.into_values().next().unwrap();
        let mut browser = Browser::default();
        browser.0.insert((name.clone(), false), value(unpartitioned));
        browser.0.insert((name.clone(), true), value(partitioned));
        let found = read(&sessions, &browser);
        assert_eq!(found.session.as_ref().map(Session::subject), Some("else"));
        assert!(found.reseal);
        assert!(found.stale.is_empty(), "whoever does not write it again does not delete it either");
        let session = found.session.unwrap();
        browser.apply(&browser.clone().with(|cookies| sessions.write(&session, cookies, NOW)).unwrap());
        let found = read(&sessions, &browser);
        assert_eq!(found.session.as_ref().map(Session::subject), Some("else"));
        assert!(!found.reseal && found.stale.is_empty() && browser.0.len() == 1);
    }
}

#[test]
fn row_062_nothing_here_prints_a_secret() {
    let tokens = Tokens::new("canary-access".into(), Some("canary-refresh".into()), NOW, Scopes::default());
    let session = Session::dangerously_unverified(OAuthUserInfo::new("ada"), tokens, NOW);
    let sessions = sessions();
    let lines = sessions.write(&session, &CookieHeaders::none(), NOW).unwrap();
    let shown = format!("{session:?} {sessions:?} {lines:?} {:?}", read(&sessions, &Browser::default()));
    assert!(!shown.contains("canary") && !shown.contains(KEY));
    let value = lines[0].as_cookie();
    assert!(!shown.contains(value.split_once('=').unwrap().1));
}
