//! Who may come in: members of the authorised organisations, and whom the app's own check lets in.

use hf_oauth::{OAuthUserInfo, Tokens};
use hf_oauth_session::Session;

use crate::failure::Failure;
use crate::requirement::{Lack, OrgLack, org_lack};
use crate::sign_in_check::OnSignIn;

/// Who may come in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Admission {
    /// By `sub`. `None` lets everybody in.
    pub(crate) orgs: Option<Vec<String>>,
    pub(crate) check: Option<OnSignIn>,
}

impl Admission {
    /// Whether somebody who has just proved who they are comes in.
    pub(crate) async fn ask(&self, user: &OAuthUserInfo, tokens: &Tokens) -> Result<(), Failure> {
        if let Some(lack) = self.lack(user.orgs.as_deref(), true) {
            tracing::debug!(sub = user.sub, "sign-in refused: no full member of an authorised organisation");
            return Err(Failure { login_is_spent: true, ..lack.not_admitted() });
        }
        match &self.check {
            Some(check) => check.ask(user.clone(), tokens.clone()).await,
            None => Ok(()),
        }
    }

    /// Whether a session is still of somebody who may come in: organisations are left, and settings change. What was
    /// not kept of somebody's organisations proves nothing.
    pub(crate) fn still_holds(&self, session: &Session) -> bool {
        self.orgs.is_none()
            || self.lack(session.user_info().orgs.as_deref(), session.has_all_orgs()).is_none()
    }

    /// The session, made so that what is looked at with every request is kept first where a cookie has no room for all.
    pub(crate) fn prepared(&self, session: Session) -> Session {
        match &self.orgs {
            Some(orgs) => session.with_orgs_first(|org| orgs.contains(&org.sub)),
            None => session,
        }
    }

    /// The authorised organisations that somebody with this session has shown: a consent may take the place of the one before
    /// it, so whoever is asked for more is asked for these again.
    pub(crate) fn shown<'a>(&'a self, session: &'a Session) -> impl Iterator<Item = &'a String> {
        let shown = session.user_info().orgs.as_deref().unwrap_or_default();
        self.orgs.iter().flatten().filter(move |sub| shown.iter().any(|org| org.sub == **sub))
    }

    /// One organisation is enough: where there is none, the most telling reason counts.
    fn lack(&self, orgs: Option<&[hf_oauth::OAuthOrgInfo]>, complete: bool) -> Option<Lack> {
        let wanted = self.orgs.as_ref()?;
        let mut lacks = Vec::new();
        for sub in wanted {
            lacks.push((sub.clone(), org_lack(sub, orgs, complete)?));
        }
        lacks.sort_by_key(|(_, why)| !matches!(why, OrgLack::Restricted(_)));
        lacks.truncate(1);
        Some(Lack { scopes: hf_oauth::Scopes::none(), orgs: lacks })
    }
}
