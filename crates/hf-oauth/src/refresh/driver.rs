use std::time::Duration;

use hf_oauth_core::coordinator::{
    Action, Backoff, Coordinator, Event, Held, Outcome, RefreshFailure, RefreshPolicy,
};
use hf_oauth_core::{RefreshError, UnconfirmedTokens};

use super::backend::{Acquired, Backend, BackendError, Change, Exchange, Failure, Sent, Stored};

/// How [`drive`] ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Driven<R, E> {
    /// What may be done now.
    pub outcome: Outcome,
    /// The record that the outcome speaks of: the refreshed one, the one that was read last, or the one at hand.
    pub record: R,
    /// Why a refresh failed, if one did.
    pub error: Option<RefreshError>,
    /// What was wrong with the back end last, if anything was.
    pub backend_error: Option<E>,
}

/// Has a good token: performs what the [`Coordinator`] wants with this back end until it has an answer.
///
/// `record` is what the caller has, and `backoff` how earlier attempts with its refresh token went. The future must run
/// to its end, or be a task of its own: from [`Exchange::send`] until [`Backend::write`] has kept what came of it,
/// dropping it loses the new tokens.
///
/// ```
/// use std::convert::Infallible;
/// use std::time::Duration;
/// use hf_oauth::coordinator::{Backoff, Held, Outcome, RefreshPolicy};
/// use hf_oauth::refresh::{Acquired, Backend, BackendError, Change, Exchange, Failure, Fence, Sent, Stored, drive};
/// use hf_oauth::{App, Client, RefreshError, Scopes, Tokens, UnconfirmedTokens, UnixTime};
///
/// /// One record in memory: what a store has in a row.
/// struct Row { stored: Option<Stored<Tokens>>, fence: Fence, is_leased: bool }
///
/// impl Backend for Row {
///     type Record = Tokens;
///     type Lease = Fence;
///     type Error = Infallible;
///
///     async fn acquire(&mut self, _span: Duration) -> Result<Acquired<Self>, BackendError<Infallible>> {
///         if std::mem::replace(&mut self.is_leased, true) {
///             return Err(BackendError::Contended);
///         }
///         self.fence = self.fence.next();
///         Ok(Acquired { lease: self.fence, current: Ok(self.stored.clone()) })
///     }
///     async fn read(&mut self, _: Option<&Fence>) -> Result<Option<Stored<Tokens>>, Infallible> {
///         Ok(self.stored.clone())
///     }
///     async fn write(&mut self, lease: &Fence, change: Change<'_, Tokens>) -> Result<(), BackendError<Infallible>> {
///         let Some(stored) = self.stored.as_mut().filter(|_| *lease == self.fence) else {
///             return Err(BackendError::Contended);
///         };
///         match change {
///             Change::Unconfirmed(tokens) => stored.unconfirmed = Some(tokens.clone()),
///             Change::Refreshed(tokens) => *stored = Stored::new(tokens.clone()),
///         }
///         Ok(())
///     }
///     async fn renew(&mut self, lease: &mut Fence, _: Duration) -> Result<(), BackendError<Infallible>> {
///         if *lease == self.fence { Ok(()) } else { Err(BackendError::Contended) }
///     }
///     async fn failed(&mut self, _: &Fence, _: &Tokens, failure: Failure<'_>) {
///         if failure.error.ends_session() {
///             self.stored = None;
///         }
///     }
///     async fn release(&mut self, _: Fence) {
///         self.is_leased = false;
///     }
///     async fn wait(&mut self, span: Duration) {
///         tokio::time::sleep(span).await;
///     }
/// }
///
/// struct Ada(Client);
///
/// impl Exchange for Ada {
///     type Record = Tokens;
///
///     fn held(&self, tokens: &Tokens) -> Held {
///         Held::of(tokens)
///     }
///     async fn send(&self, tokens: &Tokens) -> Result<Sent<Tokens>, RefreshError> {
///         Ok(Sent::Unconfirmed(self.0.send_refresh("ada's sub", tokens.clone()).await?))
///     }
///     async fn confirm(&self, _: &Tokens, new: &UnconfirmedTokens) -> Result<Tokens, RefreshError> {
///         Ok(self.0.confirm_refresh(new).await?.tokens)
///     }
///     fn now(&self) -> UnixTime {
///         self.0.now()
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let ada = Ada(Client::new(App::new("my-app")));
/// let in_an_hour = ada.now() + Duration::from_secs(3600);
/// let tokens = Tokens::new("access".into(), Some("refresh".into()), in_an_hour, Scopes::default());
/// let mut row = Row { stored: Some(Stored::new(tokens.clone())), fence: Fence::default(), is_leased: false };
/// let driven = drive(&mut row, &ada, RefreshPolicy::default(), tokens, Backoff::none()).await;
/// assert_eq!(driven.outcome, Outcome::UseHeld, "good for an hour: nobody is asked");
/// # });
/// ```
pub async fn drive<B, X>(
    backend: &mut B,
    exchange: &X,
    policy: RefreshPolicy,
    record: B::Record,
    backoff: Backoff,
) -> Driven<B::Record, B::Error>
where
    B: Backend,
    X: Exchange<Record = B::Record>,
{
    let now = exchange.now();
    let (mut coordinator, mut action) = Coordinator::new(policy, exchange.held(&record), backoff, now);
    let mut attempt = Attempt {
        backend,
        exchange,
        lease: None,
        just_read: None,
        record,
        unconfirmed: None,
        refreshed: None,
        error: None,
        backend_error: None,
    };
    let outcome = loop {
        if let Action::Done(outcome) = action {
            break outcome;
        }
        // Core and this crate are of one version: there is no action that is not known here.
        let Some(event) = attempt.perform(action).await else {
            break Outcome::Unavailable { retry_after: Duration::from_secs(1) };
        };
        action = coordinator.on(event, exchange.now());
        if let Event::Failed(kind) = event {
            attempt.tell_failure(kind, coordinator.backoff()).await;
        }
    };
    attempt.finish(outcome)
}

