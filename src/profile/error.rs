//! Why there is no runbook.

use std::path::PathBuf;

use super::problem::Problems;

/// Why there is no runbook.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// No shipped profile has that name.
    #[error("no profile is named `{name}`\nhint: {hint}")]
    Unknown {
        /// The name.
        name: String,
        /// What might have been meant.
        hint: String,
    },
    /// The file cannot be read.
    #[error("cannot read the profile `{path}`: {error}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It was read, and something is wrong with it.
    #[error("{0}")]
    Invalid(Problems),
}
