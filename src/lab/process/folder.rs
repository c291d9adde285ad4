use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process;

use nix::unistd::Pid;

use super::{Account, ProcessError, table};

/// Every lab folder's name begins with it.
pub(super) const PREFIX: &str = "pgcutover-lab-";
/// Held locked while the lab lives, and by the janitor while it cleans; holds pid and start time.
pub(super) const LOCK: &str = "lab.lock";
/// Exists when the folder is to be kept at the end.
pub(super) const KEEP: &str = "keep";

/// The lab's temporary folder: everything that a rehearsal writes lies in it.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    lock: File,
}

impl Folder {
    /// Makes a new folder in `base`, locked. The path is kept short, since a Unix socket's is limited to 107 bytes.
    ///
    /// # Errors
    /// When the folder cannot be made or locked.
    pub(crate) fn create(base: &Path, keep: bool) -> Result<Self, ProcessError> {
        let made = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(Permissions::from_mode(0o755))
            .tempdir_in(base);
        let path = made.map_err(ProcessError::file("make a folder in", base))?.keep();
        // The umask has had its say on the permissions; an unprivileged child must get in.
        fs::set_permissions(&path, Permissions::from_mode(0o755))
            .map_err(ProcessError::file("open up", &path))?;
        let lock = lock_file(&path)?;
        if keep {
            let marker = path.join(KEEP);
            fs::write(&marker, "").map_err(ProcessError::file("write", &marker))?;
        }
        Ok(Self { path, lock })
    }

    /// Where it is.
    #[must_use]
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes a folder inside, owned by the account (if any) that the lab's children run under.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn make(
        &self,
        name: impl AsRef<Path>,
        owner: Option<&Account>,
    ) -> Result<PathBuf, ProcessError> {
        let path = self.path.join(name);
        fs::create_dir_all(&path).map_err(ProcessError::file("make", &path))?;
        if let Some(owner) = owner {
            owner.own(&path)?;
        }
        Ok(path)
    }

    /// Lets go of the lock, so that the janitor can take it.
    pub(super) fn release(&self) {
        // A lock that cannot be let go of goes with the process.
        let _ = self.lock.unlock();
    }
}

fn lock_file(folder: &Path) -> Result<File, ProcessError> {
    let path = folder.join(LOCK);
    let opened =
        OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
    let mut file = opened.map_err(ProcessError::file("write", &path))?;
    file.lock().map_err(ProcessError::file("lock", &path))?;
    let pid = process::id();
    let started =
        i32::try_from(pid).ok().and_then(|pid| table::started(Pid::from_raw(pid))).unwrap_or(0);
    writeln!(file, "{pid} {started}").map_err(ProcessError::file("write", &path))?;
    Ok(file)
}
