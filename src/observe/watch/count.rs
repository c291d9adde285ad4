//! Which tables are counted exactly, and what is said of the others.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::model::{CountMethod, Name, Rate, Rows, TableBytes, TableView, Tables, Watch};

/// A table as the catalogue and the statistics know it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Known {
    pub(super) oid: u32,
    pub(super) name: Name,
    /// Live rows by the statistics; 0 also when they never heard of any.
    pub(super) live: i64,
    /// Rows by the planner; negative when it never looked.
    pub(super) planned: f64,
    /// Rows written since the statistics began.
    pub(super) writes: i64,
    /// Pages that a count would read.
    pub(super) pages: i64,
    pub(super) materialized: bool,
    pub(super) dead: u64,
    pub(super) vacuumed: Option<Timestamp>,
    pub(super) analyzed: Option<Timestamp>,
}

impl Known {
    /// What statistics and planner make of its rows. Statistics that were set to zero (`pg_stat_reset`) count from there:
    /// those that know of no vacuum and no analysis are held against the planner's, which outlives them.
    fn estimate(&self) -> Option<(u64, CountMethod)> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is positive, and an estimate"
        )]
        let planned = (self.planned >= 0.0).then_some(self.planned as u64);
        let live = u64::try_from(self.live).ok().filter(|live| *live > 0);
        let forgetful = self.vacuumed.is_none() && self.analyzed.is_none();
        match (live, planned) {
            (Some(live), Some(planned)) if forgetful && planned > live => {
                Some((planned, CountMethod::Planner))
            }
            (Some(live), _) => Some((live, CountMethod::Statistics)),
            (None, planned) => Some((planned?, CountMethod::Planner)),
        }
    }
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

/// Written rows at two readings.
#[derive(Debug, Clone, Copy)]
struct Written {
    writes: i64,
    at: Instant,
    rate: Option<Rate>,
}

/// What was counted so far.
#[derive(Debug, Default)]
pub(super) struct Counts {
    exact: BTreeMap<u32, Counted>,
    written: BTreeMap<u32, Written>,
    /// Tables that could not be counted, and until when they are left alone.
    refused: BTreeMap<u32, Instant>,
}

/// Pages that a server counts in a second when nothing is known of it yet, held low on purpose.
const PAGES_A_SECOND: f64 = 20_000.0;

/// What a count costs at least.
const LEAST: Duration = Duration::from_micros(500);

/// How long a table rests that could not be counted.
const REST: Duration = Duration::from_secs(30);

impl Counts {
    /// The statistics were read: rates come from one reading to the next, and tables that are gone are forgotten.
    pub(super) fn read(&mut self, known: &[Known]) {
        let now = Instant::now();
        let written = known.iter().map(|table| {
            let before = self.written.get(&table.oid);
            let rate = before.and_then(|before| {
                let rows = u64::try_from(table.writes - before.writes).ok()?;
                Rate::over(rows, now.duration_since(before.at))
            });
            (table.oid, Written { writes: table.writes, at: now, rate })
        });
        self.written = written.collect();
        self.exact.retain(|oid, _| self.written.contains_key(oid));
        self.refused.retain(|_, until| *until > now);
    }

