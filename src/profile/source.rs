//! A profile's text and the files beside it.

use std::path::{Path, PathBuf};

use super::builtin;
use super::compile::compile;
use super::error::ProfileError;
use super::loader::{Disk, Embedded, Loader};
use super::overrides::Overrides;
use super::suggest::did_you_mean;
use crate::model::Runbook;

/// A profile's text, and where the files that it names are read.
#[derive(Debug)]
pub struct Source {
    /// The file as it is named in messages.
    pub file: String,
    /// Its text.
    pub text: String,
    /// Where the files that it names are read.
    pub loader: Box<dyn Loader + Send + Sync>,
}

/// Finds a profile: a shipped one by its name, or a file by its path.
///
/// What looks like a path (it has a slash, or ends in `.toml`) is one; anything else is a name.
///
/// # Errors
/// [`ProfileError::Unknown`] for a name that is not shipped, [`ProfileError::Read`] for a path that cannot be read.
pub fn find(profile: &str) -> Result<Source, ProfileError> {
    if profile.contains(['/', '\\'])
        || Path::new(profile).extension().is_some_and(|ext| ext == "toml")
    {
        return open(Path::new(profile));
    }
    let path = format!("profiles/{profile}.toml");
    match builtin::asset(&path) {
        Some(text) => Ok(Source {
            file: path,
            text: text.to_owned(),
            loader: Box::new(Embedded::beside("profiles")),
        }),
        None => Err(ProfileError::Unknown {
            name: profile.to_owned(),
            hint: format!(
                "{} (a path has a slash or ends in `.toml`)",
                did_you_mean(profile, builtin::names())
            ),
        }),
    }
}

fn open(path: &Path) -> Result<Source, ProfileError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ProfileError::Read { path: path.to_owned(), error })?;
    let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
    Ok(Source { file: path.display().to_string(), text, loader: Box::new(Disk::beside(folder)) })
}

/// Finds a profile and compiles it.
///
/// # Errors
/// As [`find`], and [`ProfileError::Invalid`] with every problem.
pub fn load(profile: &str, overrides: &Overrides) -> Result<Runbook, ProfileError> {
    compile(&find(profile)?, overrides)
}
