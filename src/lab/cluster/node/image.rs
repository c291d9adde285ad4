//! What the lab knows of images: a name stands for an installation on this machine.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix::sys::signal::Signal;

use crate::lab::process::RunAs;

/// What runs when a container names neither command nor arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entrypoint {
    /// The likeness of the official PostgreSQL image's.
    Postgres,
    /// A program and its first arguments; none: the arguments are the program.
    Program(Vec<String>),
}

/// One image.
#[derive(Debug, Clone)]
pub(crate) struct ImageSpec {
    /// The folders of its `PATH`, before the system's own.
    pub(crate) path: Vec<PathBuf>,
    pub(crate) entrypoint: Entrypoint,
    /// The arguments when the container has none.
    pub(crate) arguments: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) run_as: RunAs,
    /// Folders inside the image that containers write to; each container has its own.
    pub(crate) folders: Vec<String>,
    /// The signal that asks the container to end.
    pub(crate) stop_signal: Signal,
    /// The registry that has to be shown credentials for it, as in a Secret's `auths`.
    pub(crate) registry: Option<String>,
}

impl ImageSpec {
    /// `postgres:*`, on the installation in `bindir`.
    ///
    /// <https://hub.docker.com/_/postgres>
    pub(crate) fn postgres(bindir: &Path) -> Self {
        let env = [("PGDATA", "/var/lib/postgresql/data"), ("LANG", "C.UTF-8")];
        Self {
            path: vec![bindir.to_owned()],
            entrypoint: Entrypoint::Postgres,
            arguments: vec!["postgres".to_owned()],
            env: env.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
            run_as: RunAs::Unprivileged,
            folders: ["/var/lib/postgresql/data", "/docker-entrypoint-initdb.d"]
                .map(str::to_owned)
                .to_vec(),
            // A fast shutdown: without it the server waits for its clients.
            stop_signal: Signal::SIGINT,
            registry: None,
        }
    }

    /// An image with nothing but a shell and the system's tools.
    pub(crate) fn shell() -> Self {
        Self {
            path: Vec::new(),
            entrypoint: Entrypoint::Program(Vec::new()),
            arguments: vec!["sh".to_owned()],
            env: BTreeMap::new(),
            run_as: RunAs::Unprivileged,
            folders: Vec::new(),
            stop_signal: Signal::SIGTERM,
            registry: None,
        }
    }

    /// The image of a program that the lab's own account can read, such as this very one.
    pub(crate) fn program(command: Vec<String>) -> Self {
        Self {
            entrypoint: Entrypoint::Program(command),
            arguments: Vec::new(),
            run_as: RunAs::Own,
            ..Self::shell()
        }
    }

    /// The same, in a registry that wants credentials.
    pub(crate) fn in_registry(mut self, registry: &str) -> Self {
        self.registry = Some(registry.to_owned());
        self
    }
}

/// Finds an image by its name as a manifest gives it; `None`: no registry has it.
#[derive(Clone)]
pub(crate) struct Images(Arc<Find>);

type Find = dyn Fn(&str) -> Option<ImageSpec> + Send + Sync;

impl Images {
    pub(crate) fn new(find: impl Fn(&str) -> Option<ImageSpec> + Send + Sync + 'static) -> Self {
        Self(Arc::new(find))
    }

    pub(super) fn find(&self, name: &str) -> Option<ImageSpec> {
        (self.0)(name)
    }
}

impl fmt::Debug for Images {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Images")
    }
}

/// A name with everything that it leaves out: `postgres:17` is `docker.io/library/postgres:17`.
///
/// <https://kubernetes.io/docs/concepts/containers/images/#image-names>
pub(super) fn full_name(name: &str) -> String {
    let first = name.split('/').next().unwrap_or_default();
    let has_host = name.contains('/') && (first.contains(['.', ':']) || first == "localhost");
    let named = match (has_host, name.contains('/')) {
        (true, _) => name.to_owned(),
        (false, true) => format!("docker.io/{name}"),
        (false, false) => format!("docker.io/library/{name}"),
    };
    let last = named.rsplit('/').next().unwrap_or_default();
    if last.contains(':') || named.contains('@') { named } else { format!("{named}:latest") }
}

/// Whether an unset `imagePullPolicy` means to ask the registry every time.
pub(super) fn is_latest(name: &str) -> bool {
    full_name(name).ends_with(":latest")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed_as_a_runtime_does() {
        let names = [
            "postgres:17",
            "bitnami/redis",
            "myreg.agile-corp.org:5000/chronicle-db-pgvector:17.1",
            "busybox",
        ];
        let full = [
            "docker.io/library/postgres:17",
            "docker.io/bitnami/redis:latest",
            "myreg.agile-corp.org:5000/chronicle-db-pgvector:17.1",
            "docker.io/library/busybox:latest",
        ];
        assert_eq!(names.map(full_name), full);
        assert!(is_latest("busybox") && !is_latest("busybox:1.36"));
    }
}
