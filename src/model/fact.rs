//! What is seen when a gate is looked at: pure data, gathered by whoever has eyes and judged by [`judge`](super::judge).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::fence::{FenceProof, FenceSample};
use super::id::StepId;
use super::side::Side;
use super::state::StepStatus;
use super::verified::Verification;

/// A look at a gate: when it was, what was asked, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// When it was seen.
    pub at: Timestamp,
    /// The statement or API call.
    pub source: String,
    /// What was seen, or why nothing was.
    pub seen: Result<Fact, Unseen>,
}

/// Why nothing could be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    /// What stood in the way.
    pub why: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The side's server answers.
    Server(ServerFact),
    /// It is certain that the side's server takes no session of ours.
    NoServer(Unseen),
    /// Both servers answer.
    Servers {
        /// Blue's.
        blue: ServerFact,
        /// Green's.
        green: ServerFact,
    },
    /// An extension on a side.
    Extension {
        /// `pg_extension.extversion`
        installed: Option<String>,
        /// `pg_available_extension_versions`
        available: Vec<String>,
    },
    /// The extensions of blue, and what green could install.
    Extensions {
        /// Name and version of each that blue has installed.
        blue: BTreeMap<String, String>,
        /// The versions that green can install, by name.
        green: BTreeMap<String, Vec<String>>,
    },
    /// An extension was tried out: what it answered, or how it failed.
    Trial(Result<String, String>),
    /// Nobody knows how to try that extension out.
    NoTrial,
    /// Several looks at whether a side is written.
    Writers(Vec<FenceSample>),
    /// A look at a fence.
    Fence(FenceProof),
    /// Open transactions, longest first, without ours.
    Transactions(Vec<OpenTransaction>),
    /// Prepared transactions of the database, oldest first.
    Prepared(Vec<PreparedTransaction>),
    /// A workload and its pods.
    Workload(WorkloadFact),
    /// A claim, if there is one.
    Claim(Option<ClaimFact>),
    /// Where a Service leads.
    Endpoints(EndpointsFact),
    /// Who answers behind a Service.
    Serving(ServingFact),
    /// A Job, if there is one.
    Job(Option<JobFact>),
    /// An address answered.
    Http(HttpFact),
    /// The first column of a query's first row; nothing for no row or a null.
    Answer(Option<String>),
    /// What the tool may do, of what the runbook needs.
    Grants(Vec<Grant>),
    /// The maintenance window.
    Window {
        /// When it opens.
        opens: Option<Timestamp>,
        /// When it closes.
        closes: Option<Timestamp>,
    },
    /// The write-stop budget.
    Budget {
        /// For how long writes were stopped, in all.
        stopped: Duration,
        /// For how long they may be.
        budget: Duration,
    },
    /// A soak step.
    Soak {
        /// The step.
        step: StepId,
        /// Where it is.
        status: StepStatus,
    },
    /// The last comparison that covers what is asked, and where blue is now.
    Verified {
        /// The step that compared.
        step: StepId,
        /// What it found.
        found: Box<Verification>,
        /// Blue's system identifier now.
        system: String,
        /// Blue's next transaction id now.
        next_xid: u64,
        /// Blue has moved since, and only by what the server did for itself.
        upkeep: bool,
    },
    /// Nothing was compared yet.
    NotVerified,
}

/// A server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerFact {
    /// The side.
    pub side: Side,
    /// Pod or address.
    pub address: String,
    /// How it was reached.
    pub way: String,
    /// The database.
    pub database: String,
    /// `pg_control_system().system_identifier`
    pub system: String,
    /// `pg_postmaster_start_time()`
    pub started: String,
    /// `server_version_num`
    pub version_num: u32,
    /// `server_version`
    pub version: String,
    /// `pg_is_in_recovery()`
    pub in_recovery: bool,
    /// The cipher, where the wire is encrypted.
    pub tls: Option<String>,
}

/// A transaction that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenTransaction {
    /// `pg_stat_activity.pid`
    pub pid: i32,
    /// Role, program and address.
    pub client: String,
    /// `state`
    pub state: String,
    /// How long it has been open.
    pub open_for: Duration,
}

/// A prepared transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedTransaction {
    /// `pg_prepared_xacts.gid`
    pub gid: String,
    /// Who prepared it.
    pub owner: String,
    /// When.
    pub since: String,
}

/// A workload and its pods.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkloadFact {
    /// It exists.
    pub exists: bool,
    /// `spec.replicas`
    pub wanted: u32,
    /// Its controller has seen its newest generation.
    pub observed: bool,
    /// Pods of the newest template.
    pub updated: u32,
    /// Ready pods by the workload's own count.
    pub ready: u32,
    /// All of its pods, those in `Terminating` included.
    pub pods: Vec<PodFact>,
}

/// A pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodFact {
    /// Its name.
    pub name: String,
    /// It is ready, and not on its way out.
    pub ready: bool,
    /// It is on its way out.
    pub terminating: bool,
    /// Phase, and what its container waits for.
    pub state: String,
}

/// A claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimFact {
    /// `status.phase`
    pub phase: String,
    /// The volume that it is bound to.
    pub volume: Option<String>,
    /// Its class binds it when a pod uses it first (`WaitForFirstConsumer`).
    pub waits_for_consumer: bool,
    /// The newest event, such as why no volume could be provisioned.
    pub event: Option<String>,
}

/// Where a Service leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointsFact {
    /// `spec.selector`
    pub selector: BTreeMap<String, String>,
    /// The selector that means the side.
    pub wanted: BTreeMap<String, String>,
    /// The pods behind its ready endpoints (`discovery.k8s.io/v1` EndpointSlice).
    pub endpoints: BTreeSet<String>,
    /// The side's ready pods.
    pub pods: BTreeSet<String>,
}

/// Who answers behind a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServingFact {
    /// The side's own system identifier.
    pub wanted: String,
    /// Whoever answered, each time.
    pub answers: Vec<Answerer>,
    /// The connections went to the Service's own address, through kube-proxy.
    pub through_proxy: bool,
}

/// A server that answered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answerer {
    /// Where.
    pub address: String,
    /// Its system identifier.
    pub system: String,
}

/// A Job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFact {
    /// It has the condition `Complete`.
    pub complete: bool,
    /// Reason and message of its condition `Failed`.
    pub failed: Option<String>,
    /// Pods that run.
    pub active: u32,
    /// Pods that ended well.
    pub succeeded: u32,
    /// Pods that did not.
    pub failures: u32,
}

/// An answer over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpFact {
    /// The address.
    pub url: String,
    /// The status.
    pub status: u16,
    /// The text that is looked for stands in the body.
    pub contains: bool,
    /// The body's beginning.
    pub body: String,
    /// How long it took.
    pub took: Duration,
}

/// Something that the runbook needs, and whether it is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What is needed, such as ``patch `services` in namespace `dsm` ``.
    pub what: String,
    /// Whether it is granted; nothing when it could not be asked.
    pub granted: Option<bool>,
    /// The statement or rule that would grant it.
    pub fix: Option<String>,
}
