//! Scopes as bytes: one each, where the scope has a number.

use hf_oauth_core::{Scope, Scopes};

use crate::bytes::{Reader, Writer};

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
