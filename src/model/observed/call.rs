//! What the tool said to the world: every statement, every request, every program.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::side::Side;

/// Whom a call went to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallTarget {
    /// A side's server.
    Side(Side),
    /// The API server.
    Cluster,
    /// Something that is asked over HTTP.
    Http,
    /// This machine, where a program runs.
    Host,
    /// A container of a pod, where a program runs.
    Pod,
}

impl CallTarget {
    /// One word for a column.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Side(side) => side.word(),
            Self::Cluster => "api",
            Self::Http => "http",
            Self::Host => "host",
            Self::Pod => "pod",
        }
    }
}

/// What kind of call it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallKind {
    /// A session was opened.
    Connect,
    /// A statement.
    Statement,
    /// A request that changes nothing.
    Read,
    /// A request that may change something.
    Write,
    /// A watch, a followed log or a forwarded port: its time is that until it began.
    Stream,
    /// A program, from its start to its end.
    Program,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallOutcome {
    /// It is under way.
    Running,
    /// It is done.
    Done,
    /// It is done, with so many rows.
    Rows(u64),
    /// It was answered with this status.
    Status(u16),
    /// It ended with this exit code.
    Exited(i32),
    /// It was refused, or got no answer.
    Failed {
        /// `SQLSTATE`, where a server refused.
        code: Option<String>,
        /// In whose words they are told.
        message: String,
    },
    /// Nobody waited for its end any more, so that it is not known.
    Abandoned,
}

impl CallOutcome {
    /// It did not do what it should; a status counts from 400, without 404 and 409, which are answers.
    #[must_use]
    pub const fn is_failure(&self) -> bool {
        match self {
            Self::Failed { .. } => true,
            Self::Status(status) => *status >= 400 && !matches!(status, 404 | 409),
            Self::Exited(code) => *code != 0,
            Self::Running | Self::Done | Self::Rows(_) | Self::Abandoned => false,
        }
    }
}

impl fmt::Display for CallOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running => f.write_str("running"),
            Self::Done => f.write_str("done"),
            Self::Rows(1) => f.write_str("1 row"),
            Self::Rows(rows) => write!(f, "{rows} rows"),
            Self::Status(status) => write!(f, "{status}"),
            Self::Exited(code) => write!(f, "exit {code}"),
            Self::Failed { code: Some(code), message } => write!(f, "{code}: {message}"),
            Self::Failed { code: None, message } => f.write_str(message),
            Self::Abandoned => f.write_str("abandoned"),
        }
    }
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// Its place in its log, from 0.
    pub number: u64,
    /// When it began.
    pub at: Timestamp,
    /// Whom it went to.
    pub to: CallTarget,
    /// What it was for: a step, or the observer. Empty for requests to the API server, which do not know.
    pub purpose: Arc<str>,
    /// What it was.
    pub kind: CallKind,
    /// The statement or the request on one line. Known secrets are struck out.
    pub headline: Arc<str>,
    /// How long it took; while it runs, look at the clock.
    pub took: Option<Duration>,
    /// What came of it.
    pub outcome: CallOutcome,
}

/// The last calls of one world. Each world has its own, so that what observers read all the time does not push out what was
/// done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallLog {
    records: VecDeque<Arc<CallRecord>>,
    told: u64,
}

impl CallLog {
    /// How many calls are kept.
    pub const KEPT: usize = 1000;

    /// A call began; the number is given.
    pub fn begin(&mut self, record: CallRecord) -> u64 {
        let number = self.told;
        if self.records.len() == Self::KEPT {
            self.records.pop_front();
        }
        self.records.push_back(Arc::new(CallRecord { number, ..record }));
        self.told += 1;
        number
    }

    /// A call ended. One that has been pushed out meanwhile stays out.
    pub fn end(&mut self, number: u64, took: Duration, outcome: CallOutcome) {
        let Some(at) = number.checked_sub(self.dropped()) else { return };
        let Some(slot) = usize::try_from(at).ok().and_then(|at| self.records.get_mut(at)) else {
            return;
        };
        let record = Arc::make_mut(slot);
        (record.took, record.outcome) = (Some(took), outcome);
    }

    /// What is kept, oldest first.
    #[must_use = "an iterator does nothing unless it is walked"]
    pub fn records(&self) -> impl ExactSizeIterator<Item = &Arc<CallRecord>> + DoubleEndedIterator {
        self.records.iter()
    }

    /// How many calls there were in all.
    #[must_use]
    pub const fn told(&self) -> u64 {
        self.told
    }

    /// How many older ones are no longer kept.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.told - self.records.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(headline: &str) -> CallRecord {
        CallRecord {
            number: 0,
            at: Timestamp::UNIX_EPOCH,
            to: CallTarget::Side(Side::Blue),
            purpose: "observe".into(),
            kind: CallKind::Statement,
            headline: headline.into(),
            took: None,
            outcome: CallOutcome::Running,
        }
    }

    #[test]
    fn the_newest_calls_are_kept_and_the_others_counted() {
        let mut log = CallLog::default();
        let first = log.begin(call("SELECT 0"));
        for n in 1..=CallLog::KEPT {
            log.begin(call(&format!("SELECT {n}")));
        }
        assert_eq!((log.told(), log.dropped()), (CallLog::KEPT as u64 + 1, 1));
        log.end(first, Duration::ZERO, CallOutcome::Done);
        log.end(1, Duration::from_millis(3), CallOutcome::Rows(2));
        let oldest = log.records().next().unwrap();
        assert_eq!((oldest.number, &*oldest.headline), (1, "SELECT 1"));
        assert_eq!(oldest.outcome.to_string(), "2 rows");
    }

    #[test]
    fn a_copy_of_the_log_does_not_change_with_it() {
        let mut log = CallLog::default();
        let number = log.begin(call("SELECT 1"));
        let before = log.clone();
        log.end(number, Duration::ZERO, CallOutcome::Done);
        assert_eq!(before.records().next().unwrap().outcome, CallOutcome::Running);
    }
}
