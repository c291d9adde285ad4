//! What people read at the end, on the screen's terminal and behind the lines of `--headless -o text`.

use std::time::Duration;

use jiff::Timestamp;

use super::end::Clients;
use super::trace::{Seen, Trace};
use crate::exit::Exit;
use crate::lab::Audit;
use crate::model::{Mode, Reading, RunState, Side};
use crate::session::SessionMode;

/// The widest label.
const LABEL: usize = "writes stopped".len();

/// Everything that an ending is told from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending<'a> {
    pub(super) state: &'a RunState,
    /// Why script and reality parted.
    pub(super) difference: Option<&'a str>,
    pub(super) clients: Clients<'a>,
    /// Which side served, where somebody looked.
    pub(super) seen: Option<&'a Seen>,
    /// What is left of the run, where it was driven here.
    pub(super) trace: Option<&'a Trace>,
    pub(super) exit: Exit,
    pub(super) now: Timestamp,
}

impl Ending<'_> {
    /// The verdict, in a line.
    pub(super) fn message(&self) -> String {
        match self.state.mode() {
            Mode::Finished(verdict) => verdict.to_string(),
            Mode::Stopped(reason) => format!("stopped: {reason}"),
            Mode::New | Mode::Forward | Mode::Undoing => "left while it was under way".to_owned(),
        }
    }

    /// The verdict and what belongs to it, each on its line.
    pub(super) fn text(&self) -> String {
        let mut lines = vec![self.message()];
        lines.extend(self.difference.map(|difference| format!("  {difference}")));
        lines.extend(self.rows().iter().map(|(label, text)| line(label, text)));
        lines.join("\n")
    }

    fn rows(&self) -> Vec<(&'static str, String)> {
        let mut rows = Vec::new();
        let rehearsal = self.trace.is_some_and(|trace| trace.mode == SessionMode::Rehearsal);
        let label = if rehearsal { "served" } else { "serves" };
        rows.extend(self.seen.map(|seen| (label, serving(seen, self.clients))));
        rows.extend(asked(self.clients));
        rows.push(("writes stopped", stopped(self.state, self.now)));
        rows.extend(exit_code(self.exit, rehearsal));
        if let Some(trace) = self.trace {
            rows.push(("journal", trace.journal.display().to_string()));
            rows.extend(trace.onward(self.state.mode()));
        }
        rows
    }
}

/// What the shell is told. Whatever a rehearsal leaves undone ends with its world.
fn exit_code(exit: Exit, rehearsal: bool) -> Option<(&'static str, String)> {
    let words = format!("{}, {}", exit.code(), exit.words());
    let text = match exit {
        Exit::Done => return None,
        Exit::Interrupted | Exit::Terminated => {
            format!("{}, stopped before any change", exit.code())
        }
        Exit::NotUndone if rehearsal => {
            format!("{words} where this is real; the rehearsal's world leaves nothing behind")
        }
        _ => words,
    };
    Some(("exit code", text))
}

/// A label and its text.
pub(super) fn line(label: &str, text: &str) -> String {
    format!("  {label:<LABEL$}  {text}")
}

/// Which side serves, with the reading's age; the audit has asked who answers.
pub(super) fn serving(seen: &Seen, clients: Clients<'_>) -> String {
    let age = |at: Timestamp| seconds(span(at, seen.at).as_secs_f64());
    let why = seen.serving.why().map(|why| format!(": {why}")).unwrap_or_default();
    let read = match &seen.serving {
        Reading::Unknown { .. } => format!("unknown{why}"),
        Reading::Fresh { value, at } => {
            format!("{}, read {} before the end", side(*value), age(*at))
        }
        Reading::Stale { value, at, .. } => {
            format!("{} {} before the end, nothing newer is known{why}", side(*value), age(*at))
        }
    };
    match clients {
        Clients::Audited(audit) => {
            format!("{read}; PostgreSQL {} answered the audit", audit.served_by)
        }
        Clients::NotAsked | Clients::Unknown => read,
    }
}

const fn side(serving: Option<Side>) -> &'static str {
    match serving {
        Some(Side::Blue) => "blue",
        Some(Side::Green) => "green",
        None => "neither side",
    }
}

fn asked(clients: Clients<'_>) -> Vec<(&'static str, String)> {
    match clients {
        Clients::NotAsked => Vec::new(),
        Clients::Unknown => vec![
            (
                "writes",
                "acknowledged, lost and duplicated: unknown, they could not be audited".to_owned(),
            ),
            ("clients", "blocked for an unknown time, failed requests: unknown".to_owned()),
        ],
        Clients::Audited(audit) => {
            let Audit { acknowledged, requests, failed_requests, .. } = audit;
            let (lost, doubled) = (loud(audit.lost, "lost"), loud(audit.duplicated, "duplicated"));
            let blocked = seconds(audit.blocked_seconds);
            vec![
                ("writes", format!("{acknowledged} acknowledged, {lost}, {doubled}")),
                (
                    "clients",
                    format!(
                        "blocked for {blocked} at the longest, {failed_requests} of {requests} requests failed"
                    ),
                ),
            ]
        }
    }
}

/// What must never happen is not overlooked where it did.
fn loud(count: u64, word: &str) -> String {
    if count == 0 { format!("0 {word}") } else { format!("{count} {}", word.to_uppercase()) }
}

fn stopped(state: &RunState, now: Timestamp) -> String {
    let so_far = state.writes_stopped(now);
    match (state.started_at, state.writes_stopped_at) {
        (None, _) => "unknown".to_owned(),
        (_, Some(_)) => format!("STILL, for {} so far", seconds(so_far.as_secs_f64())),
        (_, None) if so_far.is_zero() => "never".to_owned(),
        (_, None) => format!("for {}", seconds(so_far.as_secs_f64())),
    }
}

