//! Reading columns out of a [`Row`].

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

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
        let moment = NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S").ok();
        Ok(moment.map(|moment| moment.and_utc()))
    }

    /// A DATE; WHMCS's `0000-00-00` is none.
    pub(super) fn date(&mut self) -> Result<Option<NaiveDate>> {
        Ok(NaiveDate::parse_from_str(&self.text()?, "%Y-%m-%d").ok())
    }
}

/// A moment as our tables hold it.
pub(super) fn moment(moment: DateTime<Utc>) -> Value {
    Value::Text(moment.format("%Y-%m-%d %H:%M:%S").to_string())
}

/// A day or the first day of a month.
pub(super) fn date(date: NaiveDate) -> Value {
    Value::Text(date.format("%Y-%m-%d").to_string())
}

/// A count. Ours stay below 2^63; beyond that the largest number the column holds is the honest one.
pub(super) fn count(count: u64) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}
