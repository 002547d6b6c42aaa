//! A pending login as bytes.

use hf_oauth_core::{Issuer, LoginOptions, LoginSeed, ReturnPath, SecretBytes, UnixTime};

use crate::bytes::{Reader, Writer};
use crate::session::{put_scopes, scopes};

const FINISHED: u8 = 1;
const HAS_SCOPES: u8 = 2;
const HAS_APP_STATE: u8 = 4;
const AT_HUGGING_FACE: u8 = 8;

pub(super) enum Record {
    Waiting(Box<Waiting>),
    Finished { return_path: ReturnPath, at: UnixTime },
}

pub(super) struct Waiting {
    pub(super) seed: LoginSeed,
    pub(super) issuer: Issuer,
    pub(super) options: LoginOptions,
    pub(super) begun_at: UnixTime,
}

pub(super) fn waiting(
    options: &LoginOptions,
    seed: &LoginSeed,
    issuer: &Issuer,
    now: UnixTime,
) -> SecretBytes {
    let at_hugging_face = issuer.as_str() == Issuer::HUGGING_FACE;
    let mut writer = Writer::new();
    writer.byte(
        flag(options.scopes.is_some(), HAS_SCOPES)
            | flag(options.app_state.is_some(), HAS_APP_STATE)
            | flag(at_hugging_face, AT_HUGGING_FACE),
    );
    writer.time(now.as_secs());
    put_return_path(&mut writer, &options.return_path);
    writer.bytes(seed.expose());
    if !at_hugging_face {
        writer.text(issuer.as_str());
    }
    if let Some(scopes) = &options.scopes {
        put_scopes(&mut writer, scopes);
    }
    if let Some(state) = &options.app_state {
        writer.text(state);
    }
    writer.into_bytes()
}

pub(super) fn finished(return_path: &ReturnPath, now: UnixTime) -> SecretBytes {
    let mut writer = Writer::new();
    writer.byte(FINISHED);
    writer.time(now.as_secs());
    put_return_path(&mut writer, return_path);
    writer.into_bytes()
}

impl Record {
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let flags = reader.byte()?;
        let at = UnixTime::from_secs(reader.time()?);
        let return_path = match reader.text()? {
            "" => ReturnPath::root(),
            text => ReturnPath::parse(text).ok()?,
        };
        let record = if flags == FINISHED {
            Self::Finished { return_path, at }
        } else if flags & !(HAS_SCOPES | HAS_APP_STATE | AT_HUGGING_FACE) == 0 {
            let seed = LoginSeed::from_random_bytes(reader.bytes(32)?.try_into().ok()?);
            let issuer = if flags & AT_HUGGING_FACE > 0 { Issuer::HUGGING_FACE } else { reader.text()? };
            let issuer = Issuer::parse(issuer).ok()?;
            let mut options = LoginOptions::new().with_return_path(return_path);
            if flags & HAS_SCOPES > 0 {
                options.scopes = Some(scopes(&mut reader)?);
            }
            if flags & HAS_APP_STATE > 0 {
                options.app_state = Some(reader.text()?.to_owned());
            }
            Self::Waiting(Box::new(Waiting { seed, issuer, options, begun_at: at }))
        } else {
            return None;
        };
        reader.is_at_end().then_some(record)
    }

    /// What goes first has the lowest rank: finished before waiting, old before young.
    pub(super) fn rank(&self) -> (bool, UnixTime) {
        match self {
            Self::Finished { at, .. } => (false, *at),
            Self::Waiting(login) => (true, login.begun_at),
        }
    }
}

/// Most logins come back to the front page: one byte.
fn put_return_path(writer: &mut Writer, return_path: &ReturnPath) {
    let text = return_path.as_str();
    writer.text(if text == "/" { "" } else { text });
}

fn flag(set: bool, bit: u8) -> u8 {
    if set { bit } else { 0 }
}
