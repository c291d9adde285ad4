//! From the command line to the command.

use std::io::ErrorKind;

use clap::Parser;
use color_eyre::Result;

use super::folders::Folders;
use super::{
    init, monitor, paths, plan, preflight, print, rehearse, replay, report, resume, run, runs,
    world,
};
use crate::cli::{self, Cli, Command, Global, LabCommand};
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
    match command {
        Command::Paths { output } => paths::paths(&folders, output),
        Command::Completions { shell } => print::to_stdout(|out| cli::completions(shell, out)),
        Command::Man { folder } => print::to_stdout(|out| cli::man_page(folder.as_deref(), out)),
        Command::Init(options) => init::init(&options),
        Command::Plan(options) => plan::plan(&global, &options),
        Command::Report(options) => report::report(&folders, &options),
        Command::Runs { output } => runs::runs(&folders, output),
        command => {
            start_log(&global.log_level, &folders)?;
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            // on this thread: the terminal belongs to it
            runtime.block_on(connected(&folders, &global, command))
        }
    }
}

/// The commands that wait for something.
async fn connected(folders: &Folders, global: &Global, command: Command) -> Result<Exit> {
    match command {
        Command::Run(options) => run::run(folders, global, options).await,
        Command::Resume(options) => resume::resume(folders, global, options).await,
        Command::Replay(options) => replay::replay(folders, options).await,
        Command::Monitor(options) => monitor::monitor(folders, global, options).await,
        Command::Preflight(options) => preflight::preflight(global, &options).await,
        Command::Rehearse(options) => rehearse::rehearse(folders, global, options).await,
        Command::Lab { command: LabCommand::Up(options) } => world::up(global, options).await,
        _ => unreachable!("`main` has done what needs no runtime"),
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