type Read<B> = Result<Option<Stored<<B as Backend>::Record>>, <B as Backend>::Error>;

struct Attempt<'a, B: Backend, X> {
    backend: &'a mut B,
    exchange: &'a X,
    lease: Option<B::Lease>,
    /// What came with the lease: the coordinator asks for it next.
    just_read: Option<Read<B>>,
    record: B::Record,
    /// What is to be confirmed: the answer, or what was read last.
    unconfirmed: Option<UnconfirmedTokens>,
    refreshed: Option<B::Record>,
    error: Option<RefreshError>,
    backend_error: Option<B::Error>,
}

impl<B: Backend, X: Exchange<Record = B::Record>> Attempt<'_, B, X> {
    /// `None` for an action that is not known.
    async fn perform(&mut self, action: Action) -> Option<Event> {
        Some(match action {
            Action::AcquireLease { lease: span } => match self.backend.acquire(span).await {
                Ok(Acquired { lease, current }) => {
                    (self.lease, self.just_read) = (Some(lease), Some(current));
                    Event::LeaseAcquired
                }
                Err(error) => self.refused(error, Event::LeaseBusy, Event::LeaseUnavailable),
            },
            Action::ReadCurrent => {
                let read = match self.just_read.take() {
                    Some(read) => read,
                    None => self.backend.read(self.lease.as_ref()).await,
                };
                self.read(read)
            }
            Action::SendRefresh { .. } => self.send().await,
            Action::KeepUnconfirmed => match (&self.unconfirmed, &self.lease) {
                (Some(unconfirmed), Some(lease)) => {
                    let change = Change::Unconfirmed(unconfirmed);
                    let written = self.backend.write(lease, change).await;
                    self.written(written)
                }
                _ => Event::StoreFailed,
            },
            Action::RenewLease { lease: span } => {
                let Some(lease) = &mut self.lease else { return Some(Event::LeaseBusy) };
                match self.backend.renew(lease, span).await {
                    Ok(()) => Event::LeaseAcquired,
                    Err(error) => {
                        let event = self.refused(error, Event::LeaseBusy, Event::LeaseUnavailable);
                        if event == Event::LeaseBusy {
                            self.lease = None;
                        }
                        event
                    }
                }
            }
            Action::Confirm => self.confirm().await,
            Action::Write => match (&self.refreshed, &self.lease) {
                (Some(refreshed), Some(lease)) => {
                    let written = self.backend.write(lease, Change::Refreshed(refreshed)).await;
                    self.written(written)
                }
                _ => Event::StoreFailed,
            },
            Action::Release => {
                if let Some(lease) = self.lease.take() {
                    self.backend.release(lease).await;
                }
                Event::Released
            }
            Action::Wait { span } => {
                self.backend.wait(span).await;
                Event::Tick
            }
            _ => return None,
        })
    }

    fn read(&mut self, read: Read<B>) -> Event {
        match read {
            Ok(Some(Stored { record, unconfirmed })) => {
                let held = self.exchange.held(&record).with_unconfirmed(unconfirmed.is_some());
                self.record = record;
                // After a conflict the answer at hand is still to be confirmed.
                self.unconfirmed = unconfirmed.or(self.unconfirmed.take());
                Event::Current(Some(held))
            }
            Ok(None) => Event::Current(None),
            Err(error) => {
                self.backend_error = Some(error);
                Event::StoreFailed
            }
        }
    }

    async fn send(&mut self) -> Event {
        let Some(lease) = &self.lease else { return Event::StoreFailed };
        if let Err(error) = self.backend.prepare(lease, &self.record).await {
            self.backend_error = Some(error);
            return Event::StoreFailed;
        }
        match self.exchange.send(&self.record).await {
            Ok(Sent::Unconfirmed(unconfirmed)) => {
                self.unconfirmed = Some(unconfirmed);
                Event::Unconfirmed
            }
            Ok(Sent::Refreshed(record)) => Event::Refreshed(self.refreshed(record)),
            Err(error) => self.failed(error),
        }
    }

    async fn confirm(&mut self) -> Event {
        let Some(unconfirmed) = &self.unconfirmed else { return Event::Failed(RefreshFailure::Untrusted) };
        match self.exchange.confirm(&self.record, unconfirmed).await {
            Ok(record) => Event::Refreshed(self.refreshed(record)),
            Err(error) => self.failed(error),
        }
    }

    fn refreshed(&mut self, record: B::Record) -> Held {
        let held = self.exchange.held(&record);
        self.refreshed = Some(record);
        held
    }

    fn failed(&mut self, error: RefreshError) -> Event {
        let kind = RefreshFailure::from(&error);
        self.error = Some(error);
        Event::Failed(kind)
    }

    async fn tell_failure(&mut self, kind: RefreshFailure, backoff: Backoff) {
        if let (Some(lease), Some(error)) = (&self.lease, &self.error) {
            self.backend.failed(lease, &self.record, Failure { error, kind, backoff }).await;
        }
    }

    fn written(&mut self, written: Result<(), BackendError<B::Error>>) -> Event {
        match written {
            Ok(()) => Event::Written,
            Err(error) => self.refused(error, Event::Conflict, Event::StoreFailed),
        }
    }

    fn refused(&mut self, error: BackendError<B::Error>, contended: Event, unavailable: Event) -> Event {
        match error {
            BackendError::Contended => contended,
            BackendError::Unavailable(error) => {
                self.backend_error = Some(error);
                unavailable
            }
        }
    }

    fn finish(self, outcome: Outcome) -> Driven<B::Record, B::Error> {
        let refreshed = self.refreshed.filter(|_| matches!(outcome, Outcome::Refreshed { .. }));
        Driven {
            outcome,
            record: refreshed.unwrap_or(self.record),
            error: self.error,
            backend_error: self.backend_error,
        }
    }
}
