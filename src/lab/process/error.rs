use std::io;
use std::path::PathBuf;

/// What can go wrong between the lab and the processes that it runs.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The lab runs as root and has nobody to hand its children to.
    #[error(
        "neither the account `postgres` nor `nobody` exists, and PostgreSQL refuses to run as root\nhint: run the rehearsal as an ordinary user"
    )]
    NoAccount,
    /// A file or folder of the lab could not be made, read or removed.
    #[error("cannot {what} `{}`: {source}", path.display())]
    File {
        /// What was tried, as a verb.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A program did not start.
    #[error("cannot start `{}`: {source}", program.display())]
    Spawn {
        /// The program.
        program: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The lab is being shut down and starts nothing any more.
    #[error("the lab is shutting down")]
    Closed,
}

impl ProcessError {
    pub(crate) fn file(
        what: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { what, path, source }
    }
}
