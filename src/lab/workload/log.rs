//! The application's log: lines on standard output, which the node keeps and `kubectl logs` shows.

use std::io::Write;

/// Writes one line. A closed pipe is no reason to stop.
pub(super) fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{} {text}", jiff::Timestamp::now());
}
