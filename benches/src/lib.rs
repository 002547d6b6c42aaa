//! What all servers under test hold and how they are started, so that each is asked for the same.
//!
//! ```text
//! person(0..10,000) ─▶ a server's own way to keep them ─▶ cookie headers in a file, one a line ─▶ load
//! ```

pub mod output;
pub mod whole_logins;

use std::net::Ipv4Addr;
use std::path::Path;

use axum::Router;
use serde::{Deserialize, Serialize};

/// How many people are signed in.
pub const PEOPLE: usize = 10_000;

/// Any failure, in words.
pub type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Somebody who is signed in, with everything that is kept of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Person {
    /// The Hub's id.
    pub sub: String,
    /// The whole name.
    pub name: String,
    /// The username.
    pub preferred_username: String,
    /// The profile's address.
    pub profile: String,
    /// The picture's address.
    pub picture: String,
    /// The e-mail address.
    pub email: String,
    /// Three of them.
    pub orgs: Vec<Org>,
    /// As long as the Hub's: 1,100 bytes.
    pub access_token: String,
    /// 60 bytes.
    pub refresh_token: String,
    /// Unix seconds.
    pub expires_at: i64,
    /// Separated by blanks.
    pub scope: String,
}

/// One of a person's organisations.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Org {
    /// The Hub's id.
    pub sub: String,
    /// The display name.
    pub name: String,
    /// The organisation's username.
    pub preferred_username: String,
    /// The picture's address.
    pub picture: String,
    /// The role in it.
    pub role: String,
}

/// Person number `number`; `now` in Unix seconds.
pub fn person(number: usize, now: i64) -> Person {
    let mut random = Random(number as u64 ^ 0x5851_f42d_4c95_7f2d);
    let org = |index: usize, random: &mut Random| Org {
        sub: random.hex(24),
        name: format!("Laboratory {index}"),
        preferred_username: format!("laboratory-{index}"),
        picture: format!("https://cdn-avatars.huggingface.co/v1/{}.png", random.hex(24)),
        role: ["admin", "write", "read"][index % 3].to_owned(),
    };
    Person {
        sub: format!("{number:024x}"),
        name: format!("Person Number {number}"),
        preferred_username: format!("person-{number}"),
        profile: format!("https://huggingface.co/person-{number}"),
        picture: format!("https://cdn-avatars.huggingface.co/v1/{}.png", random.hex(24)),
        email: format!("person-{number}@example.com"),
        orgs: (0..3).map(|index| org(index, &mut random)).collect(),
        access_token: format!("hf_oauth_{}", random.text(1_091)),
        refresh_token: random.text(60),
        expires_at: now + 28_800,
        scope: "openid profile email inference-api".to_owned(),
    }
}

struct Random(u64);

impl Random {
    fn pick(&mut self, from: &[u8]) -> char {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(from[(self.0 >> 33) as usize % from.len()])
    }

    fn hex(&mut self, length: usize) -> String {
        (0..length).map(|_| self.pick(b"0123456789abcdef")).collect()
    }

    fn text(&mut self, length: usize) -> String {
        let from = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        (0..length).map(|_| self.pick(from)).collect()
    }
}

/// Unix seconds.
pub fn now() -> i64 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or_default()
}

/// Writes a `Cookie` header (or whatever else) a line.
///
/// # Errors
///
/// When the file cannot be written.
pub fn write_lines(file: &Path, headers: impl Iterator<Item = String>) -> Result<(), Fault> {
    let text: String = headers.flat_map(|header| [header, "\n".to_owned()]).collect();
    Ok(std::fs::write(file, text)?)
}

/// Runs a server on one thread; prints `{"port": ...}` when it listens.
///
/// # Errors
///
/// When it cannot listen or the app cannot be made.
pub fn serve(app: impl AsyncFnOnce() -> Result<Router, Fault>) -> Result<(), Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let app = app().await?;
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        output::line(&format!(r#"{{"port":{}}}"#, listener.local_addr()?.port()));
        Ok(axum::serve(listener, app).await?)
    })
}
