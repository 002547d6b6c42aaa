//! Every schedule of a small model, one after another: a schedule is the list of choices made, and the next one
//! differs in its last choice that has another.

use std::time::Duration;

use super::{Backend, Scenario, policy};
use crate::coordinator::{
    Action, Backoff, Coordinator, Event, Held, Outcome, RefreshFailure, TokenFingerprint,
};
use crate::{Secret, Step, UnixTime};

const BEGIN: UnixTime = UnixTime::from_secs(1_800_000_000);
/// The longest that a back end takes for one step.
const STEP: Duration = Duration::from_secs(5);
const LIFE: Duration = Duration::from_secs(28_800);

/// What a run went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// How many schedules.
    pub schedules: usize,
    /// The most requests that the provider got in one of them.
    pub most_requests: usize,
    /// In how many of them somebody had to sign in again.
    pub sign_ins: usize,
}

pub(super) fn run<B: Backend>(scenario: Scenario, mut make: impl FnMut(Held) -> B) -> Report {
    let mut choices = Choices::default();
    let mut report = Report::default();
    loop {
        let mut world = World::new(scenario, make(first_tokens(scenario)));
        world.play(&mut choices);
        world.check(&choices);
        report.schedules += 1;
        report.most_requests = report.most_requests.max(world.provider.requests);
        report.sign_ins += usize::from(world.outcomes().any(|outcome| outcome == Outcome::SignInAgain));
        assert!(report.schedules <= scenario.most_schedules, "more schedules than allowed: {scenario:?}");
        if !choices.advance() {
            return report;
        }
    }
}

fn first_tokens(scenario: Scenario) -> Held {
    let left = Duration::from_secs(if scenario.expired { 0 } else { 20 });
    Held::new(Some(token(1)), BEGIN + left).obtained_at(BEGIN - LIFE)
}

fn token(number: usize) -> TokenFingerprint {
    TokenFingerprint::of(&Secret::new(format!("refresh token {number}")))
}

/// A provider that rotates strictly: a token is good once.
struct Provider {
    newest: usize,
    requests: usize,
    reused: usize,
}

impl Provider {
    fn refresh(&mut self, sent: TokenFingerprint, now: UnixTime) -> Event {
        self.requests += 1;
        if sent != token(self.newest) {
            self.reused += 1;
            return Event::Failed(RefreshFailure::Ended);
        }
        self.newest += 1;
        Event::Refreshed(self.newest(now))
    }

    fn newest(&self, now: UnixTime) -> Held {
        Held::new(Some(token(self.newest)), now + LIFE).obtained_at(now)
    }
}

struct Actor {
    coordinator: Coordinator,
    action: Action,
    /// When its next step became possible, or will.
    ready_at: UnixTime,
    held: Held,
    read: Option<Held>,
    /// What came of the refresh and may be used.
    answer: Option<Held>,
    /// What came of it and awaits its confirmation, and whether the back end has it.
    unconfirmed: Option<Held>,
    is_kept: bool,
    crashed: bool,
}

impl Actor {
    fn new(coordinator: Coordinator, action: Action, ready_at: UnixTime, held: Held) -> Self {
        let (read, answer, unconfirmed) = (None, None, None);
        Self {
            coordinator,
            action,
            ready_at,
            held,
            read,
            answer,
            unconfirmed,
            is_kept: false,
            crashed: false,
        }
    }

    /// With the only copy of new tokens in its hands.
    fn has_the_only_copy(&self, event: Event) -> bool {
        (self.answer.is_some() || self.unconfirmed.is_some()) && !self.is_kept && event != Event::Written
    }

    fn is_running(&self) -> bool {
        !self.crashed && !matches!(self.action, Action::Done(_))
    }

    fn longest_step(&self) -> Duration {
        match self.action {
            Action::SendRefresh { .. } => Step::Refresh.deadline(),
            _ => STEP,
        }
    }
}

struct World<B> {
    scenario: Scenario,
    backend: B,
    provider: Provider,
    actors: Vec<Actor>,
    now: UnixTime,
    crashed: bool,
    crashed_with_answer: bool,
    outage: bool,
    lost_answer: bool,
    signed_out: bool,
}

