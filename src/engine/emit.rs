//! An event is checked, written, applied, told, in that order. Nothing else in the engine makes an event or reads the clock for one.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};

use crate::journal::Append;
use crate::model::{Event, EventKind, Mode, RunState, Runbook, Seq};

use super::clock::Clock;
use super::error::EngineError;

/// The fold, and the only way to change it.
pub(super) struct Emitter<J> {
    runbook: Arc<Runbook>,
    journal: J,
    state: Arc<RunState>,
    shown: watch::Sender<Arc<RunState>>,
    told: mpsc::UnboundedSender<Event>,
    clock: Arc<dyn Clock>,
    elapsed: Elapsed,
}

/// The run's age: what the journal says, and what has passed since this console took over.
#[derive(Debug, Clone, Copy)]
struct Elapsed {
    before: Duration,
    since: Duration,
}

impl<J: Append> Emitter<J> {
    /// Takes up where the past ends, and tells it.
    pub(super) fn new(
        runbook: Arc<Runbook>,
        journal: J,
        past: Vec<Event>,
        told: mpsc::UnboundedSender<Event>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, EngineError> {
        let state =
            RunState::fold(&runbook, &past).map_err(|source| EngineError::Unfoldable { source })?;
        let elapsed = Elapsed { before: age(past.last(), clock.now()), since: clock.steady() };
        for event in past {
            let _ = told.send(event);
        }
        let state = Arc::new(state);
        let (shown, _) = watch::channel(Arc::clone(&state));
        Ok(Self { runbook, journal, state, shown, told, clock, elapsed })
    }

    pub(super) fn state(&self) -> &Arc<RunState> {
        &self.state
    }

    /// The newest fold, for whoever looks at gates meanwhile.
    pub(super) fn watch(&self) -> watch::Receiver<Arc<RunState>> {
        self.shown.subscribe()
    }

    /// The time, which never goes back within a run.
    pub(super) fn now(&self) -> Timestamp {
        let now = self.clock.now();
        self.state.last_at.map_or(now, |last| last.max(now))
    }

    /// Makes a fact of it.
    pub(super) fn emit(&mut self, kind: EventKind) -> Result<Seq, EngineError> {
        let kept = kind.is_durable();
        self.emit_kept(kind, kept)
    }

    /// Makes a fact of it, and says whether the journal keeps it although it may be lost.
    pub(super) fn emit_kept(&mut self, kind: EventKind, kept: bool) -> Result<Seq, EngineError> {
        if *self.state.mode() == Mode::New {
            self.elapsed.since = self.clock.steady();
        }
        let place = self.state.seq.0 + u64::from(kind.is_durable());
        let event = Event { seq: Seq(place), at: self.now(), elapsed: self.elapsed(), kind };
        let mut state = RunState::clone(&self.state);
        state.apply(&self.runbook, &event).map_err(|source| EngineError::Illegal {
            writes_stopped: self.state.writes_stopped_at.is_some(),
            source,
        })?;
        if kept {
            self.journal.keep(&event).map_err(|source| EngineError::Journal {
                writes_stopped: self.state.writes_stopped_at.is_some(),
                source,
            })?;
        }
        self.state = Arc::new(state);
        self.shown.send_replace(Arc::clone(&self.state));
        let seq = event.seq;
        // A front end that is gone does not stop a run.
        let _ = self.told.send(event);
        Ok(seq)
    }

    /// As [`emit`](Self::emit), for what may come too late to fit: then it is left out.
    pub(super) fn emit_if_it_fits(
        &mut self,
        kind: EventKind,
        kept: bool,
    ) -> Result<(), EngineError> {
        match self.emit_kept(kind, kept) {
            Ok(_) | Err(EngineError::Illegal { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn elapsed(&self) -> Duration {
        self.elapsed.before + self.clock.steady().saturating_sub(self.elapsed.since)
    }
}

fn age(last: Option<&Event>, now: Timestamp) -> Duration {
    last.map_or(Duration::ZERO, |event| {
        event.elapsed + Duration::try_from(now.duration_since(event.at)).unwrap_or_default()
    })
}
