use crate::journal::JournalError;
use crate::model::{Digest, Illegal, Verdict};

/// Why a run can be driven no further. The world is as it was left; a run that can be resumed says so.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// What would have happened next could not be recorded, so it was not done.
    #[error("the run stopped, since what happens next cannot be recorded{}", stopped_hint(*.writes_stopped))]
    Journal {
        /// Writes are stopped, and stay so until the run is resumed.
        writes_stopped: bool,
        /// What is wrong with the journal.
        source: JournalError,
    },
    /// The engine was about to record something that cannot follow: an error in this program.
    #[error("the run stopped before a step that does not fit{}", stopped_hint(*.writes_stopped))]
    Illegal {
        /// Writes are stopped, and stay so until the run is resumed.
        writes_stopped: bool,
        /// What does not fit.
        source: Illegal,
    },
    /// The journal's events do not follow one another.
    #[error("the journal tells what cannot have happened")]
    Unfoldable {
        /// What does not fit.
        source: Illegal,
    },
    /// The journal is another plan's.
    #[error("the journal belongs to plan {}, not to {}", found.short(), wanted.short())]
    OtherPlan {
        /// Its plan.
        found: Digest,
        /// The plan that was to be driven.
        wanted: Digest,
    },
    /// The run has ended.
    #[error("the run has ended: there is nothing to resume\n`pgcutover report` tells how")]
    Ended {
        /// How.
        verdict: Verdict,
    },
}

fn stopped_hint(stopped: bool) -> &'static str {
    if stopped {
        "\nwrites are stopped, and stay so until the run is resumed or blue's fence is lifted"
    } else {
        ""
    }
}
