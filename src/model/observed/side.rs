//! One side.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::reading::Reading;
use super::server::{ExtensionView, Flow, SequenceView, SettingView, Wal, WorkView};
use super::session::{Connections, OpenTransactions, Sessions};
use super::shared::Shared;
use super::table::TableDetails;
use super::tables::Tables;

/// What is seen of one side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideView {
    /// `server_version`.
    pub version: Reading<String>,
    /// `pg_control_system().system_identifier`.
    pub system: Reading<String>,
    /// `pg_database_size`, bytes.
    pub size: Reading<u64>,
    /// Clients of the database in `pg_stat_activity`, without ours.
    pub clients: Reading<u64>,
    /// Connections of the server, and who has them.
    #[serde(default)]
    pub connections: Reading<Shared<Connections>>,
    /// Open transactions. Unknown where sessions of other roles may not be seen into.
    #[serde(default)]
    pub transactions: Reading<OpenTransactions>,
    /// Sessions of this database that wait for a lock (`pg_locks`).
    #[serde(default)]
    pub waiting: Reading<u64>,
    /// Writes, transactions and WAL in a second. Unknown before there are two readings.
    #[serde(default)]
    pub flow: Reading<Flow>,
    /// The position in the write-ahead log.
    #[serde(default)]
    pub wal: Reading<Wal>,
    /// All tables.
    pub tables: Reading<Shared<Tables>>,
    /// The table that somebody looks at (`Focus::table`).
    #[serde(default, skip_serializing)]
    pub details: Reading<Shared<TableDetails>>,
    /// Extensions that are installed, or that the server could install.
    pub extensions: Reading<Shared<BTreeMap<String, ExtensionView>>>,
    /// Sequences by `schema.sequence`.
    #[serde(default)]
    pub sequences: Reading<Shared<BTreeMap<String, SequenceView>>>,
    /// Settings that are not at their default, and those that matter.
    #[serde(default)]
    pub settings: Reading<Shared<BTreeMap<String, SettingView>>>,
    /// Who is connected.
    #[serde(default)]
    pub sessions: Reading<Shared<Sessions>>,
    /// Long work that is under way, such as a restore.
    #[serde(default)]
    pub work: Reading<Shared<Vec<WorkView>>>,
    /// Ready and wanted pods of the side's workload.
    pub pods: Reading<(u32, u32)>,
}
