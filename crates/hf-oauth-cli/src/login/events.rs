//! What happens in a login, for whoever watches: one line of JSON each, or a sentence.

use serde_json::{Value, json};

/// One thing that happened. The JSON form is part of the command line's interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// An environment variable wins over what this login will save. Told before anybody goes to the trouble.
    Overridden {
        /// `HF_TOKEN`, say.
        variable: String,
    },
    /// The person has to open a page and type a code.
    DeviceCode {
        user_code: String,
        verification_uri: String,
        /// The same page with the code filled in, where the provider has that.
        complete: Option<String>,
        /// Whole seconds that the code lives.
        expires_in: u64,
        /// Whether an earlier, interrupted login goes on.
        resumed: bool,
    },
    /// The person has to open a page in a browser of this machine.
    Authorize {
        url: String,
        /// Whole seconds that the browser is waited for.
        expires_in: u64,
    },
    /// An earlier login was approved and not saved; it goes on without a code.
    Approved,
    /// Not approved yet.
    Pending { expires_in: u64 },
    /// The provider could not be asked just now; the login goes on.
    Fault { what: String },
    /// Signed in, verified, saved.
    Success(Success),
}

/// Who is signed in, and as what it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Success {
    /// The token's name in the store.
    pub(super) name: String,
    pub(super) user: String,
    /// What was granted, where the provider says so.
    pub(super) scopes: Option<Vec<String>>,
    /// Unix seconds.
    pub(super) expires_at: Option<i64>,
    /// Whether it can be renewed without the person.
    pub(super) renewable: bool,
    /// The variable that keeps other tools from using it.
    pub(super) overridden_by: Option<String>,
}

impl Event {
    /// The page to open.
    pub(super) fn page(&self) -> Option<&str> {
        match self {
            Self::DeviceCode { verification_uri, complete, .. } => {
                Some(complete.as_deref().unwrap_or(verification_uri))
            }
            Self::Authorize { url, .. } => Some(url),
            _ => None,
        }
    }

    /// One line for programs.
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Overridden { variable } => json!({
                "event": "warning", "code": "environment_overrides", "variable": variable,
            }),
            Self::DeviceCode { user_code, verification_uri, complete, expires_in, resumed } => json!({
                "event": "device_code", "user_code": user_code, "verification_uri": verification_uri,
                "verification_uri_complete": complete, "expires_in": expires_in, "resumed": resumed,
            }),
            Self::Authorize { url, expires_in } => {
                json!({ "event": "authorize", "url": url, "expires_in": expires_in })
            }
            Self::Approved => json!({ "event": "approved" }),
            Self::Pending { expires_in } => json!({ "event": "pending", "expires_in": expires_in }),
            Self::Fault { what } => json!({ "event": "warning", "code": "hub_fault", "message": what }),
            Self::Success(it) => json!({
                "event": "success", "name": it.name, "user": it.user, "scopes": it.scopes,
                "expires_at": it.expires_at, "renewable": it.renewable,
            }),
        }
    }

    /// For people, without colours or cursor movements. Waiting is nothing to write home about.
    pub(super) fn text(&self) -> Option<String> {
        Some(match self {
            Self::Overridden { variable } => format!(
                "warning: {variable} is set. Tools go on using it instead of this login, until you unset it."
            ),
            Self::DeviceCode { user_code, verification_uri, complete, expires_in, resumed } => {
                let page = complete.as_deref().unwrap_or(verification_uri);
                let again = if *resumed { "\n\nThe login that you began before goes on." } else { "" };
                let left = clock(*expires_in);
                format!(
                    "Open this page in a browser:\n\n  {page}\n\nand enter this code:\n\n  {user_code}\n{again}\n\
                     Only continue if you started this login: your approval opens your account.\n\
                     The code is good for {left} minutes."
                )
            }
            Self::Authorize { url, expires_in } => format!(
                "Open this page in a browser on this machine:\n\n  {url}\n\n\
                 It is waited for here for {} minutes.",
                clock(*expires_in)
            ),
            Self::Approved => "The login that you approved before goes on.".to_owned(),
            Self::Pending { .. } => return None,
            Self::Fault { what } => format!("{what}; the login goes on"),
            Self::Success(it) => it.text(),
        })
    }
}

impl Success {
    fn text(&self) -> String {
        let mut text = format!("Signed in as {}. The token is saved as {}", self.user, self.name);
        match (&self.scopes, self.renewable) {
            (Some(scopes), _) if !scopes.is_empty() => {
                text.push_str(&format!("; it may: {}.", scopes.join(" ")))
            }
            _ => text.push('.'),
        }
        if self.expires_at.is_some() && self.renewable {
            text.push_str("\nIt is renewed by itself before it ends.");
        }
        if let Some(variable) = &self.overridden_by {
            text.push_str(&format!("\nwarning: {variable} is still set and still wins."));
        }
        text
    }
}

/// Minutes and seconds.
pub(super) fn clock(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(resumed: bool) -> Event {
        Event::DeviceCode {
            user_code: "M8HJ-FMGN".into(),
            verification_uri: "https://hf.co/oauth/device".into(),
            complete: None,
            expires_in: 299,
            resumed,
        }
    }

    #[test]
    fn address_and_code_stand_on_lines_of_their_own_and_come_first() {
        let text = code(false).text().unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!((lines[2], lines[6]), ("  https://hf.co/oauth/device", "  M8HJ-FMGN"));
        assert!(text.find("M8HJ-FMGN") < text.find("Only continue"));
        assert!(text.contains("4:59") && !text.contains("before goes on"));
        assert!(code(true).text().unwrap().contains("before goes on"));
    }

    #[test]
    fn the_events_for_programs_are_what_they_always_were() {
        let success = Success {
            name: "oauth-ada".into(),
            user: "ada".into(),
            scopes: Some(vec!["openid".into()]),
            expires_at: Some(1_800_000_000),
            renewable: true,
            overridden_by: None,
        };
        for (event, expected) in [
            (
                code(false),
                r#"{"event":"device_code","expires_in":299,"resumed":false,"user_code":"M8HJ-FMGN","verification_uri":"https://hf.co/oauth/device","verification_uri_complete":null}"#,
            ),
            (
                Event::Authorize { url: "https://hf.co/oauth/authorize?state=s".into(), expires_in: 600 },
                r#"{"event":"authorize","expires_in":600,"url":"https://hf.co/oauth/authorize?state=s"}"#,
            ),
            (Event::Approved, r#"{"event":"approved"}"#),
            (Event::Pending { expires_in: 7 }, r#"{"event":"pending","expires_in":7}"#),
            (
                Event::Overridden { variable: "HF_TOKEN".into() },
                r#"{"code":"environment_overrides","event":"warning","variable":"HF_TOKEN"}"#,
            ),
            (
                Event::Success(success),
                r#"{"event":"success","expires_at":1800000000,"name":"oauth-ada","renewable":true,"scopes":["openid"],"user":"ada"}"#,
            ),
        ] {
            assert_eq!(event.json().to_string(), expected);
        }
    }
}
