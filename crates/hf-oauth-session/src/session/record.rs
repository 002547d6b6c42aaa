//! A session as bytes.

use std::sync::Arc;

use hf_oauth_core::coordinator::Held;
use hf_oauth_core::{OAuthUserInfo, SecretBytes, Tokens, UnixTime};

use super::detail::Detail;
use super::orgs;
use super::requirement::{MOST_REQUIREMENTS, RequirementId};
use super::scopes::{put_scopes, scopes};
use super::tri::{tri, untri};
use super::{Inner, Session, SignInId};
use crate::bytes::{Reader, Writer};

/// All organisations are there.
const HAS_ALL_ORGS: u8 = 1;
/// A list of requirements follows. Sessions from before there was such a list open as having none.
const HAS_ASKED: u8 = 2;

/// `most_orgs` of the organisations at most; what is left out is marked.
pub(crate) fn encode(session: &Session, detail: Detail, most_orgs: usize) -> SecretBytes {
    let Inner {
        id, user_info: user, tokens, app_state, asked, created_at, obtained_at, has_all_orgs, ..
    } = &*session.0;
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
    let has = |set: bool, flag: u8| if set { flag } else { 0 };
    writer.byte(has(complete, HAS_ALL_ORGS) | has(!asked.is_empty(), HAS_ASKED));
    if !asked.is_empty() {
        put_requirements(&mut writer, asked);
    }
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
    let flags = reader.byte()?;
    if flags & !(HAS_ALL_ORGS | HAS_ASKED) != 0 {
        return None;
    }
    let asked = if flags & HAS_ASKED == 0 { Vec::new() } else { requirements(&mut reader)? };
    user.orgs = orgs::take(&mut reader)?;
    if !reader.is_at_end() {
        return None;
    }
    let tokens = Tokens::new(access_token, refresh_token, expires_at, scope);
    Some(Session(Arc::new(Inner {
        id: SignInId(id),
        user_info: user,
        held: Held::of(&tokens).obtained_at(obtained_at),
        tokens,
        app_state,
        asked,
        created_at,
        obtained_at,
        has_all_orgs: flags & HAS_ALL_ORGS > 0,
    })))
}

pub(crate) fn put_requirements(writer: &mut Writer, ids: &[RequirementId]) {
    writer.byte(ids.len() as u8);
    ids.iter().for_each(|id| writer.bytes(id.as_bytes()));
}

pub(crate) fn requirements(reader: &mut Reader<'_>) -> Option<Vec<RequirementId>> {
    let count = usize::from(reader.byte()?);
    if count > MOST_REQUIREMENTS {
        return None;
    }
    (0..count)
        .map(|_| reader.bytes(RequirementId::BYTES)?.try_into().ok().map(RequirementId::from_bytes))
        .collect()
}
