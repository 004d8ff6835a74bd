//! Reading columns out of a [`Row`].

use chrono::{DateTime, NaiveDate, NaiveDateTime, Timelike, Utc};

use crate::error::{Error, Result};
use crate::host::{Row, Value};

/// The columns of a row, taken in order.
pub(super) struct Columns(std::vec::IntoIter<Value>);

impl Columns {
    pub(super) fn of(row: Row) -> Self {
        Self(row.into_iter())
    }

    fn next(&mut self) -> Result<Value> {
        self.0
            .next()
            .ok_or_else(|| Error::bug("a row has fewer columns than the statement asked for"))
    }

    pub(super) fn int(&mut self) -> Result<i64> {
        Ok(self.optional_int()?.unwrap_or(0))
    }

    pub(super) fn optional_int(&mut self) -> Result<Option<i64>> {
        Ok(self.next()?.as_int())
    }

    /// A count of something; what the database cannot have made negative is taken as 0.
    pub(super) fn count(&mut self) -> Result<u64> {
        Ok(u64::try_from(self.int()?).unwrap_or(0))
    }

    pub(super) fn text(&mut self) -> Result<String> {
        Ok(self.next()?.as_text().unwrap_or_default())
    }

    pub(super) fn optional_text(&mut self) -> Result<Option<String>> {
        Ok(self.next()?.as_text())
    }

    /// A DATETIME of ours, in UTC.
    pub(super) fn moment(&mut self) -> Result<Option<DateTime<Utc>>> {
        let text = self.text()?;
        Ok(parsed_moment(&text).map(|moment| moment.and_utc()))
    }

    /// A DATE; WHMCS's `0000-00-00` is none.
    pub(super) fn date(&mut self) -> Result<Option<NaiveDate>> {
        Ok(self.text()?.parse().ok())
    }
}

/// No sum of bytes goes beyond 2^60, a thousand PB: one account's figures that are out of their minds must
/// not overflow a column, for the statement that adds to them adds to those of all others.
pub(super) const MOST: i64 = 1 << 60;

/// An assignment that adds what a row of an `INSERT … ON DUPLICATE KEY UPDATE` brings.
pub(super) fn add(column: &str) -> String {
    format!("{column} = LEAST({column}, {MOST}) + LEAST(VALUES({column}), {MOST})")
}

/// As [`moment`] writes it. There is one in every account: chrono's formats, read anew each time, cost
/// more than all other columns.
fn parsed_moment(text: &str) -> Option<NaiveDateTime> {
    let (date, time) = text.split_once(' ')?;
    Some(NaiveDateTime::new(date.parse().ok()?, time.parse().ok()?))
}

/// A moment as our tables hold it.
pub(super) fn moment(moment: DateTime<Utc>) -> Value {
    let (date, time) = (moment.date_naive(), moment.time());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    Value::Text(format!("{date} {hour:02}:{minute:02}:{second:02}"))
}

/// A day or the first day of a month.
pub(super) fn date(date: NaiveDate) -> Value {
    Value::Text(date.to_string())
}

/// A count. Ours stay below 2^63; beyond that the largest number the column holds is the honest one.
pub(super) fn count(count: u64) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    #[test]
    fn a_moment_survives_the_way_to_the_database_and_back() {
        let then = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
        assert_eq!(moment(then), Value::Text("2026-01-02 03:04:05".to_owned()));
        let mut columns = Columns::of(vec![
            moment(then),
            "0000-00-00 00:00:00".into(),
            Value::Null,
        ]);
        assert_eq!(columns.moment().unwrap(), Some(then));
        assert_eq!(columns.moment().unwrap(), None);
        assert_eq!(columns.moment().unwrap(), None);
    }

    #[test]
    fn a_day_survives_too_and_the_zero_date_is_none() {
        let day = NaiveDate::from_ymd_opt(2026, 1, 2).unwrap();
        assert_eq!(date(day), Value::Text("2026-01-02".to_owned()));
        let mut columns = Columns::of(vec![date(day), "0000-00-00".into()]);
        assert_eq!(columns.date().unwrap(), Some(day));
        assert_eq!(columns.date().unwrap(), None);
    }
}
