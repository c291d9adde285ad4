//! Live readings. They go through a watch where the latest wins, and never enter the journal.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::side::Side;

/// A value that was read, or is not known. Unknown is never zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading<T> {
    /// It has never been read, or the last try failed before any value was known.
    Unknown {
        /// Why not, where that is known.
        why: Option<String>,
    },
    /// It was read, and newer than three refreshes.
    Fresh {
        /// The value.
        value: T,
        /// When it was read.
        at: Timestamp,
    },
    /// It was read, but later tries failed or it is too old. It cannot open a gate.
    Stale {
        /// The value.
        value: T,
        /// When it was read.
        at: Timestamp,
        /// Why there is no newer one.
        why: Option<String>,
    },
}

impl<T> Default for Reading<T> {
    fn default() -> Self {
        Self::Unknown { why: None }
    }
}

impl<T> Reading<T> {
    /// The value, whatever its age.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Unknown { .. } => None,
            Self::Fresh { value, .. } | Self::Stale { value, .. } => Some(value),
        }
    }

    /// The value when it is fresh.
    pub const fn fresh(&self) -> Option<&T> {
        match self {
            Self::Fresh { value, .. } => Some(value),
            Self::Unknown { .. } | Self::Stale { .. } => None,
        }
    }

    /// When the value was read.
    pub const fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Unknown { .. } => None,
            Self::Fresh { at, .. } | Self::Stale { at, .. } => Some(*at),
        }
    }

    /// The same reading after a try that brought nothing: what was known grows stale.
    #[must_use]
    pub fn missed(self, why: impl Into<String>) -> Self {
        let why = Some(why.into());
        match self {
            Self::Unknown { .. } => Self::Unknown { why },
            Self::Fresh { value, at } | Self::Stale { value, at, .. } => {
                Self::Stale { value, at, why }
            }
        }
    }

    /// The same reading at a later moment: it grows stale past three refreshes.
    #[must_use]
    pub fn aged(self, now: Timestamp, refresh: Duration) -> Self {
        match self {
            Self::Fresh { value, at } if older(at, now, refresh * 3) => {
                Self::Stale { value, at, why: None }
            }
            other => other,
        }
    }
}

fn older(at: Timestamp, now: Timestamp, limit: Duration) -> bool {
    Duration::try_from(now.duration_since(at)).is_ok_and(|age| age > limit)
}

/// A table's number of rows and how it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableCount {
    /// The rows.
    pub rows: u64,
    /// True for `count(*)`, false for the planner's estimate (`pg_class.reltuples`).
    pub exact: bool,
}

/// What is seen of one side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideView {
    /// `server_version`.
    pub version: Reading<String>,
    /// `pg_control_system().system_identifier`.
    pub system: Reading<String>,
    /// `pg_database_size`, bytes.
    pub size: Reading<u64>,
    /// Clients in `pg_stat_activity`, without ours.
    pub clients: Reading<u64>,
    /// Rows by `schema.table`.
    pub tables: Reading<BTreeMap<String, TableCount>>,
    /// Installed extensions and their versions.
    pub extensions: Reading<BTreeMap<String, String>>,
    /// Ready and wanted pods of the side's workload.
    pub pods: Reading<(u32, u32)>,
}

/// What is seen of the world.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// Blue.
    pub blue: SideView,
    /// Green.
    pub green: SideView,
    /// The side that the Service's selector means, where it means one.
    pub serving: Reading<Option<Side>>,
    /// Jobs of the namespace: name and `running`, `complete`, `failed` or `suspended`.
    pub jobs: Reading<BTreeMap<String, String>>,
}

impl Observed {
    /// The view of a side.
    #[must_use]
    pub const fn side(&self, side: Side) -> &SideView {
        match side {
            Side::Blue => &self.blue,
            Side::Green => &self.green,
        }
    }
}
