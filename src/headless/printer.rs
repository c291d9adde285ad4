//! Prints facts: JSON Lines for machines, or lines for people and only on change.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::line::{self, Detail, Summary};
use crate::model::{Event, EventKind, Observed, RunId, StepId};

/// How often the progress of a step is printed for people.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// How facts are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON Lines.
    Json,
    /// Lines for people.
    Text,
}

/// Prints the facts of one run.
#[derive(Debug)]
pub struct Printer<W> {
    out: W,
    format: Format,
    zone: TimeZone,
    run: RunId,
    told: BTreeMap<StepId, (String, Duration)>,
    seen: String,
    detail: Detail,
    begun: bool,
}

impl<W: Write> Printer<W> {
    /// A printer. Times stand in `zone` where people read them.
    #[must_use]
    pub const fn new(out: W, format: Format, run: RunId, zone: TimeZone) -> Self {
        Self {
            out,
            format,
            zone,
            run,
            told: BTreeMap::new(),
            seen: String::new(),
            detail: Detail::Summary,
            begun: false,
        }
    }

    /// So much of what is seen stands in the lines for machines.
    pub const fn tell(&mut self, detail: Detail) {
        self.detail = detail;
    }

    /// From now on it prints the facts of another run.
    pub fn follow(&mut self, run: RunId) {
        self.run = run;
        self.told.clear();
    }

    /// Prints the first line, where it has not been printed.
    ///
    /// # Errors
    /// What the writer says; so for all of them.
    pub fn version(&mut self, now: Timestamp) -> io::Result<()> {
        if self.format == Format::Text || std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        self.json(&line::version(&self.run, now))
    }

    /// Prints a fact.
    ///
    /// # Errors
    /// What the writer says.
    pub fn event(&mut self, event: &Event) -> io::Result<()> {
        match self.format {
            Format::Json => self.json(&line::event(&self.run, event)),
            Format::Text => {
                if !self.is_news(event) {
                    return Ok(());
                }
                let inset = if event.kind.step().is_some() { "  " } else { "" };
                self.text(event.at, &format!("{inset}{}", event.kind))
            }
        }
    }

    /// Prints what a monitor sees, when it differs from what was printed last.
    ///
    /// # Errors
    /// What the writer says.
    pub fn observed(&mut self, observed: &Observed, now: Timestamp) -> io::Result<()> {
        let message = observed.to_string();
        if self.format == Format::Text && self.seen == message {
            return Ok(());
        }
        self.seen.clone_from(&message);
        match self.format {
            Format::Json => {
                let told = (message.as_str(), self.detail);
                self.json(&line::observed(&self.run, observed, told, now))
            }
            Format::Text => self.text(now, &message),
        }
    }

    /// Prints what stopped the command, for machines: people read it on stderr.
    ///
    /// # Errors
    /// What the writer says.
    pub fn failed(
        &mut self,
        message: &str,
        hint: Option<&str>,
        summary: &Summary,
        now: Timestamp,
    ) -> io::Result<()> {
        if self.format == Format::Text {
            return Ok(());
        }
        self.version(now)?;
        self.json(&line::error(&self.run, message, hint, now))?;
        self.summary(summary, message, message, now)
    }

    /// Prints the last line: for machines the summary, for people the text.
    ///
    /// # Errors
    /// What the writer says.
    pub fn summary(
        &mut self,
        summary: &Summary,
        message: &str,
        text: &str,
        now: Timestamp,
    ) -> io::Result<()> {
        match self.format {
            Format::Json => self.json(&line::summary(&self.run, summary, message, now)),
            Format::Text => writeln!(self.out, "\n{text}"),
        }?;
        self.out.flush()
    }

    /// Progress is news at most once a second, a held gate when it says something else.
    fn is_news(&mut self, event: &Event) -> bool {
        let (EventKind::StepProgress { step, .. } | EventKind::GateHeld { step, .. }) = &event.kind
        else {
            return true;
        };
        let text = event.kind.to_string();
        let recent = matches!(event.kind, EventKind::StepProgress { .. });
        let news = self.told.get(step).is_none_or(|(said, at)| {
            *said != text && !(recent && event.elapsed < *at + PROGRESS_EVERY)
        });
        if news {
            self.told.insert(step.clone(), (text, event.elapsed));
        }
        news
    }

    fn json(&mut self, line: &Value) -> io::Result<()> {
        writeln!(self.out, "{line}")?;
        self.out.flush()
    }

    fn text(&mut self, at: Timestamp, message: &str) -> io::Result<()> {
        let at = at.to_zoned(self.zone.clone()).strftime("%H:%M:%S").to_string();
        writeln!(self.out, "{at}  {message}")?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Digest, Progress, Seq, Verdict};

    fn event(seq: u64, millis: u64, kind: EventKind) -> Event {
        let elapsed = Duration::from_millis(millis);
        Event { seq: Seq(seq), at: Timestamp::UNIX_EPOCH + elapsed, elapsed, kind }
    }

