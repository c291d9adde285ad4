//! One PostgreSQL installation: its programs, its version, its extensions.

use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::error::PostgresError;

/// A server's version, such as 16.14. A release without a minor number (a beta) counts as minor 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PgVersion {
    /// 16 in 16.14.
    pub major: u32,
    /// 14 in 16.14.
    pub minor: u32,
}

impl PgVersion {
    /// Reads what `postgres --version` prints, such as `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
    #[must_use]
    pub fn parse(printed: &str) -> Option<Self> {
        let number = printed.split_once("(PostgreSQL) ")?.1.split_whitespace().next()?;
        let digits = |text: &str| {
            let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            text[..end].parse().ok()
        };
        let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
        Some(Self { major: digits(major)?, minor: digits(minor).unwrap_or(0) })
    }
}

impl fmt::Display for PgVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A complete PostgreSQL installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Where `postgres`, `initdb`, `pg_dump` and the others are.
    pub bindir: PathBuf,
    /// The server's version.
    pub version: PgVersion,
    /// The version of pgvector that `CREATE EXTENSION vector` would install, if it is available.
    pub vector: Option<String>,
}

/// What a rehearsal calls, on the server's side and in the Jobs.
const PROGRAMS: [&str; 10] = [
    "postgres",
    "initdb",
    "pg_ctl",
    "pg_isready",
    "psql",
    "pg_dump",
    "pg_restore",
    "createdb",
    "dropdb",
    "vacuumdb",
];

impl Installation {
    /// Looks at a bin folder.
    ///
    /// # Errors
    /// When a program is missing or `postgres --version` cannot be understood.
    pub fn read(bindir: &Path) -> Result<Self, PostgresError> {
        let not = |why: String| PostgresError::NotAnInstallation { path: bindir.to_owned(), why };
        if let Some(missing) = PROGRAMS.iter().find(|name| !executable(&bindir.join(name))) {
            return Err(not(format!("there is no `{missing}`")));
        }
        let printed = output(&bindir.join("postgres"), "--version").map_err(not)?;
        let version = PgVersion::parse(&printed)
            .ok_or_else(|| not(format!("`postgres --version` says `{}`", printed.trim())))?;
        let vector = sharedirs(bindir, version).iter().find_map(|dir| vector_version(dir));
        Ok(Self { bindir: bindir.to_owned(), version, vector })
    }
}

fn executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

fn output(program: &Path, argument: &str) -> Result<String, String> {
    let out = Command::new(program).arg(argument).output().map_err(|error| error.to_string())?;
    if out.status.success() {
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    } else {
        Err(format!("`{}` ended with {}", program.display(), out.status))
    }
}

/// Where the extensions' control files may be. Debian's server package comes without `pg_config`.
fn sharedirs(bindir: &Path, version: PgVersion) -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    if let Ok(dir) = output(&bindir.join("pg_config"), "--sharedir") {
        dirs.push(PathBuf::from(dir.trim()));
    }
    dirs.push(bindir.join("../share/postgresql"));
    dirs.push(bindir.join("../share"));
    dirs.push(PathBuf::from(format!("/usr/share/postgresql/{}", version.major)));
    dirs
}

/// The `default_version` in `vector.control`.
fn vector_version(sharedir: &Path) -> Option<String> {
    let control = std::fs::read_to_string(sharedir.join("extension/vector.control")).ok()?;
    let line = control.lines().find(|line| line.trim_start().starts_with("default_version"))?;
    Some(line.split_once('=')?.1.trim().trim_matches('\'').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_every_packager_prints_them() {
        let version = |text| PgVersion::parse(text).map(|v| (v.major, v.minor));
        assert_eq!(version("postgres (PostgreSQL) 16.14\n"), Some((16, 14)));
        assert_eq!(
            version("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"),
            Some((15, 14))
        );
        assert_eq!(version("postgres (PostgreSQL) 19beta2\n"), Some((19, 0)));
        assert_eq!(version("postgres (EnterpriseDB) x"), None);
    }

    #[test]
    fn a_folder_without_a_server_is_refused_with_what_is_missing() {
        let dir = tempfile::tempdir().unwrap();
        let error = Installation::read(dir.path()).unwrap_err().to_string();
        assert!(error.ends_with("is no PostgreSQL bin folder: there is no `postgres`"), "{error}");
    }

    #[test]
    fn the_version_of_vector_is_the_one_that_would_be_installed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("extension")).unwrap();
        let control = "comment = 'x'\ndefault_version = '0.8.5'\nrelocatable = true\n";
        std::fs::write(dir.path().join("extension/vector.control"), control).unwrap();
        assert_eq!(vector_version(dir.path()).as_deref(), Some("0.8.5"));
    }
}