impl<B: Backend> World<B> {
    fn new(scenario: Scenario, backend: B) -> Self {
        let held = first_tokens(scenario);
        let actor = |_| {
            let (coordinator, action) =
                Coordinator::new(policy(scenario.actors), held, Backoff::none(), BEGIN);
            Actor::new(coordinator, action, BEGIN, held)
        };
        Self {
            scenario,
            backend,
            provider: Provider { newest: 1, requests: 0, reused: 0 },
            actors: (0..scenario.actors).map(actor).collect(),
            now: BEGIN,
            crashed: false,
            crashed_with_answer: false,
            outage: false,
            lost_answer: false,
            signed_out: false,
        }
    }

    fn play(&mut self, choices: &mut Choices) {
        for _ in 0..1_000 {
            let open: Vec<usize> = (0..self.actors.len()).filter(|actor| self.is_open(*actor)).collect();
            if open.is_empty() {
                return;
            }
            if self.scenario.one_sign_out && !self.signed_out && choices.pick(2) == 1 {
                self.signed_out = true;
                self.backend.sign_out(self.now);
            }
            let actor = open[choices.pick(open.len())];
            self.take_step(actor, choices);
        }
        panic!("no end: {choices:?}");
    }

    /// Time passes only as far as every step under way allows: a refresh is bounded by its deadline, any other step
    /// by [`STEP`]. So a waiter may look several times while a refresh is under way.
    fn is_open(&self, actor: usize) -> bool {
        let this = &self.actors[actor];
        let (mut soonest, mut latest) = (this.ready_at, None);
        for other in self.actors.iter().filter(|other| other.is_running()) {
            if other.ready_at > self.now {
                soonest = soonest.min(other.ready_at);
            } else {
                let end = other.ready_at + other.longest_step();
                latest = Some(latest.map_or(end, |latest: UnixTime| latest.min(end)));
            }
        }
        let may_wake = this.ready_at == soonest && latest.is_none_or(|latest| this.ready_at <= latest);
        this.is_running() && (this.ready_at <= self.now || may_wake)
    }

    fn take_step(&mut self, index: usize, choices: &mut Choices) {
        let actor = &mut self.actors[index];
        if actor.ready_at > self.now {
            self.now = actor.ready_at;
            self.backend.passed(self.now);
        }
        let now = self.now;
        let event = match actor.action {
            Action::AcquireLease { lease } => self.backend.acquire(index, lease, now),
            Action::ReadCurrent => {
                let event = self.backend.read(index, now);
                if let Event::Current(current) = event {
                    actor.read = current;
                }
                event
            }
            Action::SendRefresh { fingerprint } => {
                let sendable = actor.read.and_then(|held| held.fingerprint);
                assert_eq!(
                    sendable,
                    Some(fingerprint),
                    "the token to send is the one read last: {choices:?}"
                );
                let may_fail = self.scenario.one_outage && !self.outage;
                let may_be_lost = self.scenario.one_lost_answer && !self.lost_answer;
                if may_fail && choices.pick(2) == 1 {
                    self.outage = true;
                    self.provider.requests += 1;
                    Event::Failed(RefreshFailure::Transient { retry_after: None })
                } else {
                    let answer = self.provider.refresh(fingerprint, now);
                    if may_be_lost && choices.pick(2) == 1 {
                        self.lost_answer = true;
                        Event::Failed(RefreshFailure::Transient { retry_after: None })
                    } else {
                        match answer {
                            Event::Refreshed(new) if self.scenario.confirms => {
                                actor.unconfirmed = Some(new);
                                Event::Unconfirmed
                            }
                            Event::Refreshed(new) => {
                                actor.answer = Some(new);
                                answer
                            }
                            _ => answer,
                        }
                    }
                }
            }
            Action::KeepUnconfirmed => {
                let Some(new) = actor.unconfirmed else { panic!("nothing to keep: {choices:?}") };
                let event = self.backend.keep_unconfirmed(index, new, now);
                actor.is_kept |= event == Event::Written;
                event
            }
            Action::RenewLease { lease } => self.backend.renew(index, lease, now),
            Action::Confirm => {
                let found = actor.read.is_some_and(|read| read.has_unconfirmed);
                assert!(actor.unconfirmed.is_some() || found, "nothing to confirm: {choices:?}");
                let new = actor.unconfirmed.unwrap_or_else(|| self.provider.newest(now));
                actor.is_kept |= found;
                actor.answer = Some(new);
                Event::Refreshed(new)
            }
            Action::Write => match actor.answer {
                Some(new) => self.backend.write(index, new, now),
                None => panic!("nothing to write: {choices:?}"),
            },
            Action::Release => {
                self.backend.release(index, now);
                Event::Released
            }
            Action::Wait { .. } => Event::Tick,
            Action::Done(_) => return,
        };
        if self.scenario.one_crash && !self.crashed && choices.pick(2) == 1 {
            self.crashed = true;
            actor.crashed = true;
            self.crashed_with_answer = actor.has_the_only_copy(event);
            return;
        }
        actor.action = actor.coordinator.on(event, now);
        actor.ready_at = match actor.action {
            Action::Wait { span } => now + span,
            _ => now,
        };
    }

