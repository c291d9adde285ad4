//! What can be wrong with a scenario.

use std::path::PathBuf;

/// Why a scenario cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// There is none of this name.
    #[error("there is no scenario `{name}`\nhint: there are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A file cannot be read.
    #[error("`{path}`: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what a scenario looks like; the text points at line and column.
    #[error("scenario `{name}`: {source}")]
    Parse {
        /// The scenario's name.
        name: String,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
}
