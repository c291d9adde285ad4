//! Picks blue's and green's installation.

use std::ffi::OsString;
use std::path::PathBuf;

use super::error::PostgresError;
use super::installation::{Installation, PgVersion};
use super::{cache, fetch, find};
use crate::lab::progress::Progress;

/// The oldest major version that blue may have: the first with `hash_record_extended`.
const OLDEST: u32 = 14;

/// Where to look for installations.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Bin folders that the user named; if they suffice, nothing else is looked at.
    pub bindirs: Vec<PathBuf>,
    /// `PATH`.
    pub path: Option<OsString>,
    /// `PGCUTOVER_CACHE_DIR`.
    pub cache_dir: Option<OsString>,
    /// Whether servers will run as another user than this process, who must be able to read what is found.
    pub as_root: bool,
}

impl Search {
    /// Looks as this process's environment says.
    #[must_use]
    pub fn from_env(bindirs: Vec<PathBuf>) -> Self {
        Self {
            bindirs,
            path: std::env::var_os("PATH"),
            cache_dir: std::env::var_os("PGCUTOVER_CACHE_DIR"),
            as_root: nix::unistd::geteuid().is_root(),
        }
    }
}

/// The installations that a rehearsal runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installations {
    /// The older one.
    pub blue: Installation,
    /// The newer one; `vector` is available there.
    pub green: Installation,
    /// All that were found, oldest first.
    pub all: Vec<Installation>,
}

impl Installations {
    /// Finds two installations, and fetches what is missing. Blocks: it runs programs and may wait for the network.
    ///
    /// # Errors
    /// When a named folder is no installation, or nothing suitable is found and it cannot be fetched.
    pub fn locate(search: &Search, tell: &dyn Fn(Progress)) -> Result<Self, PostgresError> {
        let named: Vec<_> =
            search.bindirs.iter().map(|dir| Installation::read(dir)).collect::<Result<_, _>>()?;
        if let Some(pair) = Self::choose(named.clone()) {
            return Ok(pair);
        }
        let mut all = named;
        all.extend(find::installed(search.path.as_deref(), search.as_root));
        if let Some(pair) = Self::choose(all.clone()) {
            return Ok(pair);
        }
        all.extend(
            fetched(search, tell)
                .map_err(|error| PostgresError::Unavailable { why: error.to_string() })?,
        );
        Self::choose(all).ok_or_else(|| PostgresError::Unavailable {
            why: "what was fetched does not run here".into(),
        })
    }

    /// The older installation than both, for an image that asks for one: the newest that is still older than blue.
    #[must_use]
    pub fn older_than_blue(&self) -> Option<&Installation> {
        self.all.iter().rev().find(|one| one.version.major < self.blue.version.major)
    }

    /// Green is the newest with `vector`, blue the oldest that is suitable and older than green.
    fn choose(mut all: Vec<Installation>) -> Option<Self> {
        all.sort_by(|a, b| (a.version, &a.bindir).cmp(&(b.version, &b.bindir)));
        all.dedup_by(|a, b| a.bindir == b.bindir);
        let green = all.iter().rev().find(|one| one.vector.is_some())?.clone();
        let oldest = PgVersion { major: OLDEST, minor: 0 };
        let blue =
            all.iter().find(|one| one.version >= oldest && one.version < green.version)?.clone();
        Some(Self { blue, green, all })
    }
}

fn fetched(search: &Search, tell: &dyn Fn(Progress)) -> Result<Vec<Installation>, PostgresError> {
    let cache = cache::folder(search.cache_dir.clone(), search.as_root)?;
    fetch::fetched(&cache, tell)?.iter().map(|dir| Installation::read(dir)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(major: u32, minor: u32, vector: Option<&str>) -> Installation {
        Installation {
            bindir: format!("/pg/{major}.{minor}/bin").into(),
            version: PgVersion { major, minor },
            vector: vector.map(Into::into),
        }
    }

    fn chosen(all: Vec<Installation>) -> Option<(String, String)> {
        Installations::choose(all)
            .map(|i| (i.blue.version.to_string(), i.green.version.to_string()))
    }

    #[test]
    fn blue_is_the_oldest_suitable_and_green_the_newest_with_vector() {
        let all = vec![
            one(18, 4, Some("0.8.5")),
            one(13, 9, None),
            one(15, 14, None),
            one(16, 14, Some("0.8.5")),
            one(19, 0, None),
        ];
        assert_eq!(chosen(all), Some(("15.14".into(), "18.4".into())));
    }

    #[test]
    fn one_installation_or_none_with_vector_is_not_enough() {
        assert_eq!(chosen(vec![one(18, 4, Some("0.8.5"))]), None);
        assert_eq!(chosen(vec![one(15, 1, None), one(17, 1, None)]), None);
        assert_eq!(chosen(vec![one(13, 1, None), one(17, 1, Some("0.8.0"))]), None);
    }

    #[test]
    fn a_named_folder_that_is_no_installation_is_refused() {
        let search = Search { bindirs: vec!["/nowhere".into()], ..Search::default() };
        let error = Installations::locate(&search, &|_| ()).unwrap_err().to_string();
        assert_eq!(error, "`/nowhere` is no PostgreSQL bin folder: there is no `postgres`");
    }

    #[test]
    fn a_missing_pair_is_fetched_once_and_its_programs_run() {
        let search = Search::from_env(Vec::new());
        match Installations::locate(&search, &|_| ()) {
            Ok(found) => {
                assert!(found.blue.version < found.green.version);
                assert!(found.green.vector.is_some());
            }
            Err(error) => println!("SKIP: {error}"),
        }
    }
}