    fn outcomes(&self) -> impl Iterator<Item = Outcome> {
        self.actors.iter().filter_map(|actor| match actor.action {
            Action::Done(outcome) if !actor.crashed => Some(outcome),
            _ => None,
        })
    }

    /// The rules. A lost answer, or a holder that dies with the answer in its hands, may cost one sign-in; nothing
    /// else may.
    fn check(&mut self, choices: &Choices) {
        let Self { scenario, provider, now, .. } = &*self;
        let fault = format!("{scenario:?} {choices:?}");
        let token_is_lost = self.lost_answer || self.crashed_with_answer;
        let refreshed = provider.newest - 1;
        assert!(refreshed <= 1, "more than one refresh: {fault}");
        if !token_is_lost {
            assert_eq!(provider.reused, 0, "a used refresh token was sent: {fault}");
        }
        for actor in self.actors.iter().filter(|actor| !actor.crashed) {
            let Action::Done(outcome) = actor.action else { panic!("not at an end: {fault}") };
            let tokens = match outcome {
                Outcome::UseHeld => Some(actor.held),
                Outcome::Adopt => actor.read,
                Outcome::Refreshed { .. } => actor.answer,
                _ => None,
            };
            match outcome {
                Outcome::SignInAgain => {
                    assert!(token_is_lost || self.signed_out, "signed out by a race: {fault}");
                }
                Outcome::Unavailable { .. } => {
                    assert!(self.outage || token_is_lost, "no token, though nothing failed: {fault}");
                }
                Outcome::Misconfigured => panic!("nobody said so: {fault}"),
                _ => {
                    // Served tokens are valid at the moment of the decision; all decisions are at or before `now`.
                    let valid = tokens.is_some_and(|tokens| tokens.is_valid(BEGIN));
                    assert!(valid, "an ended token was given out ({outcome:?} at {now:?}): {fault}");
                }
            }
        }
        self.recover(&fault, token_is_lost);
    }

    /// Whoever comes when everything is over, the lease of a dead holder included, gets a token, or is told to sign
    /// in.
    fn recover(&mut self, fault: &str, token_is_lost: bool) {
        let late = self.now + policy(self.scenario.actors).longest_pause + policy(self.scenario.actors).lease;
        self.now = late;
        self.backend.passed(late);
        let Event::Current(current) = self.backend.read(usize::MAX, late) else {
            panic!("the back end fails: {fault}")
        };
        if self.signed_out {
            assert_eq!(current, None, "a refresh undid a logout: {fault}");
            return;
        }
        let Some(held) = current else { panic!("the session is gone: {fault}") };
        let (coordinator, action) =
            Coordinator::new(policy(self.scenario.actors), held, Backoff::none(), late);
        self.actors = vec![Actor::new(coordinator, action, late, held)];
        self.scenario =
            Scenario { one_crash: false, one_outage: false, one_lost_answer: false, ..self.scenario };
        self.play(&mut Choices::default());
        let outcome = self.outcomes().next();
        match outcome {
            Some(Outcome::SignInAgain) => assert!(token_is_lost, "signed out afterwards: {fault}"),
            Some(Outcome::UseHeld | Outcome::Adopt | Outcome::Refreshed { saved: true }) => {}
            other => panic!("no recovery ({other:?}): {fault}"),
        }
    }
}

/// The choices of one schedule: what was chosen, out of how many.
#[derive(Debug, Default)]
struct Choices {
    made: Vec<(usize, usize)>,
    next: usize,
}

impl Choices {
    fn pick(&mut self, options: usize) -> usize {
        if options < 2 {
            return 0;
        }
        if self.next == self.made.len() {
            self.made.push((0, options));
        }
        let (chosen, _) = self.made[self.next];
        self.next += 1;
        chosen
    }

    /// The next schedule; false when there is none.
    fn advance(&mut self) -> bool {
        self.next = 0;
        while let Some((chosen, options)) = self.made.pop() {
            if chosen + 1 < options {
                self.made.push((chosen + 1, options));
                return true;
            }
        }
        false
    }
}
