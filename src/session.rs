//! The contract between a run and a front end.
//!
//! Run, resume, monitor, replay and rehearse are ways to build a [`Session`]; the console and `--headless` are two ways to
//! consume one. A session without [`Controls`] is read-only by construction.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::model::{Command, Event, Observed, RunId, Runbook};

/// What kind of session it is, for the badge on the screen and the first lines of a machine's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionMode {
    /// A real cluster, with controls.
    Run,
    /// The lab, with controls.
    Rehearsal,
    /// A real cluster, watched.
    Monitor,
    /// A recorded run.
    Replay,
}

/// What a front end receives.
#[derive(Debug)]
pub struct Session {
    /// Which run it is.
    pub run: RunId,
    /// What kind of session it is.
    pub mode: SessionMode,
    /// The plan.
    pub runbook: Arc<Runbook>,
    /// The facts, from the first one on. It never drops one; when it ends, nobody drives the run any more.
    pub events: mpsc::UnboundedReceiver<Event>,
    /// The latest readings.
    pub observed: watch::Receiver<Observed>,
    /// The operator's hands, where there are any.
    pub controls: Option<Controls>,
}

/// The operator's hands.
#[derive(Debug, Clone)]
pub struct Controls {
    commands: mpsc::UnboundedSender<Command>,
}

impl Controls {
    /// Controls, and the end that the engine holds.
    #[must_use]
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Command>) {
        let (commands, receiver) = mpsc::unbounded_channel();
        (Self { commands }, receiver)
    }

    /// Sends a command. False when the engine has ended. A refusal comes back as an event.
    #[must_use]
    pub fn send(&self, command: Command) -> bool {
        self.commands.send(command).is_ok()
    }
}
