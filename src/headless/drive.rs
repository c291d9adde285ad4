//! The loop of a run without a screen: facts in, lines and commands out.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedReceiver;

use super::policy::{Act, Waits, decide, on_signal};
use super::printer::Printer;
use super::script::Script;
use crate::model::{Event, RunState, StepId, StepStatus};
use crate::session::{Session, SessionMode};

/// How often waits are looked at while nothing happens.
const TICK: Duration = Duration::from_millis(250);

/// What is left when nobody drives the run any more.
#[derive(Debug)]
pub struct Ended {
    /// The last state.
    pub state: RunState,
    /// The first difference between script and reality, where there was one.
    pub difference: Option<String>,
    /// The signal that ended a session without controls.
    pub signal: Option<i32>,
}

/// Consumes a session: prints its facts, and answers from the script where the session has controls. `signals` brings the
/// numbers of signals.
///
/// # Errors
/// Facts cannot be printed, and there is nothing to drive. A run that is driven goes on without its lines: what they say
/// is in the journal.
pub async fn drive<W: Write>(
    mut session: Session,
    script: &Script,
    printer: &mut Printer<W>,
    signals: &mut UnboundedReceiver<i32>,
) -> io::Result<Ended> {
    let mut run = Driven::new(&session, script);
    let watching = session.mode == SessionMode::Monitor;
    let mut open = true;
    let mut read_at: Option<Instant> = None;
    let told = printer.version(Timestamp::now());
    run.mute(&session, told)?;
    while open || (watching && session.observed.has_changed().is_ok()) {
        let refresh = session.runbook.watch.refresh;
        let news = watching && read_at.is_none_or(|at| at.elapsed() >= refresh);
        let told = tokio::select! {
            event = session.events.recv(), if open => {
                open = event.is_some();
                event.map_or(Ok(()), |event| {
                    run.take(&session, &event);
                    printer.event(&event)
                })
            }
            // one line a refresh: readings come one by one, and a line holds them all
            Ok(()) = session.observed.changed(), if news => {
                read_at = Some(Instant::now());
                let now = Timestamp::now();
                printer.observed(&session.observed.borrow_and_update(), now)
            }
            followed = session.follows.next() => {
                printer.follow(followed.run.clone());
                (session.run, session.runbook) = (followed.run, followed.runbook);
                session.events = followed.events;
                run = Driven::new(&session, script);
                Ok(())
            }
            Some(signal) = signals.recv() => {
                if run.signal(&session, signal) { break; }
                Ok(())
            }
            () = tokio::time::sleep(TICK) => Ok(()),
        };
        run.mute(&session, told)?;
        if session.events.is_empty() {
            run.act(&session);
        }
    }
    Ok(run.ended())
}

struct Driven<'a> {
    script: &'a Script,
    state: RunState,
    held: BTreeMap<StepId, Instant>,
    sent: Vec<Act>,
    left: bool,
    muted: bool,
    difference: Option<String>,
    signal: Option<i32>,
}

impl<'a> Driven<'a> {
    fn new(session: &Session, script: &'a Script) -> Self {
        Self {
            script,
            state: RunState::new(&session.runbook),
            held: BTreeMap::new(),
            sent: Vec::new(),
            left: false,
            muted: false,
            difference: None,
            signal: None,
        }
    }

    fn take(&mut self, session: &Session, event: &Event) {
        if let Err(illegal) = self.state.apply(&session.runbook, event) {
            tracing::error!(%illegal, "an event was told that cannot follow");
        }
        if let Some(step) = event.kind.step() {
            if self.state.step(step).status == StepStatus::Held {
                self.held.entry(step.clone()).or_insert_with(Instant::now);
            } else {
                self.held.remove(step);
            }
        }
    }

