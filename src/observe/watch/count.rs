//! Which tables are counted exactly, and what is said of the others.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::model::{CountMethod, TableView, Watch};

/// A table as the catalogue and the statistics know it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Known {
    pub(super) name: String,
    /// Live rows by statistics or planner; negative when neither ever looked.
    pub(super) estimate: f64,
    /// Rows written since the statistics began.
    pub(super) writes: i64,
    /// Pages that a count would read.
    pub(super) pages: i64,
}

/// An exact count.
#[derive(Debug, Clone, Copy)]
struct Counted {
    rows: u64,
    writes: i64,
    took: Duration,
    at: Instant,
    when: Timestamp,
}

/// What was counted so far.
#[derive(Debug, Default)]
pub(super) struct Counts {
    exact: BTreeMap<String, Counted>,
}

/// Pages that a server counts in a second when nothing is known of it yet, held low on purpose.
const PAGES_A_SECOND: f64 = 20_000.0;

impl Counts {
    /// The tables to count now, those whose count is oldest first, as many as fit into the time. A table that nobody wrote
    /// since it was counted is not counted again.
    pub(super) fn due<'k>(&self, known: &'k [Known], time: Duration) -> Vec<&'k Known> {
        let mut due: Vec<&Known> = known.iter().filter(|table| !self.holds(table)).collect();
        due.sort_by_key(|table| self.exact.get(&table.name).map(|counted| counted.at));
        let mut left = time;
        due.retain(|table| match left.checked_sub(self.cost(table)) {
            Some(rest) => {
                left = rest;
                true
            }
            None => false,
        });
        due
    }

    fn cost(&self, table: &Known) -> Duration {
        #[expect(clippy::cast_precision_loss, reason = "a guess needs no precision")]
        let guessed = Duration::from_secs_f64(table.pages.max(0) as f64 / PAGES_A_SECOND);
        let known = self.exact.get(&table.name).map(|counted| counted.took);
        known.unwrap_or(guessed).max(Duration::from_micros(500))
    }

    fn holds(&self, table: &Known) -> bool {
        self.exact.get(&table.name).is_some_and(|counted| counted.writes == table.writes)
    }

    /// A table was counted, with the number of writes that was known before.
    pub(super) fn counted(&mut self, table: &Known, rows: u64, took: Duration) {
        let counted = Counted {
            rows,
            writes: table.writes,
            took,
            at: Instant::now(),
            when: Timestamp::now(),
        };
        self.exact.insert(table.name.clone(), counted);
    }

    /// What can be said of every table: the exact count while it holds or is as new as a round, an estimate else. A
    /// table of which nothing is known is left out.
    pub(super) fn tell(&self, known: &[Known], round: Duration) -> BTreeMap<String, TableView> {
        let now = Timestamp::now();
        let of = |table: &Known| {
            let exact = self
                .exact
                .get(&table.name)
                .filter(|counted| counted.writes == table.writes || counted.at.elapsed() < round);
            match exact {
                Some(counted) => {
                    Some(TableView::counted(counted.rows, CountMethod::Exact, counted.when))
                }
                None if table.estimate < 0.0 => None,
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it is positive, and an estimate"
                )]
                None => {
                    Some(TableView::counted(table.estimate as u64, CountMethod::Statistics, now))
                }
            }
        };
        known.iter().filter_map(|table| Some((table.name.clone(), of(table)?))).collect()
    }
}

/// Whether the profile has a table watched.
pub(super) fn is_watched(watch: &Watch, name: &str) -> bool {
    let named = watch.tables.is_empty() || watch.tables.iter().any(|table| table == name);
    named && !watch.exclude.contains_key(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(name: &str, estimate: f64, writes: i64, pages: i64) -> Known {
        Known { name: name.into(), estimate, writes, pages }
    }

    fn names(due: Vec<&Known>) -> Vec<&str> {
        due.into_iter().map(|table| table.name.as_str()).collect()
    }

    #[test]
    fn small_tables_are_counted_and_large_ones_estimated() {
        let tables = [known("large", 9e9, 1, 9_000_000), known("small", 3.0, 1, 1)];
        let mut counts = Counts::default();
        let budget = Duration::from_millis(100);
        assert_eq!(names(counts.due(&tables, budget)), ["small"]);
        counts.counted(&tables[1], 4, Duration::from_millis(1));
        let told = counts.tell(&tables, Duration::ZERO);
        assert_eq!((told["small"].count(), told["small"].is_exact()), (Some(4), true));
        assert_eq!((told["large"].count(), told["large"].is_exact()), (Some(9_000_000_000), false));
    }

    #[test]
    fn a_table_that_nobody_wrote_is_not_counted_again() {
        let mut counts = Counts::default();
        let before = [known("t", 3.0, 7, 1)];
        counts.counted(&before[0], 3, Duration::from_millis(1));
        assert!(counts.due(&before, Duration::from_secs(1)).is_empty());
        let after = [known("t", 3.0, 8, 1)];
        assert_eq!(names(counts.due(&after, Duration::from_secs(1))), ["t"]);
        assert!(!counts.tell(&after, Duration::ZERO)["t"].is_exact());
    }

    #[test]
    fn every_table_gets_its_turn_within_the_budget() {
        let tables: Vec<Known> = (0..4).map(|n| known(&format!("t{n}"), 1.0, 1, 1)).collect();
        let mut counts = Counts::default();
        for table in &tables {
            counts.counted(table, 1, Duration::from_millis(40));
        }
        let written: Vec<Known> = tables.iter().map(|t| Known { writes: 2, ..t.clone() }).collect();
        assert_eq!(names(counts.due(&written, Duration::from_millis(100))), ["t0", "t1"]);
        counts.counted(&written[0], 1, Duration::from_millis(40));
        counts.counted(&written[1], 1, Duration::from_millis(40));
        assert_eq!(names(counts.due(&written, Duration::from_millis(100))), ["t2", "t3"]);
    }

    #[test]
    fn nothing_is_said_of_a_table_that_nobody_ever_looked_at() {
        let tables = [known("new", -1.0, 0, 900_000_000)];
        assert!(Counts::default().tell(&tables, Duration::ZERO).is_empty());
    }
}
