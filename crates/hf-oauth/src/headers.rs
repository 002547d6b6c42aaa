//! The answer's headers that the checks need.

use std::time::Duration;

use hf_oauth_core::{Response, UnixTime};
use http::HeaderMap;
use http::header::{CONTENT_TYPE, DATE, RETRY_AFTER};

/// The most that a `Retry-After` is believed.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

pub(crate) fn read_into(response: &mut Response, headers: &HeaderMap) {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    response.content_type = text(CONTENT_TYPE.as_str()).map(str::to_owned);
    response.date =
        text(DATE.as_str()).and_then(|date| httpdate::parse_http_date(date).ok()).map(UnixTime::from);
    response.request_id = text("x-request-id").map(str::to_owned);
    let why = [text("x-error-code"), text("x-error-message")];
    let why = why.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": ");
    response.explanation = Some(why).filter(|why| !why.is_empty());
    response.retry_after = text(RETRY_AFTER.as_str()).and_then(|value| retry_after(value, response.date));
}

/// Seconds, or a date, which is held against the server's own clock (RFC 9110 section 10.2.3).
fn retry_after(value: &str, date: Option<UnixTime>) -> Option<Duration> {
    let span = match value.trim().parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => date?.until(UnixTime::from(httpdate::parse_http_date(value).ok()?)),
    };
    Some(span.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_052_retry_after_is_seconds_or_a_date_and_never_absurd() {
        let date = Some(UnixTime::from_secs(784_111_777));
        assert_eq!(retry_after("120", date), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:50:37 GMT", date), Some(Duration::from_secs(60)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:00:00 GMT", date), Some(Duration::ZERO));
        assert_eq!(retry_after("1000000000", date), Some(LONGEST_RETRY_AFTER));
        for garbage in ["", "soon", "-5", "99999999999999999999999", "1.5"] {
            assert_eq!(retry_after(garbage, date), None, "{garbage:?}");
        }
    }
}
