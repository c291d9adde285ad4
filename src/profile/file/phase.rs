//! Phases and steps.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::at::{At, word_or_table};
use super::gate::GateFile;
use super::verb::VerbFile;

/// A group of steps.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Phase")]
pub(in crate::profile) struct PhaseFile {
    /// Its name, unique in the profile.
    pub(in crate::profile) id: At<String>,
    /// What it is for.
    pub(in crate::profile) title: At<String>,
    /// Writes may be stopped in it.
    #[serde(default)]
    pub(in crate::profile) window: bool,
    /// Its steps run side by side.
    #[serde(default)]
    pub(in crate::profile) parallel: bool,
    /// How long it may take, such as `10m`; on expiry as for the window's budget.
    pub(in crate::profile) budget: Option<At<String>>,
    /// By when after the window opened it should be done, such as `8m`.
    pub(in crate::profile) checkpoint: Option<At<String>>,
    /// What is done, in order.
    #[serde(default)]
    pub(in crate::profile) step: Vec<StepFile>,
}

/// One thing that is done, or looked at.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Step")]
pub(in crate::profile) struct StepFile {
    /// Its name, unique in the profile.
    pub(in crate::profile) id: At<String>,
    /// What it is for.
    pub(in crate::profile) title: At<String>,
    /// What it does: a verb.
    pub(in crate::profile) run: At<VerbFile>,
    /// What must hold before, besides what the verb implies.
    #[serde(default)]
    pub(in crate::profile) gates: Vec<At<GateFile>>,
    /// What must hold after, besides what the verb implies.
    #[serde(default)]
    pub(in crate::profile) expect: Vec<At<GateFile>>,
    /// What the operator must answer before; the verb's own when absent.
    pub(in crate::profile) confirm: Option<At<ConfirmFile>>,
    /// How long the verb and what is expected after it may take, such as `300s`.
    pub(in crate::profile) timeout: Option<At<String>>,
    /// How often it is tried again without asking.
    pub(in crate::profile) retry: Option<RetryFile>,
    /// How it is undone; the verb's own opposite when absent.
    pub(in crate::profile) undo: Option<At<UndoFile>>,
    /// What happens when it fails; `ask` when absent.
    pub(in crate::profile) on_failure: Option<OnFailureFile>,
    /// The operator may go on without it.
    #[serde(default)]
    pub(in crate::profile) skippable: bool,
    /// From its start on, a failure is finished forward.
    pub(in crate::profile) point_of_no_return: Option<At<bool>>,
    /// Why it is done, in one line that the console shows.
    pub(in crate::profile) because: Option<String>,
}

/// What the operator must answer.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Confirm")]
pub(in crate::profile) enum ConfirmFile {
    /// Nothing.
    None,
    /// The key.
    Enter,
    /// The word `yes`.
    Yes,
    /// The name of the thing that the verb is about.
    Name,
}

/// How often a step is tried again.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Retry")]
pub(in crate::profile) struct RetryFile {
    /// How many times after the first.
    pub(in crate::profile) times: u32,
    /// How long between, such as `5s`; `5s` when absent.
    pub(in crate::profile) delay: Option<At<String>>,
}

/// What happens when a step fails.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "OnFailure")]
pub(in crate::profile) enum OnFailureFile {
    /// The operator decides.
    Ask,
    /// Everything that was done is undone.
    UndoAll,
    /// The run goes on.
    Continue,
}

/// How a step is undone: a word, or a verb.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
#[schemars(rename = "Undo")]
pub(in crate::profile) enum UndoFile {
    /// A word.
    Word(UndoWord),
    /// Another verb.
    Verb(VerbFile),
}

/// An undo that needs no parameters.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "UndoWord")]
pub(in crate::profile) enum UndoWord {
    /// There is nothing to undo.
    Nothing,
    /// What was there before the step, from what was recorded before it began.
    Former,
}

impl<'de> Deserialize<'de> for UndoFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match word_or_table(deserializer)? {
            Ok(word) => Self::Word(word),
            Err(verb) => Self::Verb(verb),
        })
    }
}
