//! Which exit code each room's errors have.

use crate::engine::EngineError;
use crate::error::Fault;
use crate::exit::Exit;
use crate::headless::Problem;
use crate::journal::JournalError;
use crate::lab::{LabError, ScenarioError};
use crate::profile::ProfileError;
use crate::world::WorldError;

impl From<ProfileError> for Fault {
    fn from(error: ProfileError) -> Self {
        match &error {
            // every problem is told with the line that it stands in
            ProfileError::Invalid(problems) => {
                Self::usage(listed("the profile has", "\n\n", &problems.0))
            }
            ProfileError::Unknown { .. } | ProfileError::Read { .. } => {
                Self::from_error(Exit::Usage, &error)
            }
        }
    }
}

impl From<ScenarioError> for Fault {
    fn from(error: ScenarioError) -> Self {
        Self::from_error(Exit::Usage, &error)
    }
}

impl From<LabError> for Fault {
    fn from(error: LabError) -> Self {
        let exit = match &error {
            LabError::NoWorld { .. } | LabError::Scenario(_) => Exit::Usage,
            _ => Exit::Unexpected,
        };
        Self::from_error(exit, &error)
    }
}

impl From<WorldError> for Fault {
    fn from(error: WorldError) -> Self {
        let exit = match &error {
            WorldError::Config { .. } | WorldError::Settings { .. } => Exit::Usage,
            // who cannot ask has changed nothing
            WorldError::Api(_) | WorldError::Connect(_) => Exit::GateHeld,
            _ => Exit::Unexpected,
        };
        let fault = Self::from_error(exit, &error);
        match error.hint() {
            Some(hint) => fault.hint(hint),
            None => fault,
        }
    }
}

impl From<JournalError> for Fault {
    fn from(error: JournalError) -> Self {
        use JournalError as E;
        let exit = match &error {
            E::Full { .. }
            | E::Closed { .. }
            | E::Headless { .. }
            | E::Broken { .. }
            | E::Illegal { .. } => Exit::RecordingIncomplete,
            E::Locked { .. } => Exit::LeaseHeld,
            E::Io { .. } => Exit::Unexpected,
            E::NotAJournal { .. }
            | E::Newer { .. }
            | E::OtherPlan { .. }
            | E::NoRuns { .. }
            | E::Unknown { .. }
            | E::Ambiguous { .. } => Exit::Usage,
        };
        Self::from_error(exit, &error)
    }
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Self {
        let exit = match &error {
            EngineError::Journal { .. } | EngineError::Unfoldable { .. } => {
                Exit::RecordingIncomplete
            }
            EngineError::Illegal { .. } => Exit::Unexpected,
            EngineError::OtherPlan { .. } | EngineError::Ended { .. } => Exit::Usage,
        };
        Self::from_error(exit, &error)
    }
}

/// A script that does not fit its plan.
pub(super) fn of_script(script: &str, problems: &[Problem]) -> Fault {
    Fault::usage(listed(&format!("the script `{script}` has"), "\n  ", problems))
        .hint("`pgcutover plan` prints every step and what it asks")
}

fn listed<P: ToString>(what: &str, between: &str, problems: &[P]) -> String {
    let count = match problems.len() {
        1 => "1 problem".to_owned(),
        many => format!("{many} problems"),
    };
    problems
        .iter()
        .fold(format!("{what} {count}"), |text, problem| text + between + &problem.to_string())
}
