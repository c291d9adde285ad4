//! What a step does, as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::at::{At, OneOrMany, list_or_table};
use super::gate::GateFile;
use crate::model::{PatchKind, Side, VerifyScope};

/// What a step does.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Verb")]
pub(in crate::profile) enum VerbFile {
    /// Does nothing of its own: the step is its gates.
    Check,
    /// Shows an instruction and records the operator's answer.
    Manual(At<String>),
    /// Runs a program, without a shell.
    Exec(ExecFile),
    /// Server-side apply of a manifest, a folder of manifests, or a list of either; waits until what they describe is ready.
    Apply(ApplyFile),
    /// Deletes named objects (`kind/name`) and waits until they are gone.
    Delete(OneOrMany<At<String>>),
    /// Deletes an old run of the Job in this file, creates it and follows it to its end.
    Job(At<String>),
    /// Scales a workload and waits; 0 means that no pod is left.
    Scale(ScaleFile),
    /// Points the Service of `[traffic]` at a side, and proves that this side answers.
    SwitchService(At<Side>),
    /// Patches an object.
    Patch(PatchFile),
    /// Rolls a workload (`deployment/NAME`) and waits.
    Restart(At<String>),
    /// Runs statements on a side.
    Sql(SqlFile),
    /// A side refuses writes, and that is proven.
    Fence(At<Side>),
    /// A side takes writes again.
    Unfence(At<Side>),
    /// `pg_dump` to a file, proven by restoring it into a scratch database.
    Backup(BackupFile),
    /// Compares blue and green.
    Verify(At<Vec<VerifyScope>>),
    /// Holds for a time while gates stay open.
    Soak(SoakFile),
}

/// Manifests: a file, a folder, a list of either, or a table that says more.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
#[schemars(rename = "Apply")]
pub(in crate::profile) enum ApplyFile {
    /// The files and folders.
    Paths(OneOrMany<At<String>>),
    /// The files and folders, and how they are applied.
    Table(ApplyTable),
}

/// Manifests and how they are applied.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "ApplyTable")]
pub(in crate::profile) struct ApplyTable {
    /// The files and folders.
    pub(in crate::profile) manifests: OneOrMany<At<String>>,
    /// Takes fields over from other field managers, such as kubectl.
    #[serde(default)]
    pub(in crate::profile) force: bool,
}

impl ApplyFile {
    pub(in crate::profile) fn paths(&self) -> &[At<String>] {
        match self {
            Self::Paths(paths) => paths.as_slice(),
            Self::Table(table) => table.manifests.as_slice(),
        }
    }

    pub(in crate::profile) const fn force(&self) -> bool {
        matches!(self, Self::Table(ApplyTable { force: true, .. }))
    }
}

impl<'de> Deserialize<'de> for ApplyFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match list_or_table(deserializer)? {
            Ok(paths) => Self::Paths(paths),
            Err(table) => Self::Table(table),
        })
    }
}

/// A program and how it runs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Exec")]
pub(in crate::profile) struct ExecFile {
    /// The program and its arguments.
    pub(in crate::profile) argv: At<Vec<String>>,
    /// Where it runs; the profile's folder when absent.
    pub(in crate::profile) cwd: Option<String>,
    /// What is added to its environment. No secrets: they would be in the plan.
    #[serde(default)]
    pub(in crate::profile) env: BTreeMap<String, String>,
    /// It may be run again when it is not known whether it ran.
    #[serde(default)]
    pub(in crate::profile) idempotent: bool,
}

/// What is scaled, and to what.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Scale")]
pub(in crate::profile) struct ScaleFile {
    /// `deployment/NAME` or `statefulset/NAME`.
    pub(in crate::profile) workload: At<String>,
    /// To how many pods.
    pub(in crate::profile) replicas: u32,
}

/// A patch.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Patch")]
pub(in crate::profile) struct PatchFile {
    /// The object as `kind/name`.
    pub(in crate::profile) object: At<String>,
    /// The kind of patch; `strategic` when absent.
    pub(in crate::profile) kind: Option<PatchKind>,
    /// The body.
    #[schemars(with = "serde_json::Value")]
    pub(in crate::profile) patch: At<toml::Value>,
}

/// Statements on a side.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Sql")]
pub(in crate::profile) struct SqlFile {
    /// The side.
    pub(in crate::profile) side: At<Side>,
    /// The statements; or `file`.
    pub(in crate::profile) statement: Option<At<String>>,
    /// A file with the statements.
    pub(in crate::profile) file: Option<At<String>>,
    /// They run in one transaction; `true` when absent.
    pub(in crate::profile) transaction: Option<bool>,
    /// They may be run again when it is not known whether they ran.
    #[serde(default)]
    pub(in crate::profile) idempotent: bool,
    /// A query that answers `true` when they have been run.
    pub(in crate::profile) probe: Option<String>,
}

/// A dump to a file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Backup")]
pub(in crate::profile) struct BackupFile {
    /// The side.
    pub(in crate::profile) side: At<Side>,
    /// The file.
    pub(in crate::profile) path: At<String>,
}

/// A time during which gates stay open.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Soak")]
pub(in crate::profile) struct SoakFile {
    /// For how long, such as `24h`.
    #[serde(rename = "for")]
    pub(in crate::profile) hold: At<String>,
    /// What must hold all the time, besides what is derived.
    #[serde(default)]
    pub(in crate::profile) gates: Vec<At<GateFile>>,
}
