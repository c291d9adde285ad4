//! What stands in a table. Cells keep values rather than text: they are written out when they are drawn, and sorted by
//! what they mean.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Rate, Reading, Side};
use crate::tui::theme::Role;

/// The rows of a page, as they stand now.
#[derive(Debug, Clone, Default)]
pub(in crate::tui) struct Grid {
    /// The columns; the first stays where it is when the others are scrolled.
    pub(in crate::tui) columns: Vec<Column>,
    /// The rows, in their own order.
    pub(in crate::tui) rows: Vec<Row>,
    /// The row that is shown as long as nobody chose one.
    pub(in crate::tui) follows: Option<usize>,
    /// Rows keep their order: it means something.
    pub(in crate::tui) ordered: bool,
    /// What is said when there is no row.
    pub(in crate::tui) empty: Cow<'static, str>,
    /// What the rows come to.
    pub(in crate::tui) sum: String,
}

/// A column.
#[derive(Debug, Clone)]
pub(in crate::tui) struct Column {
    /// Its head; no column of a table without heads has one.
    pub(in crate::tui) title: &'static str,
    /// How wide it is.
    pub(in crate::tui) width: Width,
    /// Its cells stand at its right edge.
    pub(in crate::tui) right: bool,
    /// The side that it shows.
    pub(in crate::tui) side: Option<Side>,
}

/// How wide a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum Width {
    /// So many cells.
    Exactly(u16),
    /// At least so many, and its share of what is left over.
    AtLeast(u16),
    /// At least the first number, and before others get their share up to the second.
    UpTo(u16, u16),
}

