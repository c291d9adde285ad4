//! The parts that this program plays inside a lab, under subcommands that the help does not list.

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use crate::lab;

/// Plays the part that the command line asks for, if it is one: `lab-janitor FOLDER` or `lab-workload ROLE`.
///
/// They come before everything else: such a process has hardly any environment, and must keep out of the operator's
/// folders.
#[must_use]
pub fn play_part(mut args: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let (name, operand) = (args.nth(1)?, args.next());
    match (name.to_str()?, operand) {
        ("lab-janitor", Some(folder)) => Some(lab::janitor_main(Path::new(&folder))),
        ("lab-workload", Some(role)) => Some(workload(&role.to_string_lossy())),
        _ => None,
    }
}

fn workload(role: &str) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = runtime.map_err(|error| error.to_string()).and_then(|runtime| {
        runtime.block_on(lab::workload_main(role)).map_err(|error| error.to_string())
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "{role}: {why}");
            ExitCode::FAILURE
        }
    }
}
