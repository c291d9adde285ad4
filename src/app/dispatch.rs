//! From the command line to the command.

use std::io::ErrorKind;

use clap::Parser;
use color_eyre::Result;

use super::folders::Folders;
use super::{paths, print};
use crate::cli::{self, Cli, Command};
use crate::error::Fault;
use crate::exit::Exit;
use crate::logging;

/// Reads the command line and does what it says.
///
/// # Errors
/// A [`Fault`] with its exit code, or a report of something unexpected.
pub fn main() -> Result<Exit> {
    let Cli { global, command } = Cli::parse();
    let folders = Folders::find()?;
    if !matches!(command, Command::Paths { .. } | Command::Completions { .. } | Command::Man { .. })
    {
        start_log(&global.log_level, &folders)?;
    }
    match command {
        Command::Paths { output } => paths::paths(&folders, output),
        Command::Completions { shell } => print::to_stdout(|out| cli::completions(shell, out)),
        Command::Man { folder } => print::to_stdout(|out| cli::man_page(folder.as_deref(), out)),
        _ => Err(Fault::new(Exit::Unexpected, "not wired").into()),
    }
}

fn start_log(filter: &str, folders: &Folders) -> Result<(), Fault> {
    match logging::init(filter, &folders.logs) {
        Err(error) if error.kind() == ErrorKind::InvalidInput => {
            Err(Fault::usage(format!("cannot log with `{filter}`")).because(error))
        }
        Err(error) => {
            print::say(format!("warning: no log is kept in {}: {error}", folders.logs.display()));
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}
