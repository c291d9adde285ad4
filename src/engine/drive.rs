use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::journal::Append;
use crate::model::{
    Command, Event, EventKind, Mode, RunId, RunState, Runbook, StepId, StopReason, next,
};

use super::emit::Emitter;
use super::error::EngineError;
use super::executor::Executor;
use super::jobs::Jobs;
use super::options::Options;
use super::wait::Eyes;

/// A run, and everything that it needs to be driven.
pub struct Run<E, J> {
    /// Its name.
    pub run: RunId,
    /// The plan.
    pub runbook: Arc<Runbook>,
    /// Where its facts are kept.
    pub journal: J,
    /// The facts so far: none for a new run; with some, the run is resumed.
    pub past: Vec<Event>,
    /// Whoever acts on the world.
    pub executor: Arc<E>,
    /// The operator's commands. When their sender is gone, so is the operator.
    pub commands: mpsc::UnboundedReceiver<Command>,
    /// Where every fact is told, those of the past first. Nothing stops when nobody listens.
    pub events: mpsc::UnboundedSender<Event>,
    /// How patiently.
    pub options: Options,
}

impl<E, J> std::fmt::Debug for Run<E, J> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("run", &self.run).finish_non_exhaustive()
    }
}

/// Drives a run until it has ended or was stopped; [`RunState::mode`] tells which.
///
/// # Errors
/// When a fact cannot be kept, or the past is not this plan's or has an end. What was running is told to end.
pub async fn drive<E: Executor, J: Append>(run: Run<E, J>) -> Result<RunState, EngineError> {
    let grace = run.options.grace;
    let mut driver = Driver::new(run)?;
    let ended = driver.run().await;
    driver.jobs.wind_down(grace).await;
    ended.map(|()| RunState::clone(driver.emitter.state()))
}

/// The loop's own memory. Whatever must outlive the console is in the fold.
pub(super) struct Driver<E, J> {
    pub(super) run: RunId,
    pub(super) runbook: Arc<Runbook>,
    pub(super) executor: Arc<E>,
    pub(super) emitter: Emitter<J>,
    pub(super) jobs: Jobs,
    pub(super) commands: mpsc::UnboundedReceiver<Command>,
    pub(super) options: Options,
    /// What was read for the undo of steps that are about to start.
    pub(super) prepared: BTreeMap<StepId, Value>,
    /// Which gates were told to hold a step last, so that the journal keeps changes only.
    pub(super) held: BTreeMap<StepId, Vec<String>>,
    /// The operator wants to stop, and why.
    pub(super) stopping: Option<StopReason>,
    /// The operator said it again.
    pub(super) insisted: bool,
    /// No operator commands the run any more.
    pub(super) detached: bool,
    /// No command can come any more.
    pub(super) deaf: bool,
}

impl<E: Executor, J: Append> Driver<E, J> {
    fn new(run: Run<E, J>) -> Result<Self, EngineError> {
        let plan = run.runbook.digest();
        if let Some(Event { kind: EventKind::RunStarted { plan: found, .. }, .. }) =
            run.past.first()
            && *found != plan
        {
            return Err(EngineError::OtherPlan { found: found.clone(), wanted: plan });
        }
        let resumed = !run.past.is_empty();
        let clock = Arc::clone(&run.options.clock);
        let mut emitter =
            Emitter::new(Arc::clone(&run.runbook), run.journal, run.past, run.events, clock)?;
        if let Some(verdict) = emitter.state().verdict() {
            return Err(EngineError::Ended { verdict: verdict.clone() });
        }
        if resumed {
            let Options { operator, attended, .. } = run.options.clone();
            emitter.emit(EventKind::RunResumed { operator, attended })?;
        }
        Ok(Self {
            run: run.run,
            runbook: run.runbook,
            executor: run.executor,
            emitter,
            jobs: Jobs::new(),
            commands: run.commands,
            options: run.options,
            prepared: BTreeMap::new(),
            held: BTreeMap::new(),
            stopping: None,
            insisted: false,
            detached: false,
            deaf: false,
        })
    }

    async fn run(&mut self) -> Result<(), EngineError> {
        loop {
            self.look_at_the_clock()?;
            self.advance()?;
            if matches!(self.state().mode(), Mode::Stopped(_) | Mode::Finished(_)) {
                return Ok(());
            }
            self.wait().await?;
        }
    }

    /// Makes the moves that are open, until none of them changes anything any more.
    fn advance(&mut self) -> Result<(), EngineError> {
        while !self.stop_where_it_is_safe()? {
            if *self.state().mode() == Mode::Undoing || self.state().aborted.is_some() {
                self.jobs.drop_readers();
            }
            if !self.make_one_move()? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// True when a fact was made; what `next` said before is old then.
    fn make_one_move(&mut self) -> Result<bool, EngineError> {
        for step in next(&self.runbook, self.state()) {
            if self.make(step)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn wait(&mut self) -> Result<(), EngineError> {
        let due = self.due_in();
        let timer = async {
            match due {
                Some(due) => sleep(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            command = self.commands.recv(), if !self.deaf => if let Some(command) = command {
                self.obey(command)
            } else {
                self.deaf = true;
                self.detach()
            },
            note = self.jobs.next() => self.take(note),
            () = timer => Ok(()),
        }
    }

    pub(super) fn state(&self) -> &RunState {
        self.emitter.state()
    }

    pub(super) fn eyes(&self) -> Eyes<E> {
        Eyes {
            executor: Arc::clone(&self.executor),
            state: self.emitter.watch(),
            options: self.options.clone(),
        }
    }
}
