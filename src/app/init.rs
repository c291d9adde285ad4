//! `pgcutover init`

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use color_eyre::Result;

use super::print;
use crate::cli::InitOptions;
use crate::error::Fault;
use crate::exit::Exit;
use crate::profile;

/// Writes a shipped profile and its manifests out. No file is overwritten.
pub(super) fn init(options: &InitOptions) -> Result<Exit> {
    let name = options.profile.as_str();
    profile::find(name).map_err(Fault::from)?;
    let folder = options.dir.clone().unwrap_or_else(|| PathBuf::from(name));
    let files: Vec<_> =
        profile::files_of(name).map(|(path, text)| (folder.join(path), text)).collect();
    if files.is_empty() {
        return Err(Fault::usage(format!("`{name}` is not a shipped profile")).into());
    }
    if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(Fault::usage(format!("`{}` is there already", path.display()))
            .hint("name another folder")
            .into());
    }
    for (path, text) in &files {
        write_new(path, text)?;
    }
    print::to_stdout(|out| {
        files.iter().try_for_each(|(path, _)| writeln!(out, "{}", path.display()))
    })
}

fn write_new(path: &Path, text: &str) -> Result<(), Fault> {
    let written = path
        .parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::File::create_new(path))
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| {
        let exit =
            if error.kind() == ErrorKind::AlreadyExists { Exit::Usage } else { Exit::Unexpected };
        Fault::new(exit, format!("cannot write `{}`", path.display())).because(error)
    })
}
