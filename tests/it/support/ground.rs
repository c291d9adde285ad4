//! A folder for a lab's temporary files, and whether anything is left of the lab.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The folder; the account that the lab's servers run under may enter it.
pub(crate) struct Ground {
    folder: TempDir,
}

impl Ground {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("pgc-").tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of the lab that was started here, while there is one.
    pub(crate) fn lab(&self) -> Option<PathBuf> {
        self.folder.path().read_dir().unwrap().find_map(|entry| {
            let entry = entry.unwrap();
            entry.file_name().to_str()?.starts_with("pgcutover-lab-").then(|| entry.path())
        })
    }

    /// The processes that were started with it in their environment or arguments, or work in it.
    pub(crate) fn processes(&self) -> Vec<String> {
        let Ok(table) = Path::new("/proc").read_dir() else { return Vec::new() };
        let here = self.folder.path().as_os_str().as_encoded_bytes();
        let holds = |bytes: &[u8]| bytes.windows(here.len()).any(|part| part == here);
        let is_here = |process: &Path| {
            let file = |name| fs::read(process.join(name)).is_ok_and(|bytes| holds(&bytes));
            let folder = fs::read_link(process.join("cwd"))
                .is_ok_and(|folder| holds(folder.as_os_str().as_encoded_bytes()));
            file("environ") || file("cmdline") || folder
        };
        table
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| is_here(path))
            .filter_map(|path| fs::read_to_string(path.join("stat")).ok())
            .collect()
    }

    /// Fails unless soon no process and no file is left.
    #[track_caller]
    pub(crate) fn assert_left(&self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let files: Vec<_> =
                self.folder.path().read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
            let processes = self.processes();
            if files.is_empty() && processes.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "left behind: {files:?} {processes:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}
