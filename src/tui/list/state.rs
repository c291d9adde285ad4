//! Where the operator is in a table: the chosen row, the filter, the order.

use super::column::{self, Column};
use super::grid::{Cell, Grid, Row};
use crate::model::Name;

/// A table and where the operator is in it. The chosen row is held by its name, so that it stays chosen when rows come,
/// go or change places.
#[derive(Debug, Default)]
pub(in crate::tui) struct List {
    grid: Grid,
    shown: Vec<usize>,
    chosen: Option<Name>,
    at: usize,
    first: usize,
    filter: String,
    sort: Option<(usize, bool)>,
    only_differences: bool,
    column: usize,
    wants: Vec<u16>,
}

impl List {
    /// Takes what stands in the table now.
    pub(in crate::tui) fn refresh(&mut self, grid: Grid) {
        self.wants = column::wants(&grid.columns, &grid.rows);
        self.grid = grid;
        self.arrange();
    }

    /// Lets go of the rows, before others are made: with thousands of tables two generations of them are megabytes.
    pub(in crate::tui) fn let_go(&mut self) {
        self.grid.rows = Vec::new();
        self.shown.clear();
    }

    /// The columns.
    pub(in crate::tui) const fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The rows that are shown, in their order.
    pub(in crate::tui) fn rows(&self) -> impl ExactSizeIterator<Item = &Row> {
        self.shown.iter().map(|index| &self.grid.rows[*index])
    }

    /// How many rows are shown, and how many there are; headings are not counted.
    pub(in crate::tui) fn count(&self) -> (usize, usize) {
        let all = self.grid.rows.iter().filter(|row| !row.heading).count();
        (self.rows().filter(|row| !row.heading).count(), all)
    }

    /// The place of the row that the keys are at.
    pub(in crate::tui) const fn at(&self) -> usize {
        self.at
    }

    /// The row that the keys are at.
    pub(in crate::tui) fn selected(&self) -> Option<&Row> {
        self.shown.get(self.at).map(|index| &self.grid.rows[*index])
    }

    /// Nobody chose a row: the table goes with what happens.
    pub(in crate::tui) const fn follows(&self) -> bool {
        self.chosen.is_none() && self.grid.follows.is_some()
    }

    /// How wide the columns are in a room of this width; one that is not seen has no width. Also whether one is missing for
    /// want of room.
    pub(in crate::tui) fn widths(&self, width: u16) -> (Vec<u16>, bool) {
        column::fitted(&self.grid.columns, &self.wants, self.column, width)
    }

    /// A row was chosen: the table no longer goes with what happens.
    pub(in crate::tui) const fn stays(&self) -> bool {
        self.chosen.is_some() && self.grid.follows.is_some()
    }

    /// How many columns are scrolled away to the left.
    pub(in crate::tui) const fn columns_gone(&self) -> usize {
        self.column
    }

    /// The text that rows are filtered by.
    pub(in crate::tui) fn filter(&self) -> &str {
        &self.filter
    }

    /// The column that rows are sorted by, and whether backwards.
    pub(in crate::tui) fn sorted_by(&self) -> Option<(&'static str, bool)> {
        let (column, backwards) = self.sort?;
        Some((self.grid.columns.get(column)?.title, backwards))
    }

    /// Only rows that differ are shown.
    pub(in crate::tui) const fn only_differences(&self) -> bool {
        self.only_differences
    }

    /// Moves down by rows, up where it is negative.
    pub(in crate::tui) fn step(&mut self, by: isize) {
        let last = self.shown.len().saturating_sub(1);
        let at = self.at.saturating_add_signed(by).min(last);
        let beyond = if by < 0 {
            (0..=at).rev().find(|at| !self.is_heading(*at))
        } else {
            (at..=last).find(|at| !self.is_heading(*at))
        };
        self.choose(beyond.unwrap_or(at));
    }

    fn is_heading(&self, at: usize) -> bool {
        self.shown.get(at).is_some_and(|index| self.grid.rows[*index].heading)
    }

    /// Moves to the first row.
    pub(in crate::tui) fn top(&mut self) {
        self.choose(0);
    }

