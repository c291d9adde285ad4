//! What the user is told when a command cannot go on: the message, its causes, a hint, and the exit code.
//!
//! Rooms have errors of their own; the edge turns each into a [`Fault`], which is what `main` prints.

use std::error::Error;
use std::fmt::{self, Write as _};

use crate::exit::Exit;

/// An error at the edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The exit code.
    pub exit: Exit,
    /// One lower-case line; what it is about stands in backticks.
    pub message: String,
    /// The chain of causes, outermost first.
    pub causes: Vec<String>,
    /// What to do, in one line.
    pub hint: Option<String>,
}

impl Fault {
    /// A fault with its exit code.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), causes: Vec::new(), hint: None }
    }

    /// A mistake in the command line, the profile or the script.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// A fault that carries an error and all that caused it.
    ///
    /// What stands behind the first line of a text is a hint; all of them are told, the outermost first.
    pub fn from_error(exit: Exit, error: &dyn Error) -> Self {
        let mut texts: Vec<String> = std::iter::successors(Some(error), |error| (*error).source())
            .map(ToString::to_string)
            .collect();
        texts.dedup();
        let mut hints = Vec::new();
        let mut lines = texts.iter().map(|text| match text.split_once('\n') {
            Some((line, hint)) => {
                hints.push(hint.trim_start_matches("hint: "));
                line.to_owned()
            }
            None => text.clone(),
        });
        let message = lines.next().unwrap_or_default();
        let causes = lines.collect();
        let hint = (!hints.is_empty()).then(|| hints.join("; "));
        Self { causes, hint, ..Self::new(exit, message) }
    }

    /// Appends a cause.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What stands on the terminal: the message, a line for each cause, the hint.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = format!("error: {}\n", self.message);
        for cause in self.causes.iter().filter(|cause| !self.message.contains(cause.as_str())) {
            let _ = writeln!(text, "  because: {cause}");
        }
        if let Some(hint) = &self.hint {
            let _ = writeln!(text, "hint: {hint}");
        }
        text
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("it stopped\nwrites are stopped")]
    struct Stopped(#[source] Full);

    #[derive(Debug, thiserror::Error)]
    #[error("no space is left\nmake room")]
    struct Full;

    #[test]
    fn what_a_cause_advises_is_a_hint_as_well() {
        assert_eq!(
            Fault::from_error(Exit::RecordingIncomplete, &Stopped(Full)).render(),
            "error: it stopped\n  because: no space is left\nhint: writes are stopped; make room\n"
        );
    }

    #[test]
    fn a_fault_prints_its_causes_and_its_hint_on_lines_of_their_own() {
        let fault =
            Fault::usage("no such profile `x`").because("no file `x`").hint("see `pgcutover init`");
        assert_eq!(
            fault.render(),
            "error: no such profile `x`\n  because: no file `x`\nhint: see `pgcutover init`\n"
        );
    }
}
