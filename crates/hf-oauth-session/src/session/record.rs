//! A session as bytes.

use std::sync::Arc;

use hf_oauth_core::{OAuthUserInfo, Scope, Scopes, SecretBytes, Tokens, UnixTime};

use super::orgs;
use super::{Head, Rest, Session, SignInId};
use crate::bytes::{Reader, Writer};

/// How much of a session is written. What nobody decides on goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    /// Everything.
    All,
    /// Without members that the library does not know, and without organisations' pictures.
    NoPictures,
    /// Of each organisation: id, role, restrictions, username.
    Usernames,
    /// Of each organisation: id, role, restrictions.
    Ids,
    /// So, and without the user's own addresses (profile, picture, website) and the app's state.
    Least,
}

impl Detail {
    pub(crate) const LADDER: [Self; 5] =
        [Self::All, Self::NoPictures, Self::Usernames, Self::Ids, Self::Least];
}

/// Scopes by number: append only, the numbers are in people's cookies.
const SCOPES: [&str; 19] = [
    "openid",
    "profile",
    "email",
    "read-billing",
    "read-memberships",
    "read-repos",
    "gated-repos",
    "contribute-repos",
    "write-repos",
    "manage-repos",
    "read-collections",
    "write-collections",
    "inference-api",
    "read-endpoints",
    "write-endpoints",
    "jobs",
    "webhooks",
    "write-discussions",
    "read-mcp",
];

/// `most_orgs` of the organisations at most; what is left out is marked.
pub(crate) fn encode(session: &Session, detail: Detail, most_orgs: usize) -> SecretBytes {
    let Head { id, created_at, obtained_at, has_all_orgs, rest, .. } = &*session.0;
    let Rest { user_info: user, tokens, app_state } = &**rest;
    let mut writer = Writer::new();
    id.0.iter().for_each(|byte| writer.byte(*byte));
    writer.time(created_at.as_secs());
    writer.time(obtained_at.as_secs());
    writer.time(tokens.expires_at.as_secs());
    writer.token(tokens.access_token.expose());
    match &tokens.refresh_token {
        None => writer.byte(0),
        Some(token) => {
            writer.byte(1);
            writer.token(token.expose());
        }
    }
    put_scopes(&mut writer, &tokens.scope);
    writer.id(&user.sub);
    let addresses = detail < Detail::Least;
    writer.optional_text(app_state.as_deref().filter(|_| addresses));
    writer.optional_text(user.name.as_deref());
    writer.optional_text(user.preferred_username.as_deref());
    writer.optional_text(user.profile.as_deref().filter(|_| addresses));
    writer.optional_text(user.picture.as_deref().filter(|_| addresses));
    writer.optional_text(user.website.as_deref().filter(|_| addresses));
    writer.optional_text(user.email.as_deref());
    writer.byte(tri(user.email_verified) | tri(user.is_pro) << 2 | tri(user.can_pay) << 4);
    match serde_json::to_string(&user.other) {
        Ok(other) if detail == Detail::All && !user.other.is_empty() => writer.text(&other),
        _ => writer.text(""),
    }
    let complete = *has_all_orgs && user.orgs.as_ref().is_none_or(|orgs| orgs.len() <= most_orgs);
    writer.byte(u8::from(complete));
    orgs::put(&mut writer, user.orgs.as_deref(), detail, most_orgs);
    writer.into_bytes()
}

/// `None` for anything that [`encode`] does not write.
pub(crate) fn decode(bytes: &[u8]) -> Option<Session> {
    let mut reader = Reader::new(bytes);
    let mut id = [0; 16];
    for byte in &mut id {
        *byte = reader.byte()?;
    }
    let created_at = UnixTime::from_secs(reader.time()?);
    let obtained_at = UnixTime::from_secs(reader.time()?);
    let expires_at = UnixTime::from_secs(reader.time()?);
    let access_token = reader.token()?;
    let refresh_token = match reader.byte()? {
        0 => None,
        1 => Some(reader.token()?),
        _ => return None,
    };
    let scope = scopes(&mut reader)?;
    let mut user = OAuthUserInfo::new(reader.id()?);
    let app_state = reader.optional_text()?;
    user.name = reader.optional_text()?;
    user.preferred_username = reader.optional_text()?;
    user.profile = reader.optional_text()?;
    user.picture = reader.optional_text()?;
    user.website = reader.optional_text()?;
    user.email = reader.optional_text()?;
    let flags = reader.byte()?;
    user.email_verified = untri(flags)?;
    user.is_pro = untri(flags >> 2)?;
    user.can_pay = untri(flags >> 4)?;
    let other = reader.text()?;
    if !other.is_empty() {
        user.other = serde_json::from_str(other).ok()?;
    }
    let has_all_orgs = match reader.byte()? {
        0 => false,
        1 => true,
        _ => return None,
    };
    user.orgs = orgs::take(&mut reader)?;
    let tokens = Tokens::new(access_token, refresh_token, expires_at, scope);
    let rest = Rest { user_info: user, tokens, app_state };
    let session =
        || Session(Arc::new(Head::new(SignInId(id), rest, [created_at, obtained_at], has_all_orgs)));
    reader.is_at_end().then(session)
}

/// Absent, false, true.
pub(super) fn tri(value: Option<bool>) -> u8 {
    value.map_or(0, |value| 1 + u8::from(value))
}

pub(super) fn untri(bits: u8) -> Option<Option<bool>> {
    match bits & 3 {
        0 => Some(None),
        1 => Some(Some(false)),
        2 => Some(Some(true)),
        _ => None,
    }
}

pub(crate) fn put_scopes(writer: &mut Writer, scopes: &Scopes) {
    writer.number(scopes.iter().count() as u64);
    for scope in scopes {
        match SCOPES.iter().position(|known| *known == scope.as_str()) {
            Some(position) => writer.byte(position as u8 + 1),
            None => {
                writer.byte(0);
                writer.text(scope.as_str());
            }
        }
    }
}

pub(crate) fn scopes(reader: &mut Reader<'_>) -> Option<Scopes> {
    let count = reader.count()?;
    (0..count)
        .map(|_| match reader.byte()? {
            0 => reader.text().map(Scope::from),
            number => SCOPES.get(usize::from(number) - 1).map(|name| Scope::from(*name)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_scope_has_a_number() {
        for scope in Scope::KNOWN {
            assert!(SCOPES.contains(&scope.as_str()), "append {scope} to SCOPES");
        }
    }
}