    /// Moves to the last row, or to where things happen, and goes with them.
    pub(in crate::tui) fn bottom(&mut self) {
        if self.grid.follows.is_some() {
            self.chosen = None;
            self.arrange();
        } else {
            self.choose(self.shown.len().saturating_sub(1));
        }
    }

    /// Moves to a row of the screen.
    pub(in crate::tui) fn point(&mut self, line: usize) {
        self.choose((self.first + line).min(self.shown.len().saturating_sub(1)));
    }

    /// Scrolls the columns but those that stay.
    pub(in crate::tui) fn scroll_columns(&mut self, by: isize) {
        let scrolled = self.grid.columns.iter().filter(|column| !Column::is_fixed(column));
        let last = scrolled.count().saturating_sub(1);
        self.column = self.column.saturating_add_signed(by).min(last);
    }

    /// Filters by a text; a `!` before it shows what does not have it.
    pub(in crate::tui) fn filter_by(&mut self, text: &str) {
        text.clone_into(&mut self.filter);
        self.arrange();
    }

    /// Shows only what differs, or everything again.
    pub(in crate::tui) fn toggle_differences(&mut self) {
        self.only_differences = !self.only_differences;
        self.arrange();
    }

    /// Sorts by the column whose title begins with a word; again, backwards. False where there is none.
    pub(in crate::tui) fn sort_by(&mut self, word: &str) -> bool {
        let word = word.to_lowercase();
        let begins = |column: &Column| column.title.to_lowercase().starts_with(&word);
        let Some(at) = self.grid.columns.iter().position(begins) else { return false };
        self.sort = Some((at, self.sort == Some((at, false))));
        self.arrange();
        true
    }

    /// Sorts by the next column: forwards, then backwards, then the next; at the end in the table's own order.
    pub(in crate::tui) fn sort_next(&mut self) {
        self.sort = match self.sort {
            None => Some((0, false)),
            Some((column, false)) => Some((column, true)),
            Some((column, true)) if column + 1 < self.grid.columns.len() => {
                Some((column + 1, false))
            }
            Some(_) => None,
        };
        self.arrange();
    }

    /// Scrolls so that the chosen row is on a screen of so many rows.
    pub(in crate::tui) fn settle(&mut self, height: usize) {
        self.first = self.first_within(height);
    }

    /// The first row on a screen of so many rows.
    pub(in crate::tui) fn first_within(&self, height: usize) -> usize {
        let last = self.shown.len().saturating_sub(height);
        let lowest = (self.at + 1).saturating_sub(height);
        let first = if self.follows() {
            // what comes next is in sight, too
            (self.at + 3).saturating_sub(height)
        } else {
            self.first.clamp(lowest, self.at)
        };
        first.min(last)
    }

    fn choose(&mut self, at: usize) {
        self.at = at;
        self.chosen = self.selected().map(|row| row.key.clone());
    }

    fn arrange(&mut self) {
        let filter = self.filter.to_lowercase();
        let (wanted, text) = match filter.strip_prefix('!') {
            Some(text) => (false, text),
            None => (true, filter.as_str()),
        };
        let stays = |row: &Row| {
            self.grid.tail
                || (text.is_empty() || row.heading || row.contains(text) == wanted)
                    && (!self.only_differences || row.differs || row.heading)
        };
        let rows = &self.grid.rows;
        let mut shown: Vec<usize> = (0..rows.len()).filter(|index| stays(&rows[*index])).collect();
        if let Some((column, backwards)) = self.sort.filter(|_| !self.grid.ordered) {
            let cells: Vec<Option<Cell>> =
                rows.iter().map(|row| row.cells().get(column).cloned()).collect();
            shown.sort_by(|one, two| {
                let [Some(one), Some(two)] = [one, two].map(|index| &cells[*index]) else {
                    return std::cmp::Ordering::Equal;
                };
                if backwards { two.order(one) } else { one.order(two) }
            });
        }
        self.shown = shown;
        self.find_again();
    }

    fn find_again(&mut self) {
        let last = self.shown.len().saturating_sub(1);
        let wanted = match &self.chosen {
            Some(key) => self.rows().position(|row| row.key == *key),
            None => Some(self.grid.follows.map_or(0, |follows| {
                self.shown.iter().position(|index| *index == follows).unwrap_or(last)
            })),
        };
        self.at = wanted.unwrap_or(self.at).min(last);
    }
}
