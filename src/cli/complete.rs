//! Completion scripts and man pages, from the same definition as the help.

use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use super::Cli;

/// Writes a completion script.
///
/// # Errors
/// What the writer says.
pub fn completions(shell: Shell, out: &mut impl Write) -> io::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "pgcutover", &mut script);
    out.write_all(&script)
}

/// Writes the man page, or one for each command into a folder.
///
/// # Errors
/// What the writer or the folder says.
pub fn man_page(folder: Option<&Path>, out: &mut impl Write) -> io::Result<()> {
    match folder {
        Some(folder) => {
            std::fs::create_dir_all(folder)?;
            clap_mangen::generate_to(Cli::command(), folder)
        }
        None => clap_mangen::Man::new(Cli::command()).render(out),
    }
}
