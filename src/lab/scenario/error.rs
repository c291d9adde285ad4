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
    /// An edit does not fit the manifest that it is for.
    #[error("scenario `{name}`: `{find}` is {times} times in `{manifest}`, expected once")]
    Edit {
        /// The scenario's name.
        name: String,
        /// The manifest.
        manifest: String,
        /// What was looked for; its first line.
        find: String,
        /// How often it is there.
        times: usize,
    },
}
