//! What a world's handles say to the servers, kept for whoever wants to look.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::model::{CallKind, CallLog, CallOutcome, CallRecord, CallTarget};

/// What stands where a secret was.
const COVER: &str = "<redacted>";

/// Too short to be a secret that could be told from ordinary text.
const SHORTEST: usize = 4;

/// The calls of one world. Cloning it is cheap; writing never waits for a reader longer than a copy of the list takes.
#[derive(Debug, Clone)]
pub struct Calls {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    log: watch::Sender<CallLog>,
    secrets: RwLock<Vec<Secret>>,
}

/// A secret that does not show in a debug print.
struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(COVER)
    }
}

impl Default for Calls {
    fn default() -> Self {
        let log = watch::Sender::new(CallLog::default());
        Self { inner: Arc::new(Inner { log, secrets: RwLock::default() }) }
    }
}

impl Calls {
    /// The last calls, the latest state of each.
    #[must_use]
    pub fn log(&self) -> watch::Receiver<CallLog> {
        self.inner.log.subscribe()
    }

    /// A secret that is known from here on, and struck out wherever it stands.
    pub fn hide(&self, secret: &str) {
        let mut known = self.inner.secrets.write().unwrap_or_else(PoisonError::into_inner);
        if secret.len() >= SHORTEST && !known.iter().any(|one| one.0 == secret) {
            known.push(Secret(secret.to_owned()));
            known.sort_by_key(|one| std::cmp::Reverse(one.0.len()));
        }
    }

    /// The text without the secrets that are known.
    #[must_use]
    pub fn cover(&self, text: String) -> String {
        let known = self.inner.secrets.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().fold(text, |text, Secret(secret)| {
            if text.contains(secret) { text.replace(secret, COVER) } else { text }
        })
    }

    /// A program begins, on this machine or in a pod, for a step.
    #[must_use]
    pub fn program(&self, to: CallTarget, step: &str, argv: &[String]) -> Ongoing {
        let line = argv.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
        self.begin(to, CallKind::Program, &Arc::from(step), line)
    }

    /// A call begins.
    pub(super) fn begin(
        &self,
        to: CallTarget,
        kind: CallKind,
        purpose: &Arc<str>,
        headline: String,
    ) -> Ongoing {
        let record = CallRecord {
            number: 0,
            at: Timestamp::now(),
            to,
            purpose: Arc::clone(purpose),
            kind,
            headline: self.cover(headline).into(),
            took: None,
            outcome: CallOutcome::Running,
        };
        let mut number = 0;
        self.inner.log.send_modify(|log| number = log.begin(record));
        Ongoing { calls: self.clone(), number, began: Instant::now(), ended: false }
    }
}

/// A call that is under way. One that is dropped is told as abandoned.
#[derive(Debug)]
pub struct Ongoing {
    calls: Calls,
    number: u64,
    began: Instant,
    ended: bool,
}

impl Ongoing {
    /// It ended so.
    pub fn end(mut self, outcome: CallOutcome) {
        self.tell(self.began.elapsed(), outcome);
    }

    /// It ended so, and had taken so long by the word of whoever ran it.
    pub fn end_after(mut self, took: Duration, outcome: CallOutcome) {
        self.tell(took, outcome);
    }

    /// It was refused, or got no answer.
    pub fn fail(self, code: Option<String>, message: String) {
        let message = self.calls.cover(message);
        self.end(CallOutcome::Failed { code, message });
    }

    fn tell(&mut self, took: Duration, outcome: CallOutcome) {
        self.ended = true;
        self.calls.inner.log.send_modify(|log| log.end(self.number, took, outcome));
    }
}

impl Drop for Ongoing {
    fn drop(&mut self) {
        if !self.ended {
            self.tell(self.began.elapsed(), CallOutcome::Abandoned);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headlines(calls: &Calls) -> Vec<String> {
        let log = calls.log().borrow().clone();
        log.records().map(|call| format!("{}: {}", call.headline, call.outcome)).collect()
    }

    #[test]
    fn a_call_is_told_when_it_begins_and_when_it_ends_without_secrets() {
        let calls = Calls::default();
        calls.hide("hunter2!");
        let purpose = Arc::from("observe");
        let begin = |text: &str| {
            calls.begin(CallTarget::Cluster, CallKind::Read, &purpose, text.to_owned())
        };
        let (first, second) = (begin("GET /a?token=hunter2!"), begin("GET /b"));
        assert_eq!(headlines(&calls), ["GET /a?token=<redacted>: running", "GET /b: running"]);
        first.fail(None, "hunter2! is wrong".to_owned());
        drop(second);
        assert_eq!(
            headlines(&calls),
            ["GET /a?token=<redacted>: <redacted> is wrong", "GET /b: abandoned"]
        );
        assert!(!format!("{calls:?}").contains("hunter2"));
    }

    #[test]
    fn a_program_is_told_on_one_line_with_its_exit_code_and_its_time() {
        let calls = Calls::default();
        let argv = ["sh", "-c", "pg_dump \\\n  --file=x"].map(str::to_owned);
        let program = calls.program(CallTarget::Pod, "backup", &argv);
        program.end_after(Duration::from_secs(7), CallOutcome::Exited(1));
        assert_eq!(headlines(&calls), ["sh -c pg_dump \\ --file=x: exit 1"]);
        let log = calls.log().borrow().clone();
        let call = log.records().next().unwrap();
        assert_eq!((call.took, call.outcome.is_failure()), (Some(Duration::from_secs(7)), true));
    }
}
