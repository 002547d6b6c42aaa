use hf_oauth::OAuthUserInfo;

/// True when the Hub verified the user's address, and it is of exactly this domain.
///
/// Exact means: one ASCII `@` in an ASCII address, letters compared without case, no subdomains, no dot at the end.
/// Anything else is false. Needs the scope `email`.
///
/// ```
/// use hf_oauth_web::{OAuthUserInfo, email_domain_is};
///
/// let mut user = OAuthUserInfo::new("5f0c2b1a9d8e7f6a5b4c3d2e");
/// user.email = Some("ada@Corp.com".to_owned());
/// assert!(!email_domain_is(&user, "corp.com"), "nobody verified it");
/// user.email_verified = Some(true);
/// assert!(email_domain_is(&user, "corp.com"));
/// user.email = Some("ada@evil.com@corp.com".to_owned());
/// assert!(!email_domain_is(&user, "corp.com"));
/// ```
pub fn email_domain_is(user: &OAuthUserInfo, domain: &str) -> bool {
    let (Some(email), Some(true)) = (user.email.as_deref(), user.email_verified) else { return false };
    let is_plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    match email.split_once('@') {
        Some((local, found)) => {
            is_plain(local)
                && is_plain(found)
                && !found.contains('@')
                && !local.contains('"')
                && !found.ends_with('.')
                && found.eq_ignore_ascii_case(domain)
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(email: &str, verified: Option<bool>) -> OAuthUserInfo {
        let mut user = OAuthUserInfo::new("sub");
        (user.email, user.email_verified) = (Some(email.to_owned()), verified);
        user
    }

    #[test]
    fn row_098_only_one_at_sign_a_verified_address_and_the_very_domain_pass() {
        for good in ["a@corp.com", "a.b+c@corp.com", "A@CORP.com"] {
            assert!(email_domain_is(&user(good, Some(true)), "corp.com"), "{good}");
        }
        for bad in [
            "a@evil.com@corp.com",
            "a@corp.com@evil.com",
            "\"a@corp.com\"@evil.com",
            "\"a@evil.com\"@corp.com",
            "a\u{ff20}corp.com",
            "a\u{ff20}evil.com@corp.com",
            "a@corp.com.",
            "a@sub.corp.com",
            "a@evilcorp.com",
            "a@corp.com.evil.com",
            "a@corp.com\0",
            "a@corp.com ",
            " a@corp.com",
            "@corp.com",
            "corp.com",
            "a@",
            "",
            "a@cor\u{440}.com",
        ] {
            assert!(!email_domain_is(&user(bad, Some(true)), "corp.com"), "{bad:?}");
        }
        for unverified in [None, Some(false)] {
            assert!(!email_domain_is(&user("a@corp.com", unverified), "corp.com"));
        }
        assert!(!email_domain_is(&user("a@", Some(true)), ""), "a forgotten setting lets nobody in");
    }
}
