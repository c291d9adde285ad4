//! Where the files that a profile names are read.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{Error, ErrorKind};
use std::path::PathBuf;

use super::builtin;

/// Reads files by their path relative to the profile.
pub trait Loader: fmt::Debug {
    /// The text of a file.
    ///
    /// # Errors
    /// As the file system says it.
    fn read(&self, path: &str) -> Result<String, Error>;

    /// The files in a folder, or nothing when it is not a folder. Names only, in order.
    ///
    /// # Errors
    /// As the file system says it.
    fn list(&self, path: &str) -> Result<Option<Vec<String>>, Error>;

    /// The path as it is named in messages.
    fn shown(&self, path: &str) -> String;
}

/// Files on this machine.
#[derive(Debug, Clone)]
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Paths are relative to this folder.
    #[must_use]
    pub const fn beside(folder: PathBuf) -> Self {
        Self { folder }
    }
}

impl Loader for Disk {
    fn read(&self, path: &str) -> Result<String, Error> {
        std::fs::read_to_string(self.folder.join(path))
    }

    fn list(&self, path: &str) -> Result<Option<Vec<String>>, Error> {
        let folder = self.folder.join(path);
        if !folder.is_dir() {
            return Ok(None);
        }
        let mut names = BTreeSet::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if !entry.path().is_dir() {
                names.insert(entry.file_name().to_string_lossy().into_owned());
            }
        }
        Ok(Some(names.into_iter().collect()))
    }

    fn shown(&self, path: &str) -> String {
        self.folder.join(path).display().to_string()
    }
}

/// Files that the binary carries.
#[derive(Debug, Clone)]
pub struct Embedded {
    folder: &'static str,
}

impl Embedded {
    /// Paths are relative to this folder of the repository.
    #[must_use]
    pub const fn beside(folder: &'static str) -> Self {
        Self { folder }
    }

    /// The path from the top of the repository, without `.` and `..`.
    fn full(&self, path: &str) -> String {
        let mut parts: Vec<&str> = Vec::new();
        for part in self.folder.split('/').chain(path.split('/')) {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        parts.join("/")
    }
}

impl Loader for Embedded {
    fn read(&self, path: &str) -> Result<String, Error> {
        builtin::asset(&self.full(path))
            .map(str::to_owned)
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "this binary does not carry it"))
    }

    fn list(&self, path: &str) -> Result<Option<Vec<String>>, Error> {
        let folder = format!("{}/", self.full(path));
        let names: Vec<String> = builtin::paths()
            .filter_map(|path| path.strip_prefix(&folder))
            .filter(|name| !name.contains('/'))
            .map(str::to_owned)
            .collect();
        Ok((!names.is_empty()).then_some(names))
    }

    fn shown(&self, path: &str) -> String {
        self.full(path)
    }
}
