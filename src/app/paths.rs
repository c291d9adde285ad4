//! `pgcutover paths`

use std::io::Write;

use color_eyre::Result;

use super::folders::Folders;
use super::print;
use crate::cli::TextOrJson;
use crate::exit::Exit;

/// Prints where things are kept.
pub(super) fn paths(folders: &Folders, output: TextOrJson) -> Result<Exit> {
    match output {
        TextOrJson::Json => print::json(folders),
        TextOrJson::Text => print::to_stdout(|out| {
            writeln!(out, "runs   {}", folders.runs.display())?;
            writeln!(out, "logs   {}", folders.logs.display())?;
            writeln!(out, "cache  {}", folders.cache.display())
        }),
    }
}
