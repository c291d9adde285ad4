//! The scenario file's shape. Unknown fields and unknown faults are refused.

use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer};

use crate::model::{Decision, StepId};

/// A scenario.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scenario {
    /// Its name, as `--scenario` takes it.
    pub name: String,
    /// One line: what happens.
    pub title: String,
    /// What the world does, and what the operator will see.
    pub because: String,
    /// What blue holds at the start.
    #[serde(default)]
    pub data: Data,
    /// How the application writes.
    #[serde(default)]
    pub application: Application,
    /// What is shorter than in the real thing.
    #[serde(default, rename = "override")]
    pub overrides: Overrides,
    /// Manifests that are in the namespace from the start, besides the profile's.
    #[serde(default)]
    pub manifests: Vec<String>,
    /// How the profile's manifests differ from the shipped ones.
    #[serde(default, rename = "edit")]
    pub edits: Vec<Edit>,
    /// What goes wrong.
    #[serde(default, rename = "fault")]
    pub(in crate::lab) faults: Vec<Fault>,
    /// What the operator decides when a step fails, for `--headless`; added to the profile's script.
    #[serde(default, rename = "decision")]
    pub decisions: Vec<Settled>,
    /// How it should end.
    pub expect: Expect,
    /// Where the file is, when it is none of ours: the manifests that it adds are beside it.
    #[serde(skip)]
    pub(super) folder: Option<PathBuf>,
}

/// What blue holds at the start.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Data {
    /// The data set under `assets/lab`.
    pub set: String,
    /// How much of it; 1 is some ten thousands of rows.
    pub scale: f64,
}

impl Default for Data {
    fn default() -> Self {
        Self { set: "chronicle".into(), scale: 1.0 }
    }
}

/// How the application writes.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Application {
    /// Writes per second.
    pub rate: f64,
    /// Over how many connections.
    pub connections: u32,
}

impl Default for Application {
    fn default() -> Self {
        Self { rate: 150.0, connections: 4 }
    }
}

/// What is shorter in the rehearsal than the profile says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Overrides {
    /// How long every `soak` step holds.
    #[serde(deserialize_with = "some_duration")]
    pub soak: Option<Duration>,
    /// How long writes may be stopped.
    #[serde(deserialize_with = "some_duration")]
    pub budget: Option<Duration>,
    /// How long the script waits for a gate that is held.
    #[serde(deserialize_with = "some_duration")]
    pub wait: Option<Duration>,
}

/// A change to a manifest's text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Edit {
    /// The manifest's path, as the profile writes it.
    pub manifest: String,
    /// What is there, once.
    pub find: String,
    /// What is there instead.
    pub put: String,
}

/// A decision that the operator takes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settled {
    /// The step that failed.
    pub step: StepId,
    /// What is done about it.
    pub decision: Decision,
}

/// How the rehearsal should end. That no acknowledged write is lost need not be said.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expect {
    /// The exit code of `--headless`.
    pub exit: u8,
    /// The summary's verdict, when the run ends with one.
    #[serde(default)]
    pub verdict: Option<String>,
    /// What must be read somewhere on standard output.
    #[serde(default)]
    pub says: Vec<String>,
    /// How many Jobs the cluster has ever seen, where that matters.
    #[serde(default)]
    pub jobs: Option<u32>,
}

/// Something that goes wrong, once.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::lab) struct Fault {
    /// When.
    pub(in crate::lab) when: Condition,
    /// What.
    #[serde(rename = "do")]
    pub(in crate::lab) action: Action,
}

/// What the lab itself can see. It never asks what the tool is doing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::lab) enum Condition {
    /// So long after the start.
    #[serde(deserialize_with = "duration")]
    After(Duration),
    /// A Job of this name was created for the `nth` time.
    JobCreated {
        /// Its name.
        job: String,
        /// Which of them.
        #[serde(default = "one")]
        nth: u32,
    },
    /// A Job of this name completed for the `nth` time.
    JobSucceeded {
        /// Its name.
        job: String,
        /// Which of them.
        #[serde(default = "one")]
        nth: u32,
    },
    /// A Deployment was scaled to zero.
    ScaledToZero {
        /// Its name.
        deployment: String,
    },
    /// A Service's selector was changed.
    SelectorChanged {
        /// Its name.
        service: String,
    },
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::lab) enum Action {
    /// The processes of the pods with this `app` label are killed.
    Kill {
        /// The label's value.
        app: String,
        /// And again whenever they come back.
        #[serde(default)]
        again: bool,
    },
    /// The processes of a Job's pods stop, as on a volume that does not answer.
    Stall {
        /// The Job's name.
        job: String,
        /// For how long.
        #[serde(rename = "for", deserialize_with = "duration")]
        time: Duration,
    },
    /// A statement runs in the database of the pod with this `app` label, as the application's role.
    Sql {
        /// The label's value.
        app: String,
        /// The statement.
        statement: String,
        /// How long its session stays open afterwards, such as for a transaction that is not ended.
        #[serde(default, deserialize_with = "some_duration")]
        hold: Option<Duration>,
    },
}

const fn one() -> u32 {
    1
}

fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let span = SignedDuration::deserialize(from)?;
    Duration::try_from(span).map_err(serde::de::Error::custom)
}

fn some_duration<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    duration(from).map(Some)
}
