//! The summary, and the exit code.

use color_eyre::Report;
use jiff::Timestamp;

use super::trace::Seen;
use super::words::{self, Ending};
use crate::app::front::{Ended, Front};
use crate::app::print;
use crate::engine::EngineError;
use crate::error::Fault;
use crate::exit::Exit;
use crate::headless::Summary;
use crate::lab::Audit;
use crate::model::{Mode, RunState, Runbook};

/// What is known of a run's clients.
#[derive(Debug, Clone, Copy)]
pub(in crate::app) enum Clients<'a> {
    /// They belong to others, and were not asked.
    NotAsked,
    /// They could not be asked.
    Unknown,
    /// Every write that they were told is stored was looked for.
    Audited(&'a Audit),
}

impl<'a> Clients<'a> {
    const fn audit(self) -> Option<&'a Audit> {
        match self {
            Self::Audited(audit) => Some(audit),
            Self::NotAsked | Self::Unknown => None,
        }
    }

    /// The exit code, when a run ended with one that promises that nothing was lost.
    const fn weigh(self, exit: Exit) -> Exit {
        match (exit, self) {
            (Exit::Done | Exit::Undone, Self::Unknown) => Exit::OutcomeUnknown,
            (Exit::Done | Exit::Undone, Self::Audited(audit))
                if audit.lost + audit.duplicated > 0 =>
            {
                Exit::Differs
            }
            _ => exit,
        }
    }
}

/// Ends a run that was driven: tells how, and gives the exit code.
pub(in crate::app) fn end(
    front: &mut Front,
    runbook: &Runbook,
    ended: &Ended,
    engine: Option<EngineError>,
    clients: Clients<'_>,
) -> Result<Exit, Fault> {
    if let Some(error) = engine {
        return Err(Fault::from(error));
    }
    let exit = clients.weigh(Exit::of(runbook, &ended.state));
    let ending = Ending {
        state: &ended.state,
        difference: ended.difference.as_deref(),
        clients,
        seen: ended.seen.as_ref(),
        trace: ended.trace.as_ref(),
        exit,
        now: Timestamp::now(),
    };
    match front {
        Front::Headless(printer) => {
            let summary = summary(exit, ended, clients.audit());
            let (message, text) = (ending.message(), ending.text());
            if let Err(error) = printer.summary(&summary, &message, &text, ending.now) {
                tracing::warn!(%error, "the summary cannot be printed");
            }
        }
        Front::Console { .. } => print::say(format!("\n{}", ending.text())),
    }
    Ok(exit)
}

/// Ends a session that could only look.
pub(in crate::app) fn watched(front: &Front, seen: &Seen) {
    if front.is_console() {
        let serving = words::line("serves", &words::serving(seen, Clients::NotAsked));
        print::say(format!("\nwatched: nothing was changed from here\n{serving}"));
    }
}

/// A fault is told to machines as well, on stdout.
pub(in crate::app) fn told(front: &mut Front, ended: Result<Exit, Report>) -> Result<Exit, Report> {
    if let Err(report) = &ended {
        let fault = report.downcast_ref::<Fault>().cloned();
        let fault = fault.unwrap_or_else(|| Fault::new(Exit::Unexpected, report.to_string()));
        fail(front, &fault);
    }
    ended
}

/// Ends a command that could not go on: machines read the fault as lines too.
fn fail(front: &mut Front, fault: &Fault) {
    let Front::Headless(printer) = front else { return };
    let now = Timestamp::now();
    let nothing = Summary {
        verdict: "error".to_owned(),
        exit: fault.exit.code(),
        difference: None,
        acknowledged: None,
        lost: None,
        duplicated: None,
        blocked_seconds: None,
        failed_requests: None,
        downtime_seconds: None,
        writes_stopped_seconds: None,
    };
    let told = printer.failed(&fault.message, fault.hint.as_deref(), &nothing, now);
    if let Err(error) = told {
        tracing::warn!(%error, "the fault cannot be printed");
    }
}

fn summary(exit: Exit, ended: &Ended, audit: Option<&Audit>) -> Summary {
    let state = &ended.state;
    let stopped = writes_stopped(state);
    Summary {
        verdict: match state.mode() {
            Mode::Finished(verdict) => verdict.word().to_owned(),
            Mode::New | Mode::Forward | Mode::Undoing | Mode::Stopped(_) => "stopped".to_owned(),
        },
        exit: exit.code(),
        difference: ended.difference.clone(),
        acknowledged: audit.map(|audit| audit.acknowledged),
        lost: audit.map(|audit| audit.lost),
        duplicated: audit.map(|audit| audit.duplicated),
        blocked_seconds: audit.map(|audit| audit.blocked_seconds),
        failed_requests: audit.map(|audit| audit.failed_requests),
        downtime_seconds: audit.map(|audit| audit.downtime_seconds).or(stopped),
        writes_stopped_seconds: stopped,
    }
}

/// For how long writes were stopped; not known while they are.
fn writes_stopped(state: &RunState) -> Option<f64> {
    let flowing = state.writes_stopped_at.is_none() && state.started_at.is_some();
    flowing.then_some(state.writes_stopped_for.as_secs_f64())
}
