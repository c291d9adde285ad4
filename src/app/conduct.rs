//! Drives a run: it is taken into custody, then an engine acts on a world, and a front end is on the session between them.

use std::sync::Arc;

use color_eyre::Result;
use jiff::Timestamp;
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::custody::{Custody, Opening, Refusal};
use super::ending::{Seen, Trace};
use super::folders::Folders;
use super::front::{Ended, Front};
use super::waiting::Waiting;
use super::who::{operator, place_of};
use super::{print, readings};
use crate::action::{Actions, Tools};
use crate::engine::{self, EngineError, Options, Run};
use crate::error::Fault;
use crate::headless::Script;
use crate::journal::Writer;
use crate::model::{Claimant, Command, Event, RunId, Runbook};
use crate::observe;
use crate::session::{Calls, Controls, Follows, Session, SessionMode};
use crate::world::{Access, Target, World};

/// A run that is about to be driven.
#[derive(Debug)]
pub(super) struct Conduct {
    pub(super) run: RunId,
    pub(super) mode: SessionMode,
    pub(super) runbook: Arc<Runbook>,
    pub(super) target: Target,
    pub(super) tools: Tools,
}

/// What a run is driven from: whose it is, and what is known of it.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) custody: Custody,
    pub(super) journal: Writer,
    pub(super) past: Vec<Event>,
}

/// What came of wanting to drive a run.
#[derive(Debug)]
pub(super) enum Taken {
    /// It is ours.
    Ours(Box<Custody>),
    /// Somebody drives it.
    Held(Fault),
    /// A signal ended the wait; what was taken is given back.
    Signal(i32),
}

impl Conduct {
    /// Takes the run into custody.
    pub(super) async fn take(
        &self,
        claimant: Claimant,
        signals: &mut UnboundedReceiver<i32>,
    ) -> Result<Taken, Fault> {
        let waiting = &Waiting::default();
        let opening = Opening { runbook: &self.runbook, target: &self.target, claimant, waiting };
        Ok(match waiting.until(signals, Box::pin(Custody::take(opening))).await {
            Ok(Ok(custody)) => Taken::Ours(Box::new(custody)),
            Ok(Err(Refusal::Held(fault))) => Taken::Held(fault),
            Ok(Err(refusal)) => return Err(refusal.into_fault()),
            Err(signal) => Taken::Signal(signal),
        })
    }

    /// Drives it until it has ended or was stopped. The state is the engine's own; what the front end saw last stands in
    /// for it when the engine could not go on.
    pub(super) async fn drive(
        self,
        Begun { custody, journal, past }: Begun,
        front: &mut Front,
        script: &Script,
        folders: &Folders,
        signals: &mut UnboundedReceiver<i32>,
    ) -> Result<(Ended, Option<EngineError>)> {
        let looking = World::connect(
            Arc::clone(&self.runbook),
            self.run.clone(),
            self.target.clone(),
            Access::ReadOnly,
        );
        let acting = World::connect(
            Arc::clone(&self.runbook),
            self.run.clone(),
            self.target.clone(),
            Access::ReadWrite,
        );
        let (looking, acting) =
            futures::future::try_join(looking, acting).await.map_err(Fault::from)?;
        let place = place_of(&acting);
        let stop = CancellationToken::new();
        let observe::Eyes { observed, focus } =
            observe::watch(&looking, self.runbook.watch.refresh, stop.clone());
        let aloud = !front.is_console();
        let path = journal.path().to_owned();
        let trace = Trace { run: self.run.clone(), mode: self.mode, journal: path };
        let seen = observed.clone();
        let (events, mut told) = mpsc::unbounded_channel();
        if let Some(folder) = journal.path().parent() {
            told = readings::keep(folder, observed.clone(), told, stop.clone());
        }
        let (controls, commands) = Controls::channel();
        let (behind, lags) = watch::channel(None);
        let (journal, kept) = custody.keep(journal, &past, &controls);
        let session = Session {
            run: self.run.clone(),
            mode: self.mode,
            runbook: Arc::clone(&self.runbook),
            events: told,
            follows: Follows::default(),
            observed,
            behind: lags,
            focus,
            calls: Calls {
                looking: Some(looking.calls().log()),
                acting: Some(acting.calls().log()),
            },
            controls: Some(controls.clone()),
            playback: None,
        };
        let engine = tokio::spawn(engine::drive(Run {
            run: self.run,
            runbook: self.runbook,
            journal,
            past,
            executor: Arc::new(kept.guard(Actions::new(acting, self.tools))),
            commands,
            events,
            options: Options { attended: !aloud, ..Options::new(operator()) },
        }));
        let shown = tokio::select! {
            shown = front.show(session, script, place, trace.farewell(), folders, signals) => shown,
            never = kept.report(aloud, &behind) => match never {},
        };
        let _ = controls.send(Command::Leave);
        if !engine.is_finished() {
            print::say("waiting until the run has stopped");
        }
        let driven = engine.await?;
        let serving = seen.borrow().serving.clone();
        let seen = Seen { serving, at: Timestamp::now() };
        stop.cancel();
        kept.end().await;
        let (seen, trace) = (Some(seen), Some(trace));
        let ended = Ended { seen, trace, ..shown? };
        Ok(match driven {
            Ok(state) => (Ended { state, ..ended }, None),
            Err(error) => (ended, Some(error)),
        })
    }
}
