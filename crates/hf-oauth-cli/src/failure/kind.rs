//! The kinds of failure, as exit codes and as names.

/// The kinds of failure. Their names and exit codes are part of the command line's interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Anything that has no kind of its own.
    Failed,
    /// Arguments that do not go together, or a question that nobody is there to answer.
    Usage,
    /// No source has a token.
    NotSignedIn,
    /// The token has ended, or the Hub does not know it (any more).
    TokenExpired,
    /// The person said no.
    AccessDenied,
    /// The device code ran out before anybody approved.
    CodeExpired,
    /// `--timeout` ran out.
    TimedOut,
    /// The provider refused the sign-in for another reason.
    SignInRefused,
    /// No connection.
    NetworkUnreachable,
    /// The Hub answered what it should not.
    HubError,
    /// The token store cannot be read.
    StoreUnreadable,
    /// The token store cannot be written.
    StoreUnwritable,
    /// The token lacks a scope.
    MissingScope,
    /// An organisation demands its single sign-on or a second factor.
    OrganizationSecurity,
    /// A gated repository whose terms were not accepted.
    Gated,
    /// Not allowed, for a reason that the Hub did not say.
    Forbidden,
    /// Ctrl-C.
    Interrupted,
}

impl Kind {
    /// The name for programs.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::NotSignedIn => "not_signed_in",
            Self::TokenExpired => "token_expired",
            Self::AccessDenied => "access_denied",
            Self::CodeExpired => "code_expired",
            Self::TimedOut => "timed_out",
            Self::SignInRefused => "sign_in_refused",
            Self::NetworkUnreachable => "network_unreachable",
            Self::HubError => "hub_error",
            Self::StoreUnreadable => "store_unreadable",
            Self::StoreUnwritable => "store_unwritable",
            Self::MissingScope => "missing_scope",
            Self::OrganizationSecurity => "organization_security",
            Self::Gated => "gated",
            Self::Forbidden => "forbidden",
            Self::Interrupted => "interrupted",
        }
    }

    #[cfg(test)]
    const ALL: [Self; 17] = [
        Self::Failed,
        Self::Usage,
        Self::NotSignedIn,
        Self::TokenExpired,
        Self::AccessDenied,
        Self::CodeExpired,
        Self::TimedOut,
        Self::SignInRefused,
        Self::NetworkUnreachable,
        Self::HubError,
        Self::StoreUnreadable,
        Self::StoreUnwritable,
        Self::MissingScope,
        Self::OrganizationSecurity,
        Self::Gated,
        Self::Forbidden,
        Self::Interrupted,
    ];

    /// The exit code.
    pub(crate) fn exit(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotSignedIn | Self::TokenExpired => 3,
            Self::AccessDenied | Self::CodeExpired | Self::TimedOut | Self::SignInRefused => 4,
            Self::NetworkUnreachable | Self::HubError => 5,
            Self::StoreUnreadable | Self::StoreUnwritable => 6,
            Self::MissingScope | Self::OrganizationSecurity | Self::Gated | Self::Forbidden => 7,
            Self::Interrupted => 130,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_names_every_code_beside_its_exit_code() {
        let guide = include_str!("../../../../docs/terminal.md");
        let (_, table) = guide.split_once("## Exit codes").unwrap();
        let rows = table.lines().filter(|line| line.starts_with("| ") && line.ends_with(" |"));
        let listed: Vec<(u8, &str)> = rows
            .filter_map(|row| {
                let mut cells = row.trim_matches('|').split('|').map(str::trim);
                let exit: u8 = cells.next()?.parse().ok()?;
                Some(cells.next_back()?.split(',').map(move |code| (exit, code.trim().trim_matches('`'))))
            })
            .flatten()
            .filter(|(_, code)| !code.is_empty())
            .collect();
        assert_eq!(listed, Kind::ALL.map(|kind| (kind.exit(), kind.code())));
    }
}
