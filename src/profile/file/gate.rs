//! Gates as they are written: a word where the parameters can be derived, else a table.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::at::{At, word_or_table};
use crate::model::Side;

/// A gate.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
#[schemars(rename = "Gate")]
pub(in crate::profile) enum GateFile {
    /// A gate whose parameters are derived.
    Word(GateWord),
    /// A gate and its parameters.
    Table(Box<GateTable>),
}

impl<'de> Deserialize<'de> for GateFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match word_or_table(deserializer)? {
            Ok(word) => Self::Word(word),
            Err(table) => Self::Table(Box::new(table)),
        })
    }
}

/// A gate whose parameters are derived.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "GateWord")]
pub(in crate::profile) enum GateWord {
    /// Both databases answer, are the right ones, and are not in recovery.
    Reachable,
    /// Blue and green are two servers.
    DifferentServers,
    /// The `pg_dump` of this step's Job is not older than blue's server.
    DumpClientMatchesServer,
    /// The extensions of `[green]` are installed on green.
    Extension,
    /// Every extension that blue has can be installed on green.
    ExtensionsAvailable,
    /// The extensions of `[green]` do their work, in a transaction that is rolled back.
    ExtensionWorks,
    /// Every table has as many rows on green as on blue.
    RowsEqual,
    /// Every table has the same content on green as on blue.
    ContentEqual,
    /// The schemas are the same but for what the profile expects.
    SchemaEqual,
    /// No sequence on green is behind blue's or behind its column.
    SequencesSafe,
    /// No client writes on blue.
    NoWriters,
    /// Blue refuses writes, and that is proven.
    Fenced,
    /// No transaction on blue has been open for more than a minute.
    NoLongTransactions,
    /// Blue has no prepared transactions.
    NoPreparedTransactions,
    /// No pod of this step's workload is left; elsewhere, none of the writers'.
    PodsGone,
    /// The pods of this step's workloads are ready; elsewhere, green's and the writers'.
    PodsReady,
    /// The claims of this step's manifests are bound.
    PvcBound,
    /// The Service's endpoints are exactly green's ready pods.
    Endpoints,
    /// A connection through the Service is answered by green.
    Serving,
    /// This step's Job is complete.
    JobSucceeded,
    /// The tool may do what the runbook needs of the API server.
    Privileges,
    /// The tool may do what the runbook needs on blue's database.
    SqlPrivileges,
    /// The maintenance window is open.
    WindowOpen,
    /// The write-stop budget is not used up.
    Budget,
    /// The last soak before this step held for its time.
    Soaked,
}

/// A gate and its parameters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "GateWithParameters")]
pub(in crate::profile) enum GateTable {
    /// The side's database answers, is the right one, and is not in recovery.
    Reachable(Side),
    /// The side's server has at least this major version.
    VersionAtLeast(VersionFile),
    /// The `pg_dump` in this Job's manifest is not older than the side's server.
    DumpClientMatchesServer(DumpClientFile),
    /// An extension is installed, or can be.
    Extension(InstalledFile),
    /// The extension does its work, in a transaction that is rolled back.
    ExtensionWorks(NamedFile),
    /// No client writes on the side.
    NoWriters(Side),
    /// The side refuses writes, and that is proven.
    Fenced(Side),
    /// No transaction is open for longer than this.
    NoLongTransactions(LongFile),
    /// The side has no prepared transactions.
    NoPreparedTransactions(Side),
    /// The tool may do what the runbook needs on the side's database.
    SqlPrivileges(Side),
    /// No pod of the workload is left.
    PodsGone(At<String>),
    /// All pods that the workload wants are ready.
    PodsReady(At<String>),
    /// The claim is bound.
    PvcBound(At<String>),
    /// The Service's endpoints are exactly the side's ready pods.
    Endpoints(Side),
    /// A connection through the Service is answered by the side's server.
    Serving(Side),
    /// The Job of that name is complete.
    JobSucceeded(At<String>),
    /// An address answers with a status.
    Http(HttpFile),
    /// A query answers with a value.
    Sql(QueryFile),
    /// The soak step of that name held for its time.
    Soaked(At<String>),
}

/// A major version on a side.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Version")]
pub(in crate::profile) struct VersionFile {
    /// The side.
    pub(in crate::profile) side: Side,
    /// The major version, such as `17`.
    pub(in crate::profile) version: At<u32>,
}

/// The client of a Job.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "DumpClient")]
pub(in crate::profile) struct DumpClientFile {
    /// The side that it dumps; blue when absent.
    pub(in crate::profile) side: Option<Side>,
    /// The Job's manifest.
    pub(in crate::profile) manifest: At<String>,
}

/// An extension on a side.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Installed")]
pub(in crate::profile) struct InstalledFile {
    /// The side; green when absent.
    pub(in crate::profile) side: Option<Side>,
    /// Its name in `pg_extension`.
    pub(in crate::profile) name: String,
    /// The lowest version that will do.
    pub(in crate::profile) min: Option<String>,
    /// It is enough that it can be installed.
    #[serde(default)]
    pub(in crate::profile) available: bool,
}

/// An extension on a side.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Named")]
pub(in crate::profile) struct NamedFile {
    /// The side; green when absent.
    pub(in crate::profile) side: Option<Side>,
    /// Its name in `pg_extension`.
    pub(in crate::profile) name: String,
}

/// Long transactions on a side.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Long")]
pub(in crate::profile) struct LongFile {
    /// The side; blue when absent.
    pub(in crate::profile) side: Option<Side>,
    /// Longer than this, such as `1m`.
    pub(in crate::profile) longer_than: At<String>,
}

/// An address: `url`; or `service`, `port` and `path`, reached through the API server.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Http")]
pub(in crate::profile) struct HttpFile {
    /// An address that this machine can reach.
    pub(in crate::profile) url: Option<At<String>>,
    /// A Service.
    pub(in crate::profile) service: Option<At<String>>,
    /// The Service's port; 80 when absent.
    pub(in crate::profile) port: Option<At<u16>>,
    /// The path; `/` when absent.
    pub(in crate::profile) path: Option<At<String>>,
    /// The status; 200 when absent.
    pub(in crate::profile) status: Option<At<u16>>,
    /// A text that the body holds.
    pub(in crate::profile) contains: Option<String>,
}

/// A query and its answer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Query")]
pub(in crate::profile) struct QueryFile {
    /// The side.
    pub(in crate::profile) side: Side,
    /// The query; it answers with one value.
    pub(in crate::profile) query: At<String>,
    /// The value as text, such as `t` or `42`; `t` when absent.
    pub(in crate::profile) expect: Option<String>,
}
