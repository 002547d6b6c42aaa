//! How times are shown.

use hf_oauth::UnixTime;

/// `in 29 d (2026-12-20 14:30 UTC)`; `never` without an end, because then the Hub named none.
pub(super) fn expiry(ends: Option<UnixTime>, now: UnixTime) -> String {
    let Some(ends) = ends else { return "no end known".to_owned() };
    let left = ends.as_secs().saturating_sub(now.as_secs());
    let (size, unit) = match left.unsigned_abs() {
        seconds if seconds >= 2 * 86_400 => (seconds / 86_400, "d"),
        seconds if seconds >= 2 * 3_600 => (seconds / 3_600, "h"),
        seconds if seconds >= 120 => (seconds / 60, "min"),
        seconds => (seconds, "s"),
    };
    let date = utc(ends);
    if left > 0 { format!("in {size} {unit} ({date})") } else { format!("{size} {unit} ago ({date})") }
}

/// `2026-12-20 14:30 UTC` (days to civil: the proleptic Gregorian calendar in eras of 400 years).
fn utc(time: UnixTime) -> String {
    let (days, seconds) = (time.as_secs().div_euclid(86_400), time.as_secs().rem_euclid(86_400));
    let shifted = days.saturating_add(719_468);
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", seconds / 3_600, seconds % 3_600 / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_the_calendars() {
        for (seconds, date) in [
            (0, "1970-01-01 00:00 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (1_799_999_999, "2027-01-15 07:59 UTC"),
            (-1, "1969-12-31 23:59 UTC"),
        ] {
            assert_eq!(utc(UnixTime::from_secs(seconds)), date);
        }
    }

    #[test]
    fn an_end_is_said_as_time_left_and_as_a_date() {
        let now = UnixTime::from_secs(1_000_000);
        let at = |left: i64| expiry(Some(UnixTime::from_secs(1_000_000 + left)), now);
        assert!(at(30 * 86_400).starts_with("in 30 d ("));
        assert!(at(7_200).starts_with("in 2 h ("));
        assert!(at(300).starts_with("in 5 min ("));
        assert!(at(-300).starts_with("5 min ago ("));
        assert_eq!(expiry(None, now), "no end known");
        // Absurd numbers in a file that anybody may edit.
        expiry(Some(UnixTime::from_secs(i64::MAX)), UnixTime::from_secs(i64::MIN));
        expiry(Some(UnixTime::from_secs(i64::MIN)), now);
    }
}
