//! Tables as they are seen live.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::rate::Rate;

/// How a number of rows was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CountMethod {
    /// `count(*)`, and nobody has written since, or it is as new as a refresh.
    Exact,
    /// The statistics' live rows (`pg_stat_get_live_tuples`).
    Statistics,
    /// The planner's estimate (`pg_class.reltuples`), from the last `VACUUM` or `ANALYZE`.
    Planner,
}

impl CountMethod {
    /// True for `count(*)`.
    #[must_use]
    pub const fn is_exact(self) -> bool {
        matches!(self, Self::Exact)
    }

    /// One word for a column.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Statistics => "statistics",
            Self::Planner => "planner",
        }
    }
}

/// A number of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// The rows.
    pub count: u64,
    /// How they were found.
    pub method: CountMethod,
    /// When they were counted; for an estimate, when it was read. An exact count that is older than the reading has been
    /// confirmed by it: the table's counters of written rows have not moved since.
    pub at: Timestamp,
}

/// What a table takes on disk, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableBytes {
    /// The table with its TOAST, visibility and free space maps (`pg_table_size`).
    pub table: u64,
    /// Its indexes (`pg_indexes_size`).
    pub indexes: u64,
}

impl TableBytes {
    /// All of it (`pg_total_relation_size`).
    #[must_use]
    pub const fn total(self) -> u64 {
        self.table.saturating_add(self.indexes)
    }
}

/// A table of a side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableView {
    /// Its rows. None when nobody has counted them yet, and neither statistics nor planner know.
    pub rows: Option<Rows>,
    /// Rows inserted, updated and deleted in a second, between the last two readings. None before there are two.
    pub writes: Option<Rate>,
    /// Its size; read at a slow pace, so that it is absent at first.
    pub bytes: Option<TableBytes>,
    /// It is a materialized view: a restore computes it anew, so that its content is not compared.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub materialized: bool,
    /// Rows that are dead and not yet vacuumed (`pg_stat_get_dead_tuples`).
    pub dead: u64,
    /// When it was vacuumed last, by hand or by autovacuum.
    pub vacuumed: Option<Timestamp>,
    /// When it was analysed last, by hand or by autovacuum.
    pub analyzed: Option<Timestamp>,
}

impl TableView {
    /// A table of which no more than a count is known.
    #[must_use]
    pub const fn counted(count: u64, method: CountMethod, at: Timestamp) -> Self {
        Self {
            rows: Some(Rows { count, method, at }),
            writes: None,
            bytes: None,
            materialized: false,
            dead: 0,
            vacuumed: None,
            analyzed: None,
        }
    }

    /// The rows, however they were found.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        self.rows.map(|rows| rows.count)
    }

    /// True when the rows were counted.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.rows.is_some_and(|rows| rows.method.is_exact())
    }
}

/// More about one table, read while somebody looks at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableDetails {
    /// `schema.table`, quoted where it must be.
    pub table: String,
    /// `table`, `materialized view`, `partitioned table` or `partition`; what else it is, such as `unlogged`, stands in front.
    pub kind: String,
    /// Who owns it.
    pub owner: String,
    /// Its columns in order.
    pub columns: Vec<ColumnView>,
    /// Its indexes, the primary key first.
    pub indexes: Vec<IndexView>,
    /// Its other constraints: name and definition.
    pub constraints: Vec<(String, String)>,
    /// Its triggers, without those that keep foreign keys.
    pub triggers: Vec<String>,
    /// What it takes on disk.
    pub bytes: Option<TableBytes>,
    /// Sequential scans since the statistics began.
    pub sequential_scans: u64,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnView {
    /// Its name.
    pub name: String,
    /// Its type, with its modifier.
    pub data_type: String,
    /// It may be null.
    pub nullable: bool,
    /// Its default, or the expression that it is generated from.
    pub default: Option<String>,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexView {
    /// Its name.
    pub name: String,
    /// `pg_get_indexdef`.
    pub definition: String,
    /// Bytes on disk.
    pub bytes: u64,
    /// Scans since the statistics began.
    pub scans: u64,
    /// It is the primary key's.
    pub primary: bool,
    /// False while it is built, and after a build that failed.
    pub valid: bool,
}
