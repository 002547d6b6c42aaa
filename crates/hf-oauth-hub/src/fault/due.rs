//! The faults that a hub still has to show, and when each is due.

use std::sync::{Mutex, PoisonError};

use super::{Endpoint, Fault, Kind};

/// The faults of a hub, oldest first.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        self.lock().push(fault);
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Those that still have something to do, described.
    pub(crate) fn list(&self) -> Vec<String> {
        let describe = |fault: &Fault| {
            let place = fault.endpoint.map_or("anywhere".to_owned(), |endpoint| format!("at {endpoint:?}"));
            let times = fault.remaining.map_or("always".to_owned(), |times| format!("{times} more"));
            format!("{} {place}, {times}", fault.kind.name())
        };
        self.lock().iter().map(describe).collect()
    }

    /// Takes what is due at a request to `endpoint`.
    pub(crate) fn at_request(&self, endpoint: Endpoint) -> Vec<Kind> {
        let due = self.take(endpoint, |kind| !kind.in_id_token() && !matches!(kind, Kind::Answer(_)), None);
        self.take(endpoint, |kind| matches!(kind, Kind::Answer(_)), Some(due))
    }

    /// Takes what is due when an ID token is made at the token endpoint.
    pub(crate) fn at_id_token(&self) -> Vec<Kind> {
        self.take(Endpoint::Token, Kind::in_id_token, None)
    }

    fn take(&self, endpoint: Endpoint, fits: impl Fn(&Kind) -> bool, before: Option<Vec<Kind>>) -> Vec<Kind> {
        let mut taken = before.unwrap_or_default();
        let mut faults = self.lock();
        for fault in faults.iter_mut() {
            let here = fault.endpoint.is_none_or(|at| at == endpoint);
            let again = taken.iter().any(|kind| same_kind(kind, &fault.kind));
            if !here || again || !fits(&fault.kind) || fault.remaining == Some(0) {
                continue;
            }
            fault.remaining = fault.remaining.map(|times| times - 1);
            taken.push(fault.kind.clone());
        }
        faults.retain(|fault| fault.remaining != Some(0));
        taken
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn same_kind(one: &Kind, other: &Kind) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn names(kinds: &[Kind]) -> Vec<&str> {
        kinds.iter().map(Kind::name).collect()
    }

    #[test]
    fn answers_come_in_order_and_other_kinds_beside_them() {
        let faults = Faults::default();
        faults.add(Fault::status(503).times(2));
        faults.add(Fault::html(502).on(Endpoint::Token).times(1));
        faults.add(Fault::latency(Duration::ZERO).on(Endpoint::Token));
        assert_eq!(names(&faults.at_request(Endpoint::Token)), ["latency", "status 503"]);
        assert_eq!(names(&faults.at_request(Endpoint::Jwks)), ["status 503"]);
        assert_eq!(names(&faults.at_request(Endpoint::Jwks)), [""; 0]);
        assert_eq!(names(&faults.at_request(Endpoint::Token)), ["latency", "html 502"]);
        assert_eq!(names(&faults.at_request(Endpoint::Token)), ["latency"]);
    }

    #[test]
    fn faults_of_the_id_token_wait_for_one() {
        let faults = Faults::default();
        faults.add(Fault::bad_signature().times(1));
        assert!(faults.at_request(Endpoint::Token).is_empty());
        assert_eq!(names(&faults.at_id_token()), ["bad_signature"]);
        assert!(faults.at_id_token().is_empty());
    }
}
