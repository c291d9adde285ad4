use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::model::{Digest, RunId, Runbook};

/// The version of the journal's format. Another major cannot be read; a newer minor only adds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Format {
    /// Changes when older tools can read it no more.
    pub major: u32,
    /// Changes when something was added.
    pub minor: u32,
}

impl Format {
    /// The one that this tool writes.
    pub const CURRENT: Self = Self { major: 1, minor: 0 };
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('.').and_then(|(major, minor)| {
            Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? })
        });
        parts.ok_or_else(|| format!("`{text}` is not a format version"))
    }
}

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Where the run acts, as it was told by flags and environment. It holds no secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The kubeconfig file, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubeconfig: Option<String>,
    /// The context in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// The API server's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The UID of its namespace `kube-system`, which no other cluster has, where that can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The namespace.
    pub namespace: String,
    /// What flags said against the profile, by flag.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub overrides: BTreeMap<String, String>,
}

/// Whether it was for real.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunMode {
    /// Against a cluster.
    Run,
    /// Against the lab.
    Rehearsal,
}

/// The first line of a journal: everything that resume, replay and report must know beside the events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The journal's format.
    pub format: Format,
    /// The program and version that began it.
    pub tool: String,
    /// The run.
    pub run: RunId,
    /// When it was made.
    pub created: Timestamp,
    /// The plan's hash.
    pub plan: Digest,
    /// Where the run acts.
    pub target: Target,
    /// Who began it.
    pub operator: String,
    /// Whether it is for real.
    pub mode: RunMode,
    /// The plan, without the contents of Secrets.
    pub runbook: Runbook,
}

impl Header {
    /// A header for a new run of a plan. Contents of Secrets in the plan are left out.
    #[must_use]
    pub fn new(
        runbook: &Runbook,
        run: RunId,
        created: Timestamp,
        target: Target,
        operator: impl Into<String>,
        mode: RunMode,
    ) -> Self {
        Self {
            format: Format::CURRENT,
            tool: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned(),
            run,
            created,
            plan: runbook.digest(),
            target,
            operator: operator.into(),
            mode,
            runbook: runbook.redacted(),
        }
    }
}

/// As much of a header as every format has.
#[derive(Debug, Deserialize)]
pub(super) struct Peek {
    pub(super) format: Format,
    #[serde(default)]
    pub(super) tool: String,
}
