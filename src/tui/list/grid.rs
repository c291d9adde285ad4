//! What stands in a table. Cells keep values rather than text: they are written out when they are drawn, and sorted by
//! what they mean.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use ratatui::text::Span;

use super::column::Column;
use crate::model::{Name, Rate, Reading};
use crate::tui::theme::Role;
use crate::tui::view::words;

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
    /// The last rows of another page: what is chosen, filtered or sorted there does not touch them.
    pub(in crate::tui) tail: bool,
    /// What is left out of the names of rows, in words for the title.
    pub(in crate::tui) shared: Option<String>,
}

/// A row.
#[derive(Debug, Clone)]
pub(in crate::tui) struct Row {
    /// Its name: the same row has the same one when the table is read again.
    pub(in crate::tui) key: Name,
    cells: Cells,
    /// The sides differ in it, or something stands in the way: it stays under `only differences`.
    pub(in crate::tui) differs: bool,
    /// A heading: its first cell goes over the whole width; a second one is its age.
    pub(in crate::tui) heading: bool,
}

/// The cells of a row, one for each column.
#[derive(Debug, Clone)]
enum Cells {
    Made(Box<[Cell]>),
    Of { source: Arc<dyn Source>, place: u32, role: Role },
}

/// What the cells of many rows are made of. Thousands of rows take a few bytes each as long as nobody looks at them.
pub(in crate::tui) trait Source: fmt::Debug + Send + Sync {
    /// The cells of the row at a place of the source.
    fn cells(&self, place: u32) -> Vec<Cell>;
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

impl Row {
    /// A row.
    pub(in crate::tui) fn new(key: impl Into<Name>, cells: Vec<Cell>) -> Self {
        let cells = Cells::Made(cells.into());
        Self { key: key.into(), cells, differs: false, heading: false }
    }

    /// A row whose cells are made when they are wanted. `role` is that of the one that matters.
    pub(in crate::tui) fn of(key: Name, source: Arc<dyn Source>, place: u32, role: Role) -> Self {
        Self { key, cells: Cells::Of { source, place, role }, differs: false, heading: false }
    }

    /// A heading.
    pub(in crate::tui) fn heading(key: impl Into<Name>, title: String) -> Self {
        Self::new(key, vec![Cell::Text(title.into(), Role::Title)]).that_is_wide()
    }

    /// A heading of rows that are so old.
    pub(in crate::tui) fn dated_heading(key: impl Into<Name>, title: String, age: Cell) -> Self {
        Self::new(key, vec![Cell::Text(title.into(), Role::Title), age]).that_is_wide()
    }

    /// One for each column.
    pub(in crate::tui) fn cells(&self) -> Cow<'_, [Cell]> {
        match &self.cells {
            Cells::Made(cells) => Cow::Borrowed(cells),
            Cells::Of { source, place, .. } => source.cells(*place).into(),
        }
    }

    /// The same, marked as one that differs.
    pub(in crate::tui) fn that_differs(mut self, differs: bool) -> Self {
        self.differs = differs;
        self
    }

    /// The same, with its first cell over the whole width, as a heading has it.
    pub(in crate::tui) fn that_is_wide(mut self) -> Self {
        self.heading = true;
        self
    }

    /// Whether one of its cells has this role.
    pub(in crate::tui) fn is_of(&self, role: Role) -> bool {
        match &self.cells {
            Cells::Made(cells) => {
                cells.iter().any(|cell| matches!(cell, Cell::Text(_, of) if *of == role))
            }
            Cells::Of { role: of, .. } => *of == role,
        }
    }

    /// Whether a text stands in one of its cells, whatever the case; `text` is in lower case.
    pub(super) fn contains(&self, text: &str) -> bool {
        let found = |part: &str| part.to_lowercase().contains(text);
        found(&self.key)
            || self.cells().iter().any(|cell| matches!(cell, Cell::Text(part, _) if found(part)))
    }
}

impl Cell {
    /// A text without colour.
    pub(in crate::tui) fn plain(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Text(text.into(), Role::Plain)
    }

    /// Nothing stands in it, not even that there is nothing.
    pub(in crate::tui) fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text, _) if text.is_empty())
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

    /// How many cells it takes at most, also when it has grown older.
    pub(in crate::tui) fn width(&self) -> u16 {
        let width = match self {
            Self::Text(text, _) if text.is_ascii() => text.len(),
            Self::Text(text, _) => Span::raw(text.as_ref()).width(),
            Self::Count(Some(count)) => words::grouped_width(*count),
            Self::Estimate(count) => 1 + words::grouped_width(*count),
            Self::Delta(0) => 5,
            Self::About(0) => 6,
            Self::Delta(delta) => 1 + words::grouped_width(delta.unsigned_abs()),
            Self::About(delta) => 2 + words::grouped_width(delta.unsigned_abs()),
            Self::Count(None) | Self::Rate(None) | Self::Bytes(None) => 7,
            Self::Rate(Some(rate)) if rate.thousandths() < 10_000 => 5,
            Self::Rate(Some(rate)) => 2 + words::grouped_width(rate.thousandths() / 1000 + 1),
            Self::Bytes(Some(_)) => 10,
            Self::Age(None) => 1,
            Self::Age(_) | Self::Since(_) | Self::Took(_) => 6,
            Self::Stale(_) => 9,
        };
        u16::try_from(width).unwrap_or(u16::MAX)
    }

    /// It is a number of the world.
    #[cfg(test)]
    pub(in crate::tui) const fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Count(Some(_))
                | Self::Estimate(_)
                | Self::Delta(_)
                | Self::About(_)
                | Self::Rate(Some(_))
                | Self::Bytes(Some(_))
        )
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
const _: () = assert!(size_of::<Row>() <= 48, "a row takes more memory than it did");
