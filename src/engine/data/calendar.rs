//! Days and hours of a moment in the Gregorian calendar, in UTC.

use super::column::MILLIS_A_DAY;

/// A moment as calendars and clocks show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Calendar year, from -9999 to 9999.
    pub year: i64,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// 0 to 999.
    pub millisecond: u16,
    /// 1 for Monday to 7 for Sunday.
    pub weekday: u8,
}

impl Moment {
    /// Of milliseconds since 1970; `None` when missing or out of range. The method is Hinnant's `civil_from_days`: years begin
    /// in March, so that the day that comes and goes is their last.
    pub fn of(millis: f64) -> Option<Self> {
        // Rounded towards zero, as whole milliseconds are.
        let millis = if millis.is_finite() { millis.trunc() } else { return None };
        if millis.abs() > 4e14 {
            return None;
        }
        let days = (millis / MILLIS_A_DAY).floor();
        let in_day = (millis - days * MILLIS_A_DAY) as i64;
        let days = days as i64;
        let since = days + 719_468;
        let (era, day_of_era) = (since.div_euclid(146_097), since.rem_euclid(146_097));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * day_of_year + 2) / 153;
        let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (-9_999..=9_999).contains(&year).then_some(Self {
            year,
            month: month as u8,
            day: (day_of_year - (153 * from_march + 2) / 5 + 1) as u8,
            hour: (in_day / 3_600_000) as u8,
            minute: (in_day / 60_000 % 60) as u8,
            second: (in_day / 1_000 % 60) as u8,
            millisecond: (in_day % 1_000) as u16,
            weekday: ((days + 3).rem_euclid(7) + 1) as u8,
        })
    }

    /// "2014-06-29"
    pub fn date(&self) -> String {
        let Self { year, month, day, .. } = self;
        if *year < 0 {
            format!("-{:06}-{month:02}-{day:02}", year.abs())
        } else {
            format!("{year:04}-{month:02}-{day:02}")
        }
    }

    /// "2014-06-29T12:30:00", with as many decimals of the second as it needs.
    pub fn date_and_time(&self) -> String {
        let Self { hour, minute, second, .. } = self;
        let text = format!("{}T{hour:02}:{minute:02}:{second:02}", self.date());
        if self.millisecond == 0 {
            return text;
        }
        let decimals = format!("{:03}", self.millisecond);
        format!("{text}.{}", decimals.trim_end_matches('0'))
    }
}

/// Milliseconds from 1970 to the midnight a day begins with; `None` when there is no such day.
pub fn midnight(year: i64, month: u32, day: u32) -> Option<f64> {
    let n_days = match month {
        2 if year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=n_days).contains(&day) || !(-9_999..=9_999).contains(&year) {
        return None;
    }
    let (month, day) = (i64::from(month), i64::from(day));
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some((era * 146_097 + day_of_era - 719_468) as f64 * MILLIS_A_DAY)
}

/// The same of a day written as 2014-06-29.
pub fn midnight_of(text: &str) -> Option<f64> {
    let mut parts = text.trim().splitn(3, '-');
    let mut number = |n_digits: usize| {
        let part = parts.next()?;
        let is_plain = part.len() == n_digits && part.bytes().all(|b| b.is_ascii_digit());
        if is_plain { part.parse::<u32>().ok() } else { None }
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    midnight(i64::from(year), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(millis: f64) {
        let oracle = jiff::Timestamp::from_millisecond(millis as i64).unwrap();
        let oracle = jiff::tz::Offset::UTC.to_datetime(oracle);
        let found = Moment::of(millis).unwrap();
        assert_eq!(found.date(), oracle.date().to_string(), "{millis}");
        assert_eq!(found.date_and_time(), oracle.to_string(), "{millis}");
        let midnight = midnight(found.year, u32::from(found.month), u32::from(found.day));
        assert_eq!(midnight, Some((millis.trunc() / MILLIS_A_DAY).floor() * MILLIS_A_DAY), "{millis}");
        assert_eq!(found.weekday as i8, oracle.weekday().to_monday_one_offset(), "{millis}");
    }

    #[test]
    fn moments_are_those_of_an_independent_calendar() {
        // Every 37th day with a time of day, over 600 years on both sides, and both ends of what is kept.
        for i in -6_000_i32..6_000 {
            check(f64::from(i) * 37.0 * MILLIS_A_DAY + f64::from(i.rem_euclid(97)) * 890_123.0);
        }
        for millis in [-377_705_000_000_000.0, 253_402_207_200_000.0, 0.0, -1.0, 951_782_400_000.0, 1.5, -1.5]
        {
            check(millis);
        }
    }

    #[test]
    fn days_that_do_not_exist_have_no_midnight() {
        assert_eq!(midnight_of("2014-06-29"), Some(16_250.0 * MILLIS_A_DAY));
        assert_eq!(midnight_of(" 2000-02-29 "), Some(11_016.0 * MILLIS_A_DAY));
        for text in [
            "1900-02-29",
            "2014-04-31",
            "2014-13-01",
            "2014-00-10",
            "2014-1-1",
            "29-06-2014",
            "+014-06-29",
            "",
        ] {
            assert_eq!(midnight_of(text), None, "{text}");
        }
    }

    #[test]
    fn no_moment_is_none() {
        assert_eq!(Moment::of(f64::NAN), None);
        assert_eq!(Moment::of(f64::INFINITY), None);
        assert_eq!(Moment::of(1e18), None);
        assert_eq!(Moment::of(253_402_300_800_000.0), None);
    }
}
