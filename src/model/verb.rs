//! What a step does: an enum with data, so that a new verb breaks the build wherever it must be thought of.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::gate::Gate;
use super::side::Side;

/// An object of the cluster by its kind and name; the namespace is the runbook's unless it says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectRef {
    /// The API version, such as `apps/v1`.
    pub api_version: String,
    /// The kind, such as `Deployment`.
    pub kind: String,
    /// The name.
    pub name: String,
}

impl fmt::Display for ObjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.to_lowercase(), self.name)
    }
}

/// Something that makes pods and has a scale: `deployment/x` or `statefulset/x`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Workload {
    /// `apps/v1` Deployment.
    Deployment(String),
    /// `apps/v1` `StatefulSet`.
    StatefulSet(String),
}

impl Workload {
    /// The object behind it.
    #[must_use]
    pub fn object(&self) -> ObjectRef {
        let (kind, name) = match self {
            Self::Deployment(name) => ("Deployment", name),
            Self::StatefulSet(name) => ("StatefulSet", name),
        };
        ObjectRef { api_version: "apps/v1".into(), kind: kind.into(), name: name.clone() }
    }

    /// The object's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Deployment(name) | Self::StatefulSet(name) => name,
        }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.object().fmt(f)
    }
}

/// A manifest file, read when the profile is compiled so that the plan's hash covers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The path as the profile writes it.
    pub path: String,
    /// The documents in it, in order.
    pub documents: Vec<Value>,
}

/// Which kind of patch a `patch` step sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PatchKind {
    /// `application/json-patch+json`
    Json,
    /// `application/merge-patch+json`
    Merge,
    /// `application/strategic-merge-patch+json`
    Strategic,
}

/// What a `verify` step compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VerifyScope {
    /// The number of rows of every table.
    Counts,
    /// A hash over the content of every table; includes the counts.
    Content,
    /// Columns, types, defaults, constraints, indexes, triggers, views, functions, grants, owners.
    Schema,
    /// Sequences: never lower on green.
    Sequences,
}

impl VerifyScope {
    /// The scope's word in a profile.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::Content => "content",
            Self::Schema => "schema",
            Self::Sequences => "sequences",
        }
    }
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Does nothing of its own: the step is its gates.
    Check,
    /// Shows an instruction and records the operator's answer.
    Manual {
        /// What the operator is to do.
        instruction: String,
    },
    /// Runs a program, without a shell.
    Exec {
        /// The program and its arguments.
        argv: Vec<String>,
        /// Where it runs; the profile's folder when absent.
        cwd: Option<String>,
        /// What is added to its environment.
        env: BTreeMap<String, String>,
        /// Whether it may be run again when it is not known whether it ran.
        idempotent: bool,
    },
    /// Server-side apply of manifests, then waits until what they describe is ready.
    Apply {
        /// The files, in order.
        manifests: Vec<Manifest>,
        /// Takes fields over that another field manager owns with another value, instead of refusing.
        #[serde(default)]
        force: bool,
    },
    /// Deletes named objects and waits until they are gone.
    Delete {
        /// The objects.
        objects: Vec<ObjectRef>,
    },
    /// Deletes an old run of a Job, creates it and follows it to its end.
    Job {
        /// The file; it holds one Job.
        manifest: Manifest,
    },
    /// Scales and waits; 0 means that no pod is left.
    Scale {
        /// What is scaled.
        workload: Workload,
        /// To how many pods.
        replicas: u32,
    },
    /// Points the Service's selector at a side, and proves that this side answers.
    SwitchService {
        /// The Service.
        service: String,
        /// The side that will answer.
        to: Side,
    },
    /// Patches an object.
    Patch {
        /// The object.
        object: ObjectRef,
        /// The kind of patch.
        kind: PatchKind,
        /// The body.
        patch: Value,
    },
    /// Rolls a workload and waits.
    Restart {
        /// The workload.
        workload: Workload,
    },
    /// Runs statements on a side.
    Sql {
        /// The side.
        side: Side,
        /// The statements.
        statement: String,
        /// Whether they run in one transaction.
        transaction: bool,
        /// Whether they may be run again when it is not known whether they ran.
        idempotent: bool,
        /// A query that answers `true` when they have been run.
        probe: Option<String>,
    },
    /// A side refuses writes, and that is proven.
    Fence {
        /// The side.
        side: Side,
    },
    /// A side takes writes again.
    Unfence {
        /// The side.
        side: Side,
    },
    /// `pg_dump` to a file, proven by restoring it into a scratch database.
    Backup {
        /// The side.
        side: Side,
        /// The file.
        path: String,
    },
    /// Compares blue and green.
    Verify {
        /// What is compared.
        scopes: Vec<VerifyScope>,
    },
    /// Holds for a time while gates stay open.
    Soak {
        /// For how long.
        hold: Duration,
        /// The gates.
        gates: Vec<Gate>,
    },
}

impl Verb {
    /// The verb's word in a profile.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Manual { .. } => "manual",
            Self::Exec { .. } => "exec",
            Self::Apply { .. } => "apply",
            Self::Delete { .. } => "delete",
            Self::Job { .. } => "job",
            Self::Scale { .. } => "scale",
            Self::SwitchService { .. } => "switch-service",
            Self::Patch { .. } => "patch",
            Self::Restart { .. } => "restart",
            Self::Sql { .. } => "sql",
            Self::Fence { .. } => "fence",
            Self::Unfence { .. } => "unfence",
            Self::Backup { .. } => "backup",
            Self::Verify { .. } => "verify",
            Self::Soak { .. } => "soak",
        }
    }

    /// True for a verb that looks and leaves everything as it is.
    #[must_use]
    pub const fn only_looks(&self) -> bool {
        matches!(self, Self::Check | Self::Verify { .. } | Self::Soak { .. })
    }
}
