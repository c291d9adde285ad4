//! The lines of the file: a header, then `[seconds since the line before, code, data]`.

use std::time::Instant;

use serde_json::json;

/// What a line tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// Bytes that went to the terminal.
    Output(Vec<u8>),
    /// The terminal has another size.
    Resize(u16, u16),
    /// A place to jump to.
    Mark(String),
}

impl Told {
    fn code(&self) -> &'static str {
        match self {
            Self::Output(_) => "o",
            Self::Resize(..) => "r",
            Self::Mark(_) => "m",
        }
    }

    fn data(&self) -> String {
        match self {
            Self::Output(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Self::Resize(columns, rows) => format!("{columns}x{rows}"),
            Self::Mark(label) => label.clone(),
        }
    }
}

/// What stands in the header.
#[derive(Debug, Clone)]
pub(in crate::tui) struct Header {
    /// Columns and rows of the terminal.
    pub(in crate::tui) size: (u16, u16),
    /// Seconds since 1970.
    pub(in crate::tui) began: i64,
    /// What was recorded.
    pub(in crate::tui) title: String,
    /// The terminal's kind, as `TERM` names it.
    pub(in crate::tui) kind: Option<String>,
}

impl Header {
    pub(super) fn line(&self) -> String {
        let (cols, rows) = self.size;
        let mut term = json!({ "cols": cols, "rows": rows });
        if let Some(kind) = &self.kind {
            term["type"] = json!(kind);
        }
        let header =
            json!({ "version": 3, "term": term, "timestamp": self.began, "title": self.title });
        format!("{header}\n")
    }
}

/// Turns moments into intervals, in whole milliseconds that never drift.
#[derive(Debug)]
pub(super) struct Pace {
    began: Instant,
    written: u128,
}

impl Pace {
    pub(super) const fn new(began: Instant) -> Self {
        Self { began, written: 0 }
    }

    /// The line of what was told at a moment.
    pub(super) fn line(&mut self, at: Instant, told: &Told) -> String {
        let now = at.saturating_duration_since(self.began).as_millis();
        let passed = now.saturating_sub(self.written);
        self.written += passed;
        let (code, data) = (told.code(), json!(told.data()));
        format!("[{}.{:03}, \"{code}\", {data}]\n", passed / 1000, passed % 1000)
    }
}
