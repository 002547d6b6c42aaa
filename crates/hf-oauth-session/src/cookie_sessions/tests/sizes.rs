//! What fits, what is left out, and where lines are cut.

use super::*;

#[test]
fn row_082_lines_are_cut_exactly_and_no_chunk_is_empty() {
    for policy in [CookiePolicy::http(65_535), CookiePolicy::https(), CookiePolicy::space()] {
        let sessions = sessions().with_policy(policy.clone());
        let room = policy.room(&sessions.names[0]);
        assert_eq!(sessions.layout(room - 1), Some(vec![room - 1]));
        assert_eq!(sessions.layout(room), Some(vec![room]));
        assert_eq!(sessions.layout(room + 1), Some(vec![room, 1]));
        let names = sessions.names[0].len() + sessions.names[1].len();
        let most = SESSION_COOKIES_LIMIT - names - 2 * 3;
        assert_eq!(sessions.layout(most), Some(vec![room, most - room]));
        assert_eq!(sessions.layout(most + 1), None);
    }
}

#[test]
fn row_082_sessions_around_every_boundary_come_back_whole_or_are_refused() {
    let sessions = sessions();
    let (mut one, mut two, mut refused) = (0, 0, 0);
    // Four characters of a token are three bytes, which are four characters again.
    for length in (3_840..3_960).chain(4_900..5_060) {
        let session = session_of(OAuthUserInfo::new("a"), length, None);
        match sessions.write(&session, &CookieHeaders::none(), NOW) {
            Ok(lines) => {
                *(if lines.len() == 1 { &mut one } else { &mut two }) += 1;
                let mut browser = Browser::default();
                browser.apply(&lines);
                assert!(lines.iter().all(|line| !line.as_cookie().ends_with('=')));
                assert!(browser.header().len() <= SESSION_COOKIES_LIMIT);
                assert_eq!(read(&sessions, &browser).session, Some(session));
            }
            Err(WriteError::SessionTooLarge { bytes, limit, largest, largest_bytes }) => {
                assert!(bytes > limit);
                assert_eq!((largest, largest_bytes), ("access token", length));
                refused += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(one > 0 && two > 0 && refused > 0, "{one} {two} {refused}");
}

#[test]
fn row_082_two_hundred_organisations_fit_beside_real_tokens() {
    let sessions = sessions();
    for orgs in [0, 3, 50, 200] {
        let session = session_of(user(Some(orgs)), 1_400, Some(120));
        let browser = write(&sessions, &session);
        let found = read(&sessions, &browser).session.unwrap();
        println!("{orgs} organisations: {} bytes in {} cookies", browser.header().len(), browser.0.len());
        assert!(browser.header().len() <= SESSION_COOKIES_LIMIT);
        assert!(found.has_all_orgs(), "{orgs}");
        assert_eq!(rights(&found), rights(&session), "{orgs}");
        assert_eq!(found.tokens(), session.tokens());
        assert_eq!(found.user_info().name.as_deref(), Some("Ada Lovelace"));
        if orgs <= 3 {
            assert_eq!(found, session, "nothing is left out of a small session");
        }
    }
}

#[test]
fn row_082_beyond_what_fits_organisations_are_left_out_and_that_is_known() {
    let sessions = sessions();
    let session = session_of(user(Some(1_000)), 1_400, Some(120));
    let found = read(&sessions, &write(&sessions, &session)).session.unwrap();
    let kept = found.user_info().orgs.as_ref().unwrap().len();
    println!("{kept} of 1000 organisations");
    assert!((200..1_000).contains(&kept), "{kept}");
    assert!(!found.has_all_orgs());
    let all = rights(&session);
    assert!(rights(&found).iter().all(|right| all.contains(right)));
    let again = read(&sessions, &write(&sessions, &found)).session.unwrap();
    assert!(!again.has_all_orgs(), "once incomplete, always incomplete");
    let told = again.with_user_info(user(Some(3))).unwrap();
    assert!(told.has_all_orgs());
}

#[test]
fn row_082_a_shorter_session_deletes_the_rest_of_a_longer_one() {
    let sessions = sessions();
    let mut browser = write(&sessions, &session_of(user(Some(200)), 1_400, None));
    assert_eq!(browser.0.len(), 2);
    let lines = browser.with(|cookies| sessions.write(&session(), cookies, NOW).unwrap());
    browser.apply(&lines);
    assert_eq!(browser.0.len(), 1);
    assert_eq!(read(&sessions, &browser).session, Some(session()));
}

#[test]
fn row_096_absent_organisations_stay_apart_from_none() {
    let sessions = sessions();
    for orgs in [None, Some(0)] {
        let session = session_of(user(orgs), 1_000, None);
        let found = read(&sessions, &write(&sessions, &session)).session.unwrap();
        assert_eq!(found.user_info().orgs.is_some(), orgs.is_some());
        assert!(found.has_all_orgs());
    }
}

#[test]
fn row_096_unknown_roles_and_restrictions_survive_where_only_ids_fit() {
    let sessions = sessions();
    let mut user = user(Some(199));
    let mut odd = OAuthOrgInfo::new("not-a-hub-id");
    odd.role_in_org = Some(OrgRole::from("owner"));
    odd.security_restrictions = Some(vec![SecurityRestriction::from("retina")]);
    let mut older = org(7_777);
    older.pending_sso = Some(true);
    older.security_restrictions = None;
    user.orgs.as_mut().unwrap().extend([odd, older]);
    let session = session_of(user, 1_400, None);
    let found = read(&sessions, &write(&sessions, &session)).session.unwrap();
    assert_eq!(found.user_info().orgs.as_ref().unwrap()[5].name, None, "only ids fit");
    assert_eq!(rights(&found), rights(&session));
}

/// The table in the crate's documentation.
#[test]
fn row_082_bytes_by_number_of_organisations_are_as_documented() {
    let sessions = sessions();
    let measured = [0, 3, 50, 200, 1_000].map(|count| {
        let session = session_of(user(Some(count)), 1_100, Some(60));
        let browser = write(&sessions, &session);
        let found = read(&sessions, &browser).session.unwrap();
        let orgs = found.user_info().orgs.as_deref().unwrap();
        let has = |part: fn(&OAuthOrgInfo) -> bool| orgs.iter().any(part);
        let detail = match (
            has(|org| org.picture.is_some()),
            has(|org| org.name.is_some()),
            has(|org| org.preferred_username.is_some()),
        ) {
            _ if found == session => "everything",
            (false, true, true) => "no pictures",
            (false, false, true) => "usernames",
            (false, false, false) => "ids, roles and restrictions",
            other => panic!("{other:?}"),
        };
        (count, browser.header().len(), browser.0.len(), orgs.len(), detail, found.has_all_orgs())
    });
    assert_eq!(
        measured,
        [
            (0, 1_529, 1, 0, "everything", true),
            (3, 2_028, 1, 3, "everything", true),
            (50, 4_003, 1, 50, "usernames", true),
            (200, 4_693, 2, 200, "ids, roles and restrictions", true),
            (1_000, 5_109, 2, 237, "ids, roles and restrictions", false),
        ]
    );
}
