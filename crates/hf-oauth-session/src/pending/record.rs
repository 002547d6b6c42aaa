//! A pending login as bytes.

use hf_oauth_core::{Issuer, LoginAttempt, LoginOptions, LoginSeed, ReturnPath, SecretBytes, UnixTime};

use super::label::{Kind, Label};
use crate::bytes::{Reader, Writer};
use crate::session::{RequirementId, joined, put_requirements, put_scopes, requirements, scopes};

const HAS_RETURN_PATH: u8 = 1;
const HAS_SCOPES: u8 = 2;
const HAS_APP_STATE: u8 = 4;
const AT_HUGGING_FACE: u8 = 8;
const IS_RESTART: u8 = 16;
const HAS_ASKED: u8 = 32;
const ALL: u8 = 63;

pub(super) enum Record {
    Waiting(Box<Waiting>),
    Finished { return_path: ReturnPath },
}

pub(super) struct Waiting {
    pub(super) seed: LoginSeed,
    pub(super) issuer: Issuer,
    pub(super) options: LoginOptions,
    pub(super) asked: Vec<RequirementId>,
    pub(super) begun_at: UnixTime,
}

/// What is kept of a login that begins; when it began stands in its [`Label`]. Of what was asked for the newest is kept,
/// as many as a session remembers: a longer list would not be read again.
pub(super) fn waiting(
    options: &LoginOptions,
    seed: &LoginSeed,
    asked: &[RequirementId],
    issuer: &Issuer,
) -> SecretBytes {
    let at_hugging_face = issuer.as_str() == Issuer::HUGGING_FACE;
    let asked = joined(&[], asked);
    let return_path = Some(&options.return_path).filter(|path| !is_root(path));
    let flags = [
        (return_path.is_some(), HAS_RETURN_PATH),
        (options.scopes.is_some(), HAS_SCOPES),
        (options.app_state.is_some(), HAS_APP_STATE),
        (at_hugging_face, AT_HUGGING_FACE),
        (seed.attempt() == LoginAttempt::Restart, IS_RESTART),
        (!asked.is_empty(), HAS_ASKED),
    ];
    let mut writer = Writer::new();
    writer.byte(flags.into_iter().map(|(set, bit)| if set { bit } else { 0 }).sum());
    writer.bytes(seed.expose());
    if let Some(path) = return_path {
        writer.text(path.as_str());
    }
    if let Some(scopes) = &options.scopes {
        put_scopes(&mut writer, scopes);
    }
    if let Some(state) = &options.app_state {
        writer.text(state);
    }
    if !at_hugging_face {
        writer.text(issuer.as_str());
    }
    if !asked.is_empty() {
        put_requirements(&mut writer, &asked);
    }
    writer.into_bytes()
}

/// What is kept of a login that is done.
pub(super) fn finished(return_path: &ReturnPath) -> SecretBytes {
    let mut writer = Writer::new();
    // Most logins come back to the front page: nothing.
    if !is_root(return_path) {
        writer.text(return_path.as_str());
    }
    writer.into_bytes()
}

impl Record {
    pub(super) fn read(label: Label, bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let record = match label.kind {
            Kind::Waiting => Self::Waiting(Box::new(Waiting::read(label, &mut reader)?)),
            Kind::Finished if reader.is_at_end() => Self::Finished { return_path: ReturnPath::root() },
            Kind::Finished => Self::Finished { return_path: ReturnPath::parse(reader.text()?).ok()? },
        };
        reader.is_at_end().then_some(record)
    }
}

impl Waiting {
    fn read(label: Label, reader: &mut Reader<'_>) -> Option<Self> {
        let flags = reader.byte()?;
        if flags & !ALL != 0 {
            return None;
        }
        let has = |bit: u8| flags & bit != 0;
        let seed = LoginSeed::from_random_bytes(reader.bytes(32)?.try_into().ok()?);
        let seed = if has(IS_RESTART) { seed.for_restart() } else { seed };
        let mut options = LoginOptions::new();
        if has(HAS_RETURN_PATH) {
            options.return_path = ReturnPath::parse(reader.text()?).ok()?;
        }
        if has(HAS_SCOPES) {
            options.scopes = Some(scopes(reader)?);
        }
        if has(HAS_APP_STATE) {
            options.app_state = Some(reader.text()?.to_owned());
        }
        let issuer = if has(AT_HUGGING_FACE) { Issuer::HUGGING_FACE } else { reader.text()? };
        let issuer = Issuer::parse(issuer).ok()?;
        let asked = if has(HAS_ASKED) { requirements(reader)? } else { Vec::new() };
        Some(Self { seed, issuer, options, asked, begun_at: label.at() })
    }
}

pub(super) fn is_root(path: &ReturnPath) -> bool {
    path.as_str() == "/"
}
