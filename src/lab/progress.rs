//! What the lab says while it starts; whoever started it decides where that is shown.

use std::fmt;
use std::sync::Arc;

/// Takes what the lab has to say. It is called from several threads and must not block.
pub type Tell = Arc<dyn Fn(Progress) + Send + Sync>;

/// One thing that the lab is about to do or has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A file is fetched from the package index, once.
    Fetching {
        /// What is fetched.
        what: String,
        /// Where it is kept.
        into: String,
    },
    /// Another process is fetching the same; it is waited for.
    WaitingForFetch,
    /// The servers that will run.
    Versions {
        /// Blue's version.
        blue: String,
        /// Green's version.
        green: String,
    },
    /// A stage of the start.
    Stage(&'static str),
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fetching { what, into } => write!(f, "fetching {what} into {into}"),
            Self::WaitingForFetch => {
                f.write_str("waiting for another process that is fetching PostgreSQL")
            }
            Self::Versions { blue, green } => {
                write!(f, "blue runs PostgreSQL {blue}, green {green}")
            }
            Self::Stage(stage) => f.write_str(stage),
        }
    }
}