    /// Does what the script says. What was said once is not said again: a question has its own number, and a decision
    /// the attempt that it follows.
    fn act(&mut self, session: &Session) {
        let Some(controls) = &session.controls else { return };
        if self.left {
            return;
        }
        let waits: Waits =
            self.held.iter().map(|(step, since)| (step.clone(), since.elapsed())).collect();
        let acts = decide(self.script, &session.runbook, &self.state, &waits);
        self.sent.retain(|sent| acts.contains(sent));
        for act in acts {
            if self.sent.contains(&act) {
                continue;
            }
            self.sent.push(act.clone());
            let command = match act {
                Act::Send(command) => command,
                Act::Leave { command, difference } => {
                    self.left = true;
                    self.difference = Some(difference);
                    command
                }
            };
            if !controls.send(command) || self.left {
                return;
            }
        }
    }

    /// True when the session ends with the signal, because there is nothing to drive.
    fn signal(&mut self, session: &Session, signal: i32) -> bool {
        let Some(controls) = &session.controls else {
            self.signal = Some(signal);
            return true;
        };
        if let Some(command) = on_signal(&session.runbook, &self.state, signal) {
            self.left = true;
            self.difference.get_or_insert_with(|| format!("signal {signal}"));
            let _ = controls.send(command);
        }
        false
    }

    fn mute(&mut self, session: &Session, told: io::Result<()>) -> io::Result<()> {
        match told {
            Err(error) if session.controls.is_none() => Err(error),
            Err(error) if !self.muted => {
                tracing::warn!(%error, "facts can no longer be printed; the run goes on");
                self.muted = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn ended(self) -> Ended {
        Ended { state: self.state, difference: self.difference, signal: self.signal }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::tz::TimeZone;
    use tokio::sync::{mpsc, watch};

    use super::*;
    use crate::headless::printer::Format;
    use crate::model::sample::{events, runbook};
    use crate::model::{Answer, Command, Confirm, EventKind, Observed, RunId, Seq, StopReason};
    use crate::session::{Controls, Follows};

    #[tokio::test]
    async fn a_question_is_answered_once_and_a_signal_before_the_window_stops() {
        let book = Arc::new(runbook());
        let (told, events_end) = mpsc::unbounded_channel();
        let (_observed, observed) = watch::channel(Observed::default());
        let (controls, mut commands) = Controls::channel();
        let session = Session {
            run: RunId::from("r1"),
            mode: SessionMode::Run,
            runbook: Arc::clone(&book),
            events: events_end,
            follows: Follows::default(),
            observed,
            behind: watch::channel(None).1,
            focus: watch::Sender::default(),
            calls: crate::session::Calls::default(),
            controls: Some(controls),
            playback: None,
        };
        let mut script = Script::default();
        script.answer("stop".into(), "yes");
        let (signal, mut signals) = mpsc::unbounded_channel();
        let mut printer = Printer::new(Vec::new(), Format::Json, RunId::from("r1"), TimeZone::UTC);
        let asked = EventKind::ConfirmationAsked { step: "stop".into(), confirm: Confirm::Yes };
        let engine = async {
            for event in events(&book, &["prepare"], asked) {
                told.send(event).unwrap();
            }
            let answer = commands.recv().await.unwrap();
            let Command::Answer { step, answer, asked: Seq(seq) } = answer else {
                panic!("{answer:?}")
            };
            assert_eq!((step.as_str(), answer), ("stop", Answer::Typed("yes".into())));
            assert!(tokio::time::timeout(TICK * 3, commands.recv()).await.is_err());
            signal.send(15).unwrap();
            let left = commands.recv().await.unwrap();
            assert_eq!(left, Command::Stop { reason: StopReason::Signal(15) });
            drop(told);
            seq
        };
        let (ended, seq) =
            tokio::join!(drive(session, &script, &mut printer, &mut signals), engine);
        let ended = ended.unwrap();
        assert_eq!(ended.state.seq, Seq(seq));
        assert_eq!(ended.difference.as_deref(), Some("signal 15"));
    }
}