/// A row.
#[derive(Debug, Clone)]
pub(in crate::tui) struct Row {
    /// Its name: the same row has the same one when the table is read again.
    pub(in crate::tui) key: String,
    /// One for each column.
    pub(in crate::tui) cells: Vec<Cell>,
    /// The sides differ in it, or something stands in the way: it stays under `only differences`.
    pub(in crate::tui) differs: bool,
    /// A heading: its first cell goes over the whole width.
    pub(in crate::tui) heading: bool,
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tui) enum Cell {
    /// A text.
    Text(Cow<'static, str>, Role),
    /// A number; one that is not known is not 0.
    Count(Option<u64>),
    /// A number that is an estimate.
    Estimate(u64),
    /// How far green is from blue.
    Delta(i64),
    /// The same between estimates.
    About(i64),
    /// How often something happens.
    Rate(Option<Rate>),
    /// A size in bytes.
    Bytes(Option<u64>),
    /// How old the row is: when it was read.
    Age(Option<Timestamp>),
    /// The same of a row that is too old.
    Stale(Option<Timestamp>),
    /// A time that passes: since when.
    Since(Timestamp),
    /// A time that has passed.
    Took(Duration),
}

impl Grid {
    /// A table of these columns, still without rows.
    pub(in crate::tui) fn of(columns: Vec<Column>) -> Self {
        Self { columns, ..Self::default() }
    }

    /// The same with rows.
    pub(in crate::tui) fn with(mut self, rows: impl IntoIterator<Item = Row>) -> Self {
        self.rows = rows.into_iter().collect();
        self
    }

    /// The same, and what it says when it has no row.
    pub(in crate::tui) fn or_says(mut self, empty: impl Into<Cow<'static, str>>) -> Self {
        self.empty = empty.into();
        self
    }
}

impl Width {
    /// What it needs.
    pub(in crate::tui) const fn least(self) -> u16 {
        match self {
            Self::Exactly(width) | Self::AtLeast(width) | Self::UpTo(width, _) => width,
        }
    }

    /// What it gets before others get their share.
    pub(in crate::tui) const fn most(self) -> u16 {
        match self {
            Self::Exactly(width) | Self::AtLeast(width) | Self::UpTo(_, width) => width,
        }
    }
}

impl Column {
    /// In so many cells there is room for a side's head when it serves.
    const SIDE: u16 = 15;

    /// A column of texts that takes its share of the width.
    pub(in crate::tui) const fn text(title: &'static str, at_least: u16) -> Self {
        Self { title, width: Width::AtLeast(at_least), right: false, side: None }
    }

    /// A column of words of known length.
    pub(in crate::tui) const fn word(title: &'static str, width: u16) -> Self {
        Self { title, width: Width::Exactly(width), right: false, side: None }
    }

    /// A column of numbers, ages and times.
    pub(in crate::tui) const fn number(title: &'static str, width: u16) -> Self {
        Self { title, width: Width::Exactly(width), right: true, side: None }
    }

    /// A column of a side. Blue comes first in every table.
    pub(in crate::tui) const fn side(side: Side, at_least: u16) -> Self {
        let title = match side {
            Side::Blue => "BLUE",
            Side::Green => "GREEN",
        };
        let most = if at_least > Self::SIDE { at_least } else { Self::SIDE };
        Self { title, width: Width::UpTo(at_least, most), right: true, side: Some(side) }
    }
}

impl Row {
    /// A row.
    pub(in crate::tui) fn new(key: impl Into<String>, cells: Vec<Cell>) -> Self {
        Self { key: key.into(), cells, differs: false, heading: false }
    }

    /// A heading.
    pub(in crate::tui) fn heading(key: impl Into<String>, title: String) -> Self {
        Self { heading: true, ..Self::new(key, vec![Cell::Text(title.into(), Role::Title)]) }
    }

    /// The same, marked as one that differs.
    pub(in crate::tui) fn that_differs(mut self, differs: bool) -> Self {
        self.differs = differs;
        self
    }

    /// Whether a text stands in one of its cells, whatever the case; `text` is in lower case.
    pub(super) fn contains(&self, text: &str) -> bool {
        let found = |part: &str| part.to_lowercase().contains(text);
        found(&self.key)
            || self.cells.iter().any(|cell| matches!(cell, Cell::Text(part, _) if found(part)))
    }
}

impl Cell {
    /// A text without colour.
    pub(in crate::tui) fn plain(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Text(text.into(), Role::Plain)
    }

    /// What is said where nothing is known.
    pub(in crate::tui) const fn unknown() -> Self {
        Self::Text(Cow::Borrowed("unknown"), Role::Muted)
    }

    /// The age of what a reading says.
    pub(in crate::tui) fn age_of<T>(reading: &Reading<T>) -> Self {
        Self::age(reading.at(), reading.is_stale())
    }

    /// The age of what was read then.
    pub(in crate::tui) const fn age(at: Option<Timestamp>, stale: bool) -> Self {
        if stale { Self::Stale(at) } else { Self::Age(at) }
    }

    /// How long something took, or takes.
    pub(in crate::tui) fn time(from: Timestamp, to: Option<Timestamp>) -> Self {
        let took = |to: Timestamp| Duration::try_from(to.duration_since(from)).unwrap_or_default();
        to.map_or(Self::Since(from), |to| Self::Took(took(to)))
    }

    /// What is said where there is nothing.
    pub(in crate::tui) const fn none() -> Self {
        Self::Text(Cow::Borrowed("-"), Role::Muted)
    }

    /// The order in which a column is sorted. What is not known comes last.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let number = |cell: &Self| match cell {
            Self::Count(count) | Self::Bytes(count) => count.map(i128::from),
            Self::Rate(rate) => rate.map(Rate::thousandths).map(i128::from),
            Self::Estimate(count) => Some(i128::from(*count)),
            Self::Delta(delta) | Self::About(delta) => Some(-i128::from(delta.unsigned_abs())),
            Self::Age(at) | Self::Stale(at) => at.map(Timestamp::as_nanosecond),
            Self::Took(time) => i128::try_from(time.as_nanos()).ok(),
            // what still goes on comes last
            Self::Since(_) | Self::Text(..) => None,
        };
        match (self, other) {
            (Self::Text(one, _), Self::Text(two, _)) => one.cmp(two),
            _ => match (number(self), number(other)) {
                (Some(one), Some(two)) => one.cmp(&two),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => Ordering::Equal,
            },
        }
    }
}

/// A table of thousands of rows is megabytes: a cell that grows is one that somebody meant to grow.
const _: () = assert!(size_of::<Cell>() <= 32, "a cell takes more memory than it did");
