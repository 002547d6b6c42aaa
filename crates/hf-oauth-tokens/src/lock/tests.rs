use std::collections::BTreeMap;
use std::time::Duration;

use hf_oauth_core::UnixTime;
use hf_oauth_core::coordinator::suite::{Backend, Scenario};
use hf_oauth_core::coordinator::{Event, Held};

use super::Lock;

/// The lock is a real file; what it guards is in memory. The system frees a dead holder's lock: here, when its lease
/// has passed.
struct FileLocked {
    places: crate::Locations,
    locks: BTreeMap<usize, (Lock, UnixTime)>,
    held: Option<Held>,
    version: u64,
    read: BTreeMap<usize, u64>,
}

impl Backend for FileLocked {
    fn acquire(&mut self, actor: usize, lease: Duration, now: UnixTime) -> Event {
        self.passed(now);
        match Lock::attempt(&self.places) {
            Ok(Some(lock)) => {
                self.locks.insert(actor, (lock, now + lease));
                Event::LeaseAcquired
            }
            Ok(None) => Event::LeaseBusy,
            Err(_) => Event::LeaseUnavailable,
        }
    }

    fn read(&mut self, actor: usize, _now: UnixTime) -> Event {
        self.read.insert(actor, self.version);
        Event::Current(self.held)
    }

    fn write(&mut self, actor: usize, new: Held, _now: UnixTime) -> Event {
        if self.read.get(&actor) != Some(&self.version) {
            return Event::Conflict;
        }
        self.version += 1;
        self.held = Some(new);
        Event::Written
    }

    fn release(&mut self, actor: usize, _now: UnixTime) {
        self.locks.remove(&actor);
    }

    fn sign_out(&mut self, _now: UnixTime) {
        self.version += 1;
        self.held = None;
    }

    fn passed(&mut self, now: UnixTime) {
        self.locks.retain(|_, (_, until)| now < *until);
    }
}

#[test]
fn row_105_the_coordinator_passes_its_suite_with_the_file_lock() {
    let memory = std::path::Path::new("/dev/shm");
    let root = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let root = tempfile::tempdir_in(root).unwrap();
    for scenario in Scenario::all() {
        let report = scenario.run(|held| FileLocked {
            places: crate::Locations::of(&crate::Environment::from_pairs([("HF_HOME", root.path())])),
            locks: BTreeMap::new(),
            held: Some(held),
            version: 0,
            read: BTreeMap::new(),
        });
        assert!(report.schedules > 1);
    }
}
