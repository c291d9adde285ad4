//! Where installations usually are.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cache::open_to_all;
use super::installation::Installation;

/// The installations that this machine has, each once, oldest first. Incomplete ones are passed over, and so are
/// those that the servers' user could not read.
pub(super) fn installed(path: Option<&OsStr>, as_root: bool) -> Vec<Installation> {
    let mut seen = BTreeSet::new();
    let mut found: Vec<_> = candidates(path)
        .into_iter()
        .filter_map(|dir| dir.canonicalize().ok())
        .filter(|dir| seen.insert(dir.clone()))
        .filter(|dir| !as_root || open_to_all(dir))
        .filter_map(|dir| Installation::read(&dir).ok())
        .collect();
    found.sort_by(|a, b| (a.version, &a.bindir).cmp(&(b.version, &b.bindir)));
    found
}

fn candidates(path: Option<&OsStr>) -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> =
        path.map(|path| std::env::split_paths(path).collect()).unwrap_or_default();
    dirs.extend(from_pg_config());
    for (parent, prefix) in [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/opt/homebrew/opt", "postgresql"),
        ("/usr/local/opt", "postgresql"),
        ("/home/linuxbrew/.linuxbrew/opt", "postgresql"),
    ] {
        dirs.extend(bins_below(Path::new(parent), prefix));
    }
    dirs
}

fn from_pg_config() -> Option<PathBuf> {
    let out = Command::new("pg_config").arg("--bindir").output().ok()?;
    let dir = String::from_utf8(out.stdout).ok()?;
    (out.status.success() && !dir.trim().is_empty()).then(|| PathBuf::from(dir.trim()))
}

/// `parent/prefix*/bin`
fn bins_below(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = parent.read_dir() else { return Vec::new() };
    entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join("bin"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installation_that_two_places_name_is_found_once() {
        let twice =
            std::env::join_paths(["/usr/lib/postgresql/15/bin", "/usr/lib/postgresql/15/bin"])
                .unwrap();
        let found = installed(Some(&twice), false);
        let count = found.iter().filter(|i| i.bindir.ends_with("postgresql/15/bin")).count();
        if count == 0 {
            println!("SKIP: no PostgreSQL 15 here");
            return;
        }
        assert_eq!(count, 1);
    }
}
