//! A day of the calendar for a person, from a time of the clock. Pure.

/// Milliseconds of a day; leap seconds do not count in the system's time.
const DAY_MS: i64 = 86_400_000;

/// The day of a time in milliseconds since 1970, in UTC, as `2026-11-30`.
///
/// After Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, so that the
/// leap day is their last.
pub(crate) fn day(ms: i64) -> String {
    let days = ms.div_euclid(DAY_MS) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let of = |seconds: i64| day(seconds * 1_000);
        assert_eq!(of(0), "1970-01-01");
        assert_eq!(of(-1), "1969-12-31");
        assert_eq!(of(951_782_400), "2000-02-29");
        assert_eq!(of(1_709_164_799), "2024-02-28");
        assert_eq!(of(1_709_164_800), "2024-02-29");
        assert_eq!(of(1_709_251_199), "2024-02-29");
        assert_eq!(of(1_709_251_200), "2024-03-01");
        assert_eq!(of(1_796_083_199), "2026-11-30");
        assert_eq!(of(4_102_444_800), "2100-01-01");
    }
}
