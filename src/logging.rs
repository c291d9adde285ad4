//! Tracing goes to a file in the state folder, never to the terminal, which may belong to the console.

use std::io;
use std::path::Path;

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

/// How many days of logs are kept.
const KEPT: usize = 14;

/// Sends what is traced to a daily file in `folder`. `filter` is a level or a filter as `tracing_subscriber` reads it.
///
/// # Errors
/// The filter cannot be read (kind `InvalidInput`), or the folder cannot be written.
pub fn init(filter: &str, folder: &Path) -> io::Result<()> {
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    std::fs::create_dir_all(folder)?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("pgcutover")
        .filename_suffix("log")
        .max_log_files(KEPT)
        .build(folder)
        .map_err(io::Error::other)?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::sync::Mutex::new(file))
        .with_ansi(false)
        .try_init()
        .map_err(io::Error::other)
}
