//! The file of a backup.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{Read, Result};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// What a file holds.
pub(super) struct Summed {
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// A path of this name at which nothing lies yet: `x.dump`, `x.2.dump`, `x.3.dump`.
pub(super) fn free(path: &Path) -> Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let parent = path.parent().ok_or(std::io::ErrorKind::InvalidInput)?;
    if !parent.is_dir() {
        return Err(std::io::Error::new(
            std::io::ErrorKind::NotFound,
            format!("there is no folder `{}`", parent.display()),
        ));
    }
    let stem =
        path.file_stem().ok_or(std::io::ErrorKind::InvalidInput)?.to_string_lossy().into_owned();
    let tail =
        path.extension().map(|tail| format!(".{}", tail.to_string_lossy())).unwrap_or_default();
    let numbered = (2..).map(|number: u32| parent.join(format!("{stem}.{number}{tail}")));
    let mut names = std::iter::once(path.clone()).chain(numbered);
    names.find(|name| !name.exists()).ok_or_else(|| std::io::ErrorKind::AlreadyExists.into())
}

/// Where the dump grows.
pub(super) fn part(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".part");
    path.with_file_name(name)
}

/// An empty file that only its owner can read, in the place of an earlier try's.
pub(super) fn create(part: &Path) -> Result<()> {
    match std::fs::remove_file(part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(part).map(drop)
}

/// Reads the file back and makes sure that the disk has it.
pub(super) fn seal(part: &Path) -> Result<Summed> {
    let mut file = File::open(part)?;
    let (mut hash, mut bytes) = (Sha256::new(), 0_u64);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hash.update(&buffer[..read]);
        bytes += read as u64;
    }
    file.sync_all()?;
    let sha256 = hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    Ok(Summed { bytes, sha256 })
}

/// Gives the file its name for good.
pub(super) fn rename(part: &Path, path: &Path) -> Result<()> {
    std::fs::rename(part, path)?;
    let folder = path.parent().ok_or(std::io::ErrorKind::InvalidInput)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_backup_takes_no_name_that_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("blue.dump");
        assert_eq!(free(&path).unwrap(), path);
        std::fs::write(&path, "x").unwrap();
        assert_eq!(free(&path).unwrap(), folder.path().join("blue.2.dump"));
        assert!(free(&folder.path().join("missing/x.dump")).is_err());
    }

    #[test]
    fn a_backup_is_its_owners_alone_and_is_known_by_its_hash() {
        let folder = tempfile::tempdir().unwrap();
        let (path, part) = (folder.path().join("b.dump"), part(&folder.path().join("b.dump")));
        create(&part).unwrap();
        assert_eq!(std::fs::metadata(&part).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&part, "abc").unwrap();
        let summed = seal(&part).unwrap();
        assert_eq!(summed.bytes, 3);
        assert!(summed.sha256.starts_with("ba7816bf"));
        rename(&part, &path).unwrap();
        assert!(path.exists() && !part.exists());
    }
}
