//! Which pending logins go: those that are over, junk under their names, and the oldest when there are too many.

use std::collections::BTreeMap;

use hf_oauth_core::{ReturnPath, UnixTime};

use super::label::{Kind, Label};
use super::record::{Record, Waiting, is_root, waiting as waiting_record};
use super::{MOST_PENDING_LOGINS, PendingLogins};
use crate::cookie::{
    COOKIES_LIMIT, CROWDED, CookieHeaders, MOST_DELETIONS, SESSION_COOKIES_LIMIT, SetCookie, pair_len,
    set_bytes,
};

/// Everything that came under one name: a browser sends several where their paths or partitions differ.
struct Named<'c> {
    name: &'c str,
    bytes: usize,
    /// Absent where no value can be a login's that is still kept.
    label: Option<Label>,
    values: Vec<&'c str>,
}

/// What is about to be set beside the logins that came.
#[derive(Clone, Copy)]
pub(super) struct Beside<'a> {
    /// Its own name, which is none of the others.
    pub(super) name: &'a str,
    pub(super) bytes: usize,
    /// What the session's cookies will take.
    pub(super) session_bytes: usize,
}

impl PendingLogins {
    /// Deletes what is of no use any more in a request's cookies: logins that are over, and, of more than
    /// [`MOST_PENDING_LOGINS`] or more than fit beside the session, first what does not open and then the oldest.
    ///
    /// Where even logins that wait do not fit beside the session, they are set anew without their return path first.
    ///
    /// Cheap enough for every request: while the logins are few and small, it reads times that stand unsealed in front of
    /// them and opens none. A forged time costs or saves a cookie of the browser that forged it. One answer deletes some
    /// of them, the next ones the rest.
    pub fn stale(&self, cookies: &CookieHeaders<'_>, now: UnixTime) -> Vec<SetCookie> {
        let (kept, over): (Vec<_>, Vec<_>) =
            self.named(cookies, now).into_iter().partition(|one| one.label.is_some());
        let bytes = kept.iter().map(|one| one.bytes).sum::<usize>();
        // Beside the largest session there would be room for most.
        let may_be_crowded = bytes > CROWDED - SESSION_COOKIES_LIMIT;
        let is_crowded = may_be_crowded && bytes > CROWDED - self.session_bytes(cookies);
        if kept.len() > MOST_PENDING_LOGINS || is_crowded {
            return self.make_room(cookies, now, None);
        }
        self.policy.delete_some(over.iter().map(|one| one.name), MOST_DELETIONS)
    }

    /// Deletes all pending logins that a request brought, for somebody who signs out.
    pub fn clear(&self, cookies: &CookieHeaders<'_>, now: UnixTime) -> Vec<SetCookie> {
        let mut all = self.named(cookies, now);
        all.sort_by_cached_key(|one| !self.opens(one, now));
        self.policy.delete_some(all.iter().map(|one| one.name), 2 * MOST_PENDING_LOGINS)
    }

    /// The bytes that a login may take which begins now. A login that goes back to the front page may always take what
    /// it may take beside no session: of those none is ever too large for a session's sake.
    pub(super) fn share(&self, return_path: &ReturnPath, session_bytes: usize) -> usize {
        let session_bytes = if is_root(return_path) { 0 } else { session_bytes };
        (COOKIES_LIMIT - session_bytes.min(SESSION_COOKIES_LIMIT)) / MOST_PENDING_LOGINS
    }

    /// What the session's cookies take, and at most what they may.
    pub(super) fn session_bytes(&self, cookies: &CookieHeaders<'_>) -> usize {
        let names = self.policy.session_names_in(cookies);
        let values =
            names.iter().flat_map(|name| cookies.values(name).map(|value| (name.len(), value.len())));
        values.map(|(name, value)| pair_len(name, value)).sum::<usize>().min(SESSION_COOKIES_LIMIT)
    }

