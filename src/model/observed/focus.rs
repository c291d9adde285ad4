//! What the operator looks at. It goes from the front end to the observers, so that what is costly to read is read only
//! while somebody looks; it is no command, and changes nothing.

use std::collections::VecDeque;
use std::sync::Arc;

/// What somebody looks at closely.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Focus {
    /// The table whose details are read on both sides.
    pub table: Option<String>,
    /// The log that is followed.
    pub log: Option<LogOf>,
}

/// Whose log it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogOf {
    /// A pod's.
    Pod {
        /// Its name.
        name: String,
        /// The container; the first that has a log when absent.
        container: Option<String>,
    },
    /// That of a Job's newest pod, whichever it is at the time.
    Job(String),
}

/// The end of a log that is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogView {
    /// Whose it was asked to be.
    pub of: LogOf,
    /// The pod.
    pub pod: String,
    /// The container.
    pub container: String,
    /// The last lines, oldest first. Known passwords are struck out.
    pub lines: VecDeque<Arc<str>>,
    /// How many lines came before those.
    pub before: u64,
    /// Nothing more will come: the container has ended.
    pub ended: bool,
}

impl LogView {
    /// How many lines are kept.
    pub const KEPT: usize = 500;

    /// A log of which nothing has come yet.
    #[must_use]
    pub const fn new(of: LogOf, pod: String, container: String) -> Self {
        Self { of, pod, container, lines: VecDeque::new(), before: 0, ended: false }
    }

    /// A line has come.
    pub fn push(&mut self, line: &str) {
        if self.lines.len() == Self::KEPT {
            self.lines.pop_front();
            self.before += 1;
        }
        self.lines.push_back(Arc::from(line));
    }
}
