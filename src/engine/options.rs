use std::sync::Arc;
use std::time::Duration;

use super::clock::{Clock, SystemClock};
use crate::model::HELD_LOOK;

/// What a run does when nobody can command it any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnDetach {
    /// It stops as if the operator had told it to.
    #[default]
    Stop,
    /// It goes on, up to the first thing that only a person can say.
    GoOn,
}

/// How a run is driven. None of it changes what a run does, only how patiently.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who drives, for the journal.
    pub operator: String,
    /// A person is at it: nothing changes before they say so.
    pub attended: bool,
    /// How often held gates are looked at again.
    pub interval: Duration,
    /// Gates that were seen open longer ago than this are looked at once more before a step starts.
    pub fresh: Duration,
    /// A gate that was not judged by then is unknown.
    pub look_timeout: Duration,
    /// How long a step that was told to end may take to do so; then it is left alone and counts as failed.
    pub grace: Duration,
    /// How often an undo is tried.
    pub undo_tries: u32,
    /// How long after a failed try the next one begins; it doubles each time.
    pub undo_delay: Duration,
    /// What happens when nobody can command the run any more.
    pub on_detach: OnDetach,
    /// Where the time is read.
    pub clock: Arc<dyn Clock>,
}

impl Options {
    /// The usual patience.
    #[must_use]
    pub fn new(operator: impl Into<String>) -> Self {
        Self {
            operator: operator.into(),
            attended: false,
            interval: HELD_LOOK,
            fresh: Duration::from_secs(2),
            look_timeout: Duration::from_secs(30),
            grace: Duration::from_secs(20),
            undo_tries: 3,
            undo_delay: Duration::from_secs(2),
            on_detach: OnDetach::Stop,
            clock: Arc::new(SystemClock::default()),
        }
    }
}
