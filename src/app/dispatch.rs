//! From the command line to the command.

use std::io::ErrorKind;

use clap::Parser;
use color_eyre::Result;

use super::folders::Folders;
use super::{
    init, memory, monitor, paths, plan, preflight, print, rehearse, replay, report, resume, run,
    runs, world,
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
        Command::Run(options) => wait(&folders, &global, run::run(&folders, &global, options)),
        Command::Resume(options) => {
            wait(&folders, &global, resume::resume(&folders, &global, options))
        }
        Command::Replay(options) => wait(&folders, &global, replay::replay(&folders, options)),
        Command::Monitor(options) => {
            wait(&folders, &global, monitor::monitor(&folders, &global, options))
        }
        Command::Preflight(options) => {
            wait(&folders, &global, preflight::preflight(&global, &options))
        }
        Command::Rehearse(options) => {
            wait(&folders, &global, rehearse::rehearse(&folders, &global, options))
        }
        Command::Lab { command: LabCommand::Up(options) } => {
            wait(&folders, &global, world::up(&global, options))
        }
    }
}

/// Threads beside the one that the terminal belongs to: the work is to wait, mostly, for one side each. By itself the runtime
/// takes one for each core, however many there are.
const WORKERS: usize = 2;

/// Runs a command that waits for something, with a log.
fn wait(
    folders: &Folders,
    global: &Global,
    command: impl Future<Output = Result<Exit>>,
) -> Result<Exit> {
    start_log(&global.log_level, folders)?;
    memory::give_back();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(WORKERS).enable_all().build()?;
    // on this thread: the terminal belongs to it
    runtime.block_on(command)
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