    /// The tables to count now, those whose count is oldest first, as many as fit into the time. A table that nobody wrote
    /// since it was counted is not counted again.
    pub(super) fn due<'k>(&self, known: &'k [Known], time: Duration) -> Vec<&'k Known> {
        let waits = |table: &&Known| !self.holds(table) && !self.refused.contains_key(&table.oid);
        let mut due: Vec<&Known> = known.iter().filter(waits).collect();
        due.sort_by_key(|table| self.exact.get(&table.oid).map(|counted| counted.at));
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
        let known = self.exact.get(&table.oid).map(|counted| counted.took);
        known.unwrap_or(guessed).max(LEAST)
    }

    fn holds(&self, table: &Known) -> bool {
        self.exact.get(&table.oid).is_some_and(|counted| counted.writes == table.writes)
    }

    /// A table was counted, with the number of writes that was known before.
    pub(super) fn counted(&mut self, table: &Known, rows: u64, took: Duration) {
        let (at, when) = (Instant::now(), Timestamp::now());
        self.exact.insert(table.oid, Counted { rows, writes: table.writes, took, at, when });
    }

    /// A table could not be counted: it is locked, takes too long, or may not be read.
    pub(super) fn refused(&mut self, table: &Known, took: Duration) {
        self.refused.insert(table.oid, Instant::now() + REST.max(took * 50));
    }

    /// What can be said of every table: the exact count while it holds or is as new as a round, an estimate else.
    pub(super) fn tell(
        &self,
        known: &[Known],
        size: impl Fn(u32) -> Option<TableBytes>,
        round: Duration,
    ) -> Tables {
        let now = Timestamp::now();
        let of = |table: &Known| TableView {
            rows: self.rows(table, round, now),
            writes: self.written.get(&table.oid).and_then(|written| written.rate),
            bytes: size(table.oid),
            materialized: table.materialized,
            dead: table.dead,
            vacuumed: table.vacuumed,
            analyzed: table.analyzed,
        };
        known.iter().map(|table| (table.name.clone(), of(table))).collect()
    }

    fn rows(&self, table: &Known, round: Duration, now: Timestamp) -> Option<Rows> {
        let exact = self
            .exact
            .get(&table.oid)
            .filter(|counted| counted.writes == table.writes || counted.at.elapsed() < round);
        if let Some(counted) = exact {
            let Counted { rows: count, when: at, .. } = *counted;
            return Some(Rows { count, method: CountMethod::Exact, at });
        }
        let (count, method) = table.estimate()?;
        Some(Rows { count, method, at: now })
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

    fn known(oid: u32, live: i64, writes: i64, pages: i64) -> Known {
        Known {
            oid,
            name: format!("t{oid}").into(),
            materialized: false,
            live,
            planned: -1.0,
            writes,
            pages,
            dead: 0,
            vacuumed: None,
            analyzed: None,
        }
    }

    fn names(due: Vec<&Known>) -> Vec<&str> {
        due.into_iter().map(|table| &*table.name).collect()
    }

    fn told(counts: &Counts, tables: &[Known], name: &str) -> Option<(u64, CountMethod)> {
        let all = counts.tell(tables, |_| None, Duration::ZERO);
        all.get(name)?.rows.map(|rows| (rows.count, rows.method))
    }

    #[test]
    fn small_tables_are_counted_and_large_ones_estimated() {
        let tables = [known(1, 9_000_000_000, 1, 9_000_000), known(2, 3, 1, 1)];
        let mut counts = Counts::default();
        let budget = Duration::from_millis(100);
        assert_eq!(names(counts.due(&tables, budget)), ["t2"]);
        counts.counted(&tables[1], 4, Duration::from_millis(1));
        assert_eq!(told(&counts, &tables, "t2"), Some((4, CountMethod::Exact)));
        let estimate = Some((9_000_000_000, CountMethod::Statistics));
        assert_eq!(told(&counts, &tables, "t1"), estimate);
    }

    #[test]
    fn a_table_that_nobody_wrote_is_not_counted_again() {
        let mut counts = Counts::default();
        let before = [known(1, 3, 7, 1)];
        counts.counted(&before[0], 3, Duration::from_millis(1));
        assert!(counts.due(&before, Duration::from_secs(1)).is_empty());
        let after = [known(1, 3, 8, 1)];
        assert_eq!(names(counts.due(&after, Duration::from_secs(1))), ["t1"]);
        assert_eq!(told(&counts, &after, "t1"), Some((3, CountMethod::Statistics)));
    }

    #[test]
    fn every_table_gets_its_turn_within_the_budget() {
        let tables: Vec<Known> = (0..4).map(|oid| known(oid, 1, 1, 1)).collect();
        let mut counts = Counts::default();
        for table in &tables {
            counts.counted(table, 1, Duration::from_millis(40));
        }
        let written: Vec<Known> = tables.iter().map(|t| Known { writes: 2, ..t.clone() }).collect();
        assert_eq!(names(counts.due(&written, Duration::from_millis(100))), ["t0", "t1"]);
        counts.counted(&written[0], 1, Duration::from_millis(40));
        counts.refused(&written[1], Duration::from_millis(40));
        assert_eq!(names(counts.due(&written, Duration::from_millis(100))), ["t2", "t3"]);
    }

    #[test]
    fn statistics_that_began_anew_do_not_hide_what_the_planner_knows() {
        let counted = |live, planned, analyzed| {
            let table = Known { planned, analyzed, ..known(1, live, 0, 1) };
            table.estimate()
        };
        let analysed = Some(Timestamp::UNIX_EPOCH);
        assert_eq!(counted(300, 54_049.0, None), Some((54_049, CountMethod::Planner)));
        assert_eq!(counted(300, 54_049.0, analysed), Some((300, CountMethod::Statistics)));
        assert_eq!(counted(300, 12.0, None), Some((300, CountMethod::Statistics)));
        assert_eq!(counted(300, -1.0, None), Some((300, CountMethod::Statistics)));
    }

    #[test]
    fn nothing_is_said_of_rows_that_nobody_ever_looked_at() {
        let tables = [known(1, 0, 0, 900_000_000)];
        assert_eq!(told(&Counts::default(), &tables, "t1"), None);
    }

    #[test]
    fn a_table_is_written_at_a_rate_from_its_second_reading_on() {
        let mut counts = Counts::default();
        counts.read(&[known(1, 0, 5, 1)]);
        let rate = |counts: &Counts| {
            counts.tell(&[known(1, 0, 5, 1)], |_| None, Duration::ZERO).get("t1")?.writes
        };
        assert_eq!(rate(&counts), None);
        counts.read(&[known(1, 0, 5, 1)]);
        assert!(rate(&counts).is_some_and(Rate::is_zero));
    }
}
