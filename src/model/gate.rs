//! The gates by name and parameters. What opens them is judged from what was observed.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::id::StepId;
use super::side::Side;
use super::verb::Workload;

/// How often the gates that hold a step are looked at.
pub const HELD_LOOK: Duration = Duration::from_secs(1);

/// A named predicate over what was observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// The side's database answers, is the right one, and is not in recovery.
    Reachable { side: Side },
    /// Blue and green are two servers (`pg_control_system().system_identifier`, address, start time).
    DifferentServers,
    /// The side's `server_version_num` is at least this.
    VersionAtLeast { side: Side, version: u32 },
    /// The `pg_dump` of a Job's image is not older than the side's server.
    DumpClientMatchesServer { side: Side, job: String, image: String },
    /// An extension is installed (or, where `available` is enough, can be) in at least this version.
    Extension { side: Side, name: String, min: Option<String>, available: bool },
    /// Every extension that blue has can be installed on green, in at least blue's version.
    ExtensionsAvailable,
    /// The extension does its work, in a transaction that is rolled back.
    ExtensionWorks { side: Side, name: String },
    /// Every table has as many rows on green as on blue.
    RowsEqual,
    /// Every table has the same content on green as on blue, by a verification that is not too old.
    ContentEqual,
    /// The schemas are the same but for what the profile expects.
    SchemaEqual,
    /// No sequence on green is behind blue's or behind its column.
    SequencesSafe,
    /// No client writes on the side: `pg_stat_activity`, over several reads.
    NoWriters { side: Side },
    /// The side refuses writes, and that is proven.
    Fenced { side: Side },
    /// No transaction is open for longer than this.
    NoLongTransactions { side: Side, longer_than: Duration },
    /// `pg_prepared_xacts` is empty.
    NoPreparedTransactions { side: Side },
    /// No pod of the workload is left.
    PodsGone { workload: Workload },
    /// All pods that the workload wants are ready, and it has observed its newest generation.
    PodsReady { workload: Workload },
    /// The claim is bound, or waits for its first consumer where its class says so.
    PvcBound { claim: String },
    /// The Service's endpoints are exactly the side's ready pods.
    Endpoints { service: String, side: Side },
    /// A connection through the Service is answered by the side's server.
    Serving { service: String, side: Side },
    /// The Job is complete.
    JobSucceeded { job: String },
    /// An address answers with a status, and its body holds a text.
    Http { target: HttpTarget, status: u16, contains: Option<String> },
    /// A query answers with this value.
    Sql { side: Side, query: String, expect: String },
    /// The tool may do what the runbook needs of the API server: `SelfSubjectAccessReview`.
    Privileges,
    /// The tool may do what the runbook needs on the side's database: `has_*_privilege`.
    SqlPrivileges { side: Side },
    /// The maintenance window is open.
    WindowOpen,
    /// The write-stop budget is not used up.
    Budget,
    /// A soak step held for its time.
    Soaked { step: StepId },
}

/// What an `http` gate asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HttpTarget {
    /// An address that this machine can reach.
    Url(String),
    /// A ready pod behind a Service, through the API server's port-forward: an engineer's laptop reaches no other way.
    Service {
        /// The Service.
        service: String,
        /// The Service's port.
        port: u16,
        /// The path, from its slash on.
        path: String,
    },
}

impl fmt::Display for HttpTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => f.write_str(url),
            Self::Service { service, port, path } => write!(f, "service/{service}:{port}{path}"),
        }
    }
}

impl Gate {
    /// The gate's word in a profile.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Reachable { .. } => "reachable",
            Self::DifferentServers => "different-servers",
            Self::VersionAtLeast { .. } => "version-at-least",
            Self::DumpClientMatchesServer { .. } => "dump-client-matches-server",
            Self::Extension { .. } => "extension",
            Self::ExtensionsAvailable => "extensions-available",
            Self::ExtensionWorks { .. } => "extension-works",
            Self::RowsEqual => "rows-equal",
            Self::ContentEqual => "content-equal",
            Self::SchemaEqual => "schema-equal",
            Self::SequencesSafe => "sequences-safe",
            Self::NoWriters { .. } => "no-writers",
            Self::Fenced { .. } => "fenced",
            Self::NoLongTransactions { .. } => "no-long-transactions",
            Self::NoPreparedTransactions { .. } => "no-prepared-transactions",
            Self::PodsGone { .. } => "pods-gone",
            Self::PodsReady { .. } => "pods-ready",
            Self::PvcBound { .. } => "pvc-bound",
            Self::Endpoints { .. } => "endpoints",
            Self::Serving { .. } => "serving",
            Self::JobSucceeded { .. } => "job-succeeded",
            Self::Http { .. } => "http",
            Self::Sql { .. } => "sql",
            Self::Privileges => "privileges",
            Self::SqlPrivileges { .. } => "sql-privileges",
            Self::WindowOpen => "window-open",
            Self::Budget => "budget",
            Self::Soaked { .. } => "soaked",
        }
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        match self {
            Self::Reachable { side }
            | Self::NoWriters { side }
            | Self::Fenced { side }
            | Self::NoLongTransactions { side, .. }
            | Self::NoPreparedTransactions { side }
            | Self::SqlPrivileges { side }
            | Self::Sql { side, .. } => write!(f, " {side}"),
            Self::VersionAtLeast { side, version } => write!(f, " {side} {}", version / 10_000),
            Self::DumpClientMatchesServer { job, .. } | Self::JobSucceeded { job } => {
                write!(f, " {job}")
            }
            Self::Extension { side, name, .. } | Self::ExtensionWorks { side, name } => {
                write!(f, " {name} on {side}")
            }
            Self::PodsGone { workload } | Self::PodsReady { workload } => write!(f, " {workload}"),
            Self::PvcBound { claim } => write!(f, " {claim}"),
            Self::Endpoints { service, side } | Self::Serving { service, side } => {
                write!(f, " {service} by {side}")
            }
            Self::Http { target, status, .. } => write!(f, " {status} {target}"),
            Self::Soaked { step } => write!(f, " {step}"),
            Self::DifferentServers
            | Self::ExtensionsAvailable
            | Self::RowsEqual
            | Self::ContentEqual
            | Self::SchemaEqual
            | Self::SequencesSafe
            | Self::Privileges
            | Self::WindowOpen
            | Self::Budget => Ok(()),
        }
    }
}