    fn progress(millis: u64, done: u64) -> Event {
        let progress = Progress { message: "rows".into(), done: Some(done), ..Progress::default() };
        event(2, millis, EventKind::StepProgress { step: "copy".into(), progress })
    }

    fn printed(format: Format, events: &[Event]) -> String {
        let mut out = Vec::new();
        let mut printer = Printer::new(&mut out, format, RunId::from("r1"), TimeZone::UTC);
        printer.version(Timestamp::UNIX_EPOCH).unwrap();
        for event in events {
            printer.event(event).unwrap();
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line_of_readings_does_not_grow_with_the_tables_unless_that_is_asked_for() {
        use crate::model::{CountMethod, Observed, Reading, TableView, Tables};
        let at = Timestamp::UNIX_EPOCH;
        let table = |n| (format!("public.t{n}"), TableView::counted(n, CountMethod::Exact, at));
        let mut observed = Observed::default();
        let tables: Tables = (0..1000).map(table).collect();
        observed.blue.tables = Reading::Fresh { value: tables.into(), at };
        let printed = |detail| {
            let mut out = Vec::new();
            let mut printer =
                Printer::new(&mut out, Format::Json, RunId::from("r1"), TimeZone::UTC);
            printer.tell(detail);
            printer.observed(&observed, at).unwrap();
            (out.len(), serde_json::from_slice::<Value>(&out).unwrap()["observed"].clone())
        };
        let ((short, seen), (long, whole)) = (printed(Detail::Summary), printed(Detail::Whole));
        assert!(short < 2_000 && long > 50_000, "{short} and {long} bytes");
        let tables = serde_json::json!({ "count": 1000, "rows": 499_500, "exact": true });
        assert_eq!(seen["blue"]["tables"]["fresh"]["value"], tables);
        assert_eq!(seen["blue"]["version"], whole["blue"]["version"]);
    }

    #[test]
    fn people_read_progress_once_a_second_and_only_on_change() {
        let events = [progress(0, 1), progress(300, 2), progress(1100, 2), progress(2500, 2)];
        let text = "00:00:00    `copy` rows 1\n00:00:01    `copy` rows 2\n";
        assert_eq!(printed(Format::Text, &events), text);
    }

    #[test]
    fn machines_read_every_fact_with_its_type_time_message_run_and_step() {
        let started = EventKind::RunStarted {
            profile: "orders".into(),
            plan: Digest::from("abc"),
            operator: "alice".into(),
            attended: false,
        };
        let events = [
            event(1, 0, started),
            progress(300, 2),
            event(2, 500, EventKind::RunFinished { verdict: Verdict::Done }),
        ];
        let tool = env!("CARGO_PKG_VERSION");
        let expected = [
            r#"{"type":"version","ts":"1970-01-01T00:00:00Z","message":"pgcutover TOOL, events 1.0","run":"r1","schema":"1.0","tool":"pgcutover TOOL"}"#,
            r#"{"type":"run-started","ts":"1970-01-01T00:00:00Z","message":"`orders` started by alice, plan abc","run":"r1","seq":1,"elapsed_seconds":0.0,"profile":"orders","plan":"abc","operator":"alice"}"#,
            r#"{"type":"step-progress","ts":"1970-01-01T00:00:00.3Z","message":"`copy` rows 2","run":"r1","step":"copy","seq":2,"elapsed_seconds":0.3,"progress":{"message":"rows","done":2}}"#,
            r#"{"type":"run-finished","ts":"1970-01-01T00:00:00.5Z","message":"done: green serves","run":"r1","seq":2,"elapsed_seconds":0.5,"verdict":"done"}"#,
        ];
        let expected: String =
            expected.iter().map(|line| line.replace("TOOL", tool) + "\n").collect();
        assert_eq!(printed(Format::Json, &events), expected);
    }

    #[test]
    fn what_is_not_known_is_null_and_never_zero() {
        let mut out = Vec::new();
        let mut printer = Printer::new(&mut out, Format::Json, RunId::from("r1"), TimeZone::UTC);
        let summary = Summary {
            verdict: "stopped".into(),
            exit: 10,
            difference: None,
            acknowledged: None,
            lost: None,
            duplicated: None,
            blocked_seconds: None,
            failed_requests: None,
            downtime_seconds: Some(0.0),
            writes_stopped_seconds: Some(0.0),
        };
        printer.summary(&summary, "stopped", "", Timestamp::UNIX_EPOCH).unwrap();
        let expected = r#"{"type":"summary","ts":"1970-01-01T00:00:00Z","message":"stopped","run":"r1","verdict":"stopped","exit":10,"difference":null,"acknowledged":null,"lost":null,"duplicated":null,"blocked_seconds":null,"failed_requests":null,"downtime_seconds":0.0,"writes_stopped_seconds":0.0}"#;
        assert_eq!(String::from_utf8(out).unwrap(), format!("{expected}\n"));
    }
}