fn seconds(seconds: f64) -> String {
    format!("{seconds:.1} s")
}

fn span(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{at, events, runbook};
    use crate::model::{Confirm, EventKind, RunId, StopReason, Verdict};

    /// A run that came past its step that stops writes, and then to this.
    fn state(last: &[EventKind]) -> RunState {
        let book = runbook();
        let asked = EventKind::ConfirmationAsked { step: "switch".into(), confirm: Confirm::Yes };
        let mut events = events(&book, &["prepare", "stop"], asked);
        events.pop();
        let next = events.len() as u64 + 1;
        events.extend((next..).zip(last).map(|(seq, kind)| at(seq, kind.clone())));
        RunState::fold(&book, &events).unwrap()
    }

    fn stopped(reason: StopReason) -> RunState {
        state(&[EventKind::RunStopped { reason }])
    }

    fn text(mode: SessionMode, state: &RunState, clients: Clients<'_>) -> String {
        let run = RunId::from("orders-1");
        let trace = Trace { run, mode, journal: "/runs/orders-1/journal.jsonl".into() };
        let now = Timestamp::UNIX_EPOCH + Duration::from_secs(100);
        let serving =
            Reading::Fresh { value: Some(Side::Blue), at: now - Duration::from_millis(400) };
        let seen = Seen { serving, at: now };
        let (seen, trace) = (Some(&seen), Some(&trace));
        let exit = Exit::NotUndone;
        Ending { state, difference: None, clients, seen, trace, exit, now }.text()
    }

    #[test]
    fn one_who_leaves_a_run_reads_that_writes_stand_still_and_how_to_go_on() {
        let left = stopped(StopReason::Detached);
        let expected = "\
stopped: the operator left
  serves          blue, read 0.4 s before the end
  writes stopped  STILL, for 91.0 s so far
  exit code       13, not undone: a human is needed
  journal         /runs/orders-1/journal.jsonl
  go on           pgcutover resume orders-1
  report          pgcutover report orders-1
  replay          pgcutover replay orders-1";
        assert_eq!(text(SessionMode::Run, &left, Clients::NotAsked), expected);
    }

    #[test]
    fn a_rehearsal_tells_its_audit_and_that_its_world_is_gone() {
        let left = stopped(StopReason::Detached);
        let audit = Audit {
            acknowledged: 1248,
            duplicated: 2,
            blocked_seconds: 4.08,
            requests: 812,
            served_by: "15.18".to_owned(),
            ..Audit::default()
        };
        let expected = "\
stopped: the operator left
  served          blue, read 0.4 s before the end; PostgreSQL 15.18 answered the audit
  writes          1248 acknowledged, 0 lost, 2 DUPLICATED
  clients         blocked for 4.1 s at the longest, 0 of 812 requests failed
  writes stopped  STILL, for 91.0 s so far
  exit code       13, not undone: a human is needed where this is real; the rehearsal's world leaves nothing behind
  journal         /runs/orders-1/journal.jsonl
  go on           not possible: the world of a rehearsal ends with it
  report          pgcutover report orders-1
  replay          pgcutover replay orders-1";
        assert_eq!(text(SessionMode::Rehearsal, &left, Clients::Audited(&audit)), expected);
    }

    #[test]
    fn what_could_not_be_audited_is_unknown_and_never_0() {
        let text = text(SessionMode::Rehearsal, &state(&[]), Clients::Unknown);
        let of = |label: &str| text.lines().find(|line| line.starts_with(label)).unwrap();
        assert!(of("  writes  ").contains("lost and duplicated: unknown"), "{text}");
        assert!(of("  clients ").contains("an unknown time, failed requests: unknown"), "{text}");
    }

    #[test]
    fn a_run_that_has_ended_is_not_gone_on_with_and_another_operators_neither() {
        let cause = "`switch` failed".to_owned();
        let (step, todo) = (Some("switch".into()), "look".to_owned());
        let ended = Verdict::NotUndone { step, cause, todo };
        let ended = state(&[EventKind::RunFinished { verdict: ended }]);
        let told = text(SessionMode::Run, &ended, Clients::NotAsked);
        assert!(told.starts_with("not undone: `switch` failed; to do: look\n"), "{told}");
        assert!(!told.contains("resume"), "{told}");
        let held = stopped(StopReason::LeaseHeld { holder: "bob@ops-2".to_owned() });
        let told = text(SessionMode::Run, &held, Clients::NotAsked);
        assert!(told.contains("  go on           up to whoever holds the lease\n"), "{told}");
    }

    #[test]
    fn an_answer_that_is_missing_is_in_the_command_that_gives_it() {
        let missing = stopped(StopReason::ConfirmationMissing { step: "switch".into() });
        let told = text(SessionMode::Run, &missing, Clients::NotAsked);
        assert!(told.contains("pgcutover resume orders-1 --confirm switch=ANSWER\n"), "{told}");
    }

    #[test]
    fn a_side_that_was_not_read_lately_is_told_with_its_age_and_the_reason() {
        let at = Timestamp::UNIX_EPOCH + Duration::from_secs(100);
        let why = Some("the API server does not answer".to_owned());
        let read = at - Duration::from_secs(41);
        let seen = Seen { serving: Reading::Stale { value: Some(Side::Green), at: read, why }, at };
        let expected =
            "green 41.0 s before the end, nothing newer is known: the API server does not answer";
        assert_eq!(serving(&seen, Clients::NotAsked), expected);
        let seen = Seen { serving: Reading::unknown("forbidden"), at };
        assert_eq!(serving(&seen, Clients::NotAsked), "unknown: forbidden");
    }
}
