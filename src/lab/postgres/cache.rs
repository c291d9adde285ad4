//! Where fetched things are kept.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use super::error::PostgresError;

/// The cache folder, made if need be: `PGCUTOVER_CACHE_DIR`, else the user's cache. Root's home is closed to the
/// unprivileged user that the servers run as, so root's cache lies in `/var/cache`, or in `/var/tmp` where that is read-only.
///
/// # Errors
/// When it cannot be made, or the servers' user could not get at it.
pub(super) fn folder(wanted: Option<OsString>, as_root: bool) -> Result<PathBuf, PostgresError> {
    let named = wanted.filter(|dir| !dir.is_empty()).map(PathBuf::from);
    let places = match (named, as_root) {
        (Some(dir), _) => vec![dir],
        (None, true) => vec!["/var/cache/pgcutover".into(), "/var/tmp/pgcutover-cache".into()],
        (None, false) => vec![user_cache()],
    };
    let mut last = None;
    for path in places {
        match usable(&path, as_root) {
            Ok(()) => return Ok(path),
            Err(error) => last = Some(error),
        }
    }
    Err(last.expect("there is at least one place"))
}

fn user_cache() -> PathBuf {
    let base = etcetera::choose_base_strategy()
        .map_or_else(|_| std::env::temp_dir(), |strategy| strategy.cache_dir());
    base.join("pgcutover")
}

fn usable(path: &Path, as_root: bool) -> Result<(), PostgresError> {
    let cache = |source| PostgresError::Cache { path: path.to_owned(), source };
    fs::DirBuilder::new().recursive(true).mode(0o755).create(path).map_err(cache)?;
    tempfile::tempfile_in(path).map_err(cache)?;
    if as_root && !open_to_all(&path.canonicalize().map_err(cache)?) {
        return Err(PostgresError::Closed { path: path.to_owned() });
    }
    Ok(())
}

/// Whether everybody may enter the folder and each one above it.
pub(super) fn open_to_all(path: &Path) -> bool {
    path.ancestors()
        .all(|dir| dir.metadata().is_ok_and(|meta| meta.permissions().mode() & 0o001 != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_the_servers_user_cannot_enter_is_refused_for_root() {
        let closed = tempfile::tempdir().unwrap();
        fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let inside = closed.path().join("cache");
        let error = folder(Some(inside.clone().into()), true).unwrap_err().to_string();
        assert!(error.contains("PGCUTOVER_CACHE_DIR"), "{error}");
        assert_eq!(folder(Some(inside.clone().into()), false).unwrap(), inside);
    }
}
