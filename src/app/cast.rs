//! The file that the screen is recorded into.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::error::Fault;

/// A recording of the screen that has not begun.
#[derive(Debug)]
pub(super) struct Cast {
    pub(super) path: PathBuf,
    pub(super) file: File,
}

impl Cast {
    /// Makes the file: the one that was named, or the next one in the run's folder. No file is written over.
    pub(super) fn create(asked: Option<&Path>, folder: &Path) -> Result<Self, Fault> {
        let fault = |path: &Path, error: &io::Error| {
            let path = path.display();
            Fault::usage(format!("the screen cannot be recorded in `{path}`: {error}"))
        };
        if let Some(path) = asked {
            return Self::new(path.to_owned()).map_err(|error| fault(path, &error));
        }
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| fault(folder, &error))?;
        let mut number = 1;
        loop {
            let path = folder.join(name(number));
            match Self::new(path.clone()) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                made => return made.map_err(|error| fault(&path, &error)),
            }
        }
    }

    fn new(path: PathBuf) -> io::Result<Self> {
        let file = File::options().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Self { path, file })
    }
}

/// A run that is resumed or shown again has a recording for each time.
fn name(number: u32) -> String {
    if number == 1 { "screen.cast".to_owned() } else { format!("screen-{number}.cast") }
}
