//! The TOML as it is written. Nothing is derived and nothing is looked up here.
//!
//! The doc comments are the descriptions in `assets/schema/profile.schema.json`.

mod at;
mod gate;
mod phase;
mod store;
mod verb;

use schemars::JsonSchema;
use serde::Deserialize;

pub(super) use at::At;
pub(super) use gate::{GateFile, GateTable, GateWord, HttpFile};
pub(super) use phase::{
    ConfirmFile, OnFailureFile, PhaseFile, RetryFile, StepFile, UndoFile, UndoWord,
};
pub(super) use store::{
    ConnectionFile, ExtensionFile, KindFile, SecretFile, StoreFile, TablesFile, TrafficFile,
    WatchFile, WindowFile,
};
pub(super) use verb::{PatchFile, SqlFile, VerbFile};

/// A migration of one database, from blue to green.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "pgcutover profile")]
#[schemars(rename = "Profile")]
pub(super) struct ProfileFile {
    /// The profile's name: lower-case letters, digits and dashes.
    pub(super) name: At<String>,
    /// What it is for, in one line.
    pub(super) title: At<String>,
    /// The folder in which the named files lie, relative to this file. Its own folder when absent.
    pub(super) files: Option<At<String>>,
    /// Where the objects are. Context and kubeconfig come from flags and the environment.
    pub(super) cluster: ClusterFile,
    /// The store that serves when the run begins.
    pub(super) blue: StoreFile,
    /// The store that will serve.
    pub(super) green: StoreFile,
    /// How clients reach the serving side.
    pub(super) traffic: Option<TrafficFile>,
    /// Which tables are counted and compared.
    #[serde(default)]
    pub(super) watch: WatchFile,
    /// The maintenance window.
    #[serde(default)]
    pub(super) window: WindowFile,
    /// The phases, in order.
    #[serde(default)]
    pub(super) phase: Vec<PhaseFile>,
}

/// Where the objects are.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Cluster")]
pub(super) struct ClusterFile {
    /// The namespace.
    pub(super) namespace: At<String>,
}