    /// Opens every login, and keeps what there is room for. Junk goes first, then what is finished; then waiting logins
    /// lose their return path, the oldest first; and at last they go themselves.
    pub(super) fn make_room(
        &self,
        cookies: &CookieHeaders<'_>,
        now: UnixTime,
        beside: Option<Beside<'_>>,
    ) -> Vec<SetCookie> {
        let all = self.named(cookies, now).into_iter();
        let all = all.filter(|one| beside.is_none_or(|beside| beside.name != one.name));
        let (mut kept, junk): (Vec<_>, Vec<_>) = all.partition(|one| self.opens(one, now));
        kept.sort_by_key(|one| (one.label, one.name));
        let mut bytes = kept.iter().map(|one| one.bytes).sum::<usize>()
            + beside.map_or_else(|| self.session_bytes(cookies), |it| it.session_bytes + it.bytes);
        let mut count = kept.len() + usize::from(beside.is_some());
        let finished = kept.partition_point(|one| one.label.is_some_and(|it| it.kind == Kind::Finished));
        let mut gone: Vec<&str> = Vec::new();
        let mut shorter: Vec<SetCookie> = Vec::new();
        let is_enough = |count: usize, bytes: usize| count <= MOST_PENDING_LOGINS && bytes <= CROWDED;
        for one in &kept[..finished] {
            if !is_enough(count, bytes) {
                (count, bytes) = (count - 1, bytes - one.bytes);
                gone.push(one.name);
            }
        }
        for one in &mut kept[finished..] {
            if bytes > CROWDED
                && let Some(line) = self.without_return_path(one, now)
            {
                bytes -= one.bytes;
                one.bytes = set_bytes(std::slice::from_ref(&line)).min(one.bytes);
                bytes += one.bytes;
                shorter.push(line);
            }
        }
        for one in &kept[finished..] {
            if !is_enough(count, bytes) {
                (count, bytes) = (count - 1, bytes - one.bytes);
                gone.push(one.name);
            }
        }
        shorter.retain(|line| !gone.contains(&line.name()));
        gone.extend(junk.iter().map(|one| one.name));
        let mut lines = self.policy.delete_some(gone, MOST_DELETIONS);
        lines.append(&mut shorter);
        lines
    }

    fn without_return_path(&self, one: &Named<'_>, now: UnixTime) -> Option<SetCookie> {
        let (label, waiting) =
            one.values.iter().find_map(|value| match self.open(one.name, value, now)? {
                (label, Record::Waiting(waiting)) => Some((label, waiting)),
                (_, Record::Finished { .. }) => None,
            })?;
        let Waiting { seed, issuer, options, asked, .. } = *waiting;
        if is_root(&options.return_path) {
            return None;
        }
        let options = options.with_return_path(ReturnPath::root());
        let payload = waiting_record(&options, &seed, &asked, &issuer);
        let value = self.seal(one.name, label, &payload).ok()?;
        Some(self.policy.set(one.name.to_owned(), value, now.until(label.at() + label.lifetime())))
    }

    fn opens(&self, one: &Named<'_>, now: UnixTime) -> bool {
        one.label.is_some() && one.values.iter().any(|value| self.open(one.name, value, now).is_some())
    }

    /// The logins that came, by name. A name is kept for the sake of any of its values: a deletion would take all.
    fn named<'c>(&self, cookies: &CookieHeaders<'c>, now: UnixTime) -> Vec<Named<'c>> {
        let mut all: BTreeMap<&'c str, Named<'c>> = BTreeMap::new();
        for (name, value) in cookies.pairs_from(&self.prefix) {
            let label = Label::of_value(value).filter(|label| label.is_current(now));
            let one = all.entry(name).or_insert(Named { name, bytes: 0, label: None, values: Vec::new() });
            one.bytes += pair_len(name.len(), value.len());
            one.label = one.label.max(label);
            one.values.push(value);
        }
        all.into_values().collect()
    }
}
