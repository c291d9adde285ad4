//! The process's environment, as a value, so that tests can bring their own.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Variables, the home folder and the operating system's user.
#[derive(Clone, Default)]
pub(in super::super) struct Environment {
    pub(super) variables: BTreeMap<String, String>,
    pub(super) home: Option<PathBuf>,
    pub(super) user: Option<String>,
}

impl Environment {
    /// Of this process. Variables that are not UTF-8 are left out.
    pub(in super::super) fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let user = nix::unistd::User::from_uid(nix::unistd::geteuid()).ok().flatten();
        Self {
            variables: std::env::vars_os().filter_map(text).collect(),
            home: std::env::home_dir(),
            user: user.map(|user| user.name),
        }
    }

    /// A variable; an empty one counts as absent, as for libpq.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A file in the folder that libpq calls `~/.postgresql`.
    pub(super) fn postgresql_file(&self, name: &str) -> Option<PathBuf> {
        self.home
            .as_ref()
            .map(|home| home.join(".postgresql").join(name))
            .filter(|path| path.exists())
    }
}
