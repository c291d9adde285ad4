//! Which `pg_dump` and `pg_restore` are used.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::action::act::refused;
use crate::model::{Failure, FailureKind, Fix};

/// Where installations lie besides `--pg-bindir` and `PATH`.
const FOLDERS: [&str; 3] = ["/usr/lib/postgresql", "/usr/local/opt", "/opt/homebrew/opt"];

/// A pair from one installation.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    pub(super) dump: PathBuf,
    pub(super) restore: PathBuf,
    pub(super) version: String,
    pub(super) major: u32,
}

impl Programs {
    /// The oldest pair that is not older than the server: `pg_dump` refuses a newer server, and what a newer `pg_dump` writes
    /// is less likely to load into an older one.
    pub(super) async fn find(bindirs: &[PathBuf], server: u32) -> Result<Self, Failure> {
        let server = server / 10_000;
        let mut found: Vec<Self> = Vec::new();
        for folder in folders(bindirs) {
            found.extend(Self::in_folder(&folder).await);
        }
        // The sort is stable: of two alike, the folder that was named first counts.
        found.sort_by_key(|programs| programs.major);
        let known: Vec<String> = found
            .iter()
            .map(|programs| format!("{} ({})", programs.version, programs.dump.display()))
            .collect();
        found
            .into_iter()
            .find(|programs| programs.major >= server)
            .ok_or_else(|| none(server, &known))
    }

    async fn in_folder(folder: &Path) -> Option<Self> {
        let (dump, restore) = (folder.join("pg_dump"), folder.join("pg_restore"));
        if !dump.is_file() || !restore.is_file() {
            return None;
        }
        let answer = Command::new(&dump).arg("--version").kill_on_drop(true).output().await.ok()?;
        let text = String::from_utf8_lossy(&answer.stdout).into_owned();
        let version = version(&text)?;
        let major = version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        Some(Self { dump, restore, version, major })
    }
}

/// `pg_dump (PostgreSQL) 17.5 (Debian 17.5-1.pgdg120+1)`
fn version(text: &str) -> Option<String> {
    text.split_once(") ")?.1.split_whitespace().next().map(ToOwned::to_owned)
}

fn folders(bindirs: &[PathBuf]) -> Vec<PathBuf> {
    let mut all = bindirs.to_vec();
    all.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    for folder in FOLDERS {
        let inside = std::fs::read_dir(folder).into_iter().flatten().flatten();
        all.extend(inside.map(|entry| entry.path().join("bin")));
    }
    all
}

fn none(server: u32, known: &[String]) -> Failure {
    let found = if known.is_empty() {
        "none was found".to_owned()
    } else {
        format!("found: {}", known.join(", "))
    };
    refused(FailureKind::Refused, format!("no `pg_dump` of version {server} or newer: {found}")).mended_by(Fix {
        title: format!("install PostgreSQL {server}'s client programs, or say where they are with --pg-bindir"),
        command: None,
        mend: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_programs_version_is_read_from_its_own_words() {
        assert_eq!(
            version("pg_dump (PostgreSQL) 17.5 (Debian 17.5-1.pgdg120+1)\n").unwrap(),
            "17.5"
        );
        assert_eq!(version("pg_dump (PostgreSQL) 18beta1\n").unwrap(), "18beta1");
        assert_eq!(version("nonsense"), None);
    }
}
