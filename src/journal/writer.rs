use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::model::Event;

use super::error::JournalError;
use super::header::Header;
use super::line;
use super::reader::{Recording, parse};
use super::runs::JOURNAL;

/// Where facts are kept. The engine acts on a fact only after this returned.
pub trait Append: Send {
    /// Keeps an event; it is on the disk when this returns.
    ///
    /// # Errors
    /// When it could not be kept. Nothing may then be done that it announces.
    fn keep(&mut self, event: &Event) -> Result<(), JournalError>;
}

/// A journal in memory, for those who try an engine out.
impl Append for Vec<Event> {
    fn keep(&mut self, event: &Event) -> Result<(), JournalError> {
        self.push(event.clone());
        Ok(())
    }
}

/// The one writer of a journal. It holds the file's lock for as long as it lives.
#[derive(Debug)]
pub struct Writer {
    path: PathBuf,
    file: File,
    len: u64,
    tail: String,
    failed: bool,
}

impl Writer {
    /// Makes a run's folder (mode 0700) and its journal (mode 0600), with the header on the disk.
    ///
    /// # Errors
    /// When the folder has a journal already, or the system refuses.
    pub fn create(folder: &Path, header: &Header) -> Result<Self, JournalError> {
        make_folder(folder)?;
        let path = folder.join(JOURNAL);
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(JournalError::io("create", &path))?;
        lock(&file, &path)?;
        let mut writer = Self { path, file, len: 0, tail: String::new(), failed: false };
        let mut line = serde_json::to_string(header)
            .map_err(|error| JournalError::broken(&writer.path, 1, error.to_string()))?;
        line.push('\n');
        writer.write_line(&line)?;
        sync_folder(folder)?;
        Ok(writer)
    }

    /// Opens a journal to go on with it, and reads it. A last line without its end is cut off.
    ///
    /// # Errors
    /// As [`read`](super::read), and when another console writes it.
    pub fn resume(path: &Path) -> Result<(Self, Recording), JournalError> {
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .open(path)
            .map_err(JournalError::io("open", path))?;
        lock(&file, path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(JournalError::io("read", path))?;
        let recording = parse(path, &bytes)?;
        if recording.torn > 0 {
            file.set_len(recording.whole)
                .and_then(|()| file.sync_all())
                .map_err(JournalError::io("cut the torn last line off", path))?;
        }
        let writer = Self {
            path: path.to_owned(),
            file,
            len: recording.whole,
            tail: recording.tail.clone(),
            failed: false,
        };
        Ok((writer, recording))
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes of it are on the disk.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Never: a journal begins with its header.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts a journal that was kept elsewhere into a run's folder, in place of the one that is there.
    ///
    /// # Errors
    /// When the system refuses; the former journal is then as it was.
    pub fn import(folder: &Path, bytes: &[u8]) -> Result<PathBuf, JournalError> {
        make_folder(folder)?;
        let (path, fresh) = (folder.join(JOURNAL), folder.join(format!("{JOURNAL}.new")));
        let write = || {
            let mut options = OpenOptions::new();
            let mut file =
                options.write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(JournalError::io("write", &fresh))?;
        fs::rename(&fresh, &path).map_err(JournalError::io("replace", &path))?;
        sync_folder(folder)?;
        Ok(path)
    }

    fn write_line(&mut self, line: &str) -> Result<(), JournalError> {
        if self.failed {
            return Err(JournalError::Closed { path: self.path.clone() });
        }
        let written = self.file.write_all(line.as_bytes());
        if let Err(error) = written.and_then(|()| self.file.sync_data()) {
            // A half line would hide everything behind it. After a failed sync nobody knows what is on the disk.
            self.failed = true;
            let _ = self.file.set_len(self.len);
            return Err(JournalError::writing(&self.path, error));
        }
        self.len += line.len() as u64;
        self.tail = line::hash(line);
        Ok(())
    }
}

impl Append for Writer {
    fn keep(&mut self, event: &Event) -> Result<(), JournalError> {
        let line = line::write(&self.tail, event)
            .map_err(|error| JournalError::writing(&self.path, error.into()))?;
        self.write_line(&line)
    }
}

fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(JournalError::Locked { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(JournalError::io("lock", path)(source)),
    }
}

fn make_folder(folder: &Path) -> Result<(), JournalError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(JournalError::io("make the folder", folder))?;
    folder.parent().map_or(Ok(()), sync_folder)
}

/// A new name is on the disk only when its folder is.
fn sync_folder(folder: &Path) -> Result<(), JournalError> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(JournalError::io("sync the folder", folder))
}
