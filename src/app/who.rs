//! Who drives, and where.

use nix::unistd::{User, getuid};

use crate::world::{Origin, World};

/// Context and namespace, for people.
pub(super) fn place_of(world: &World) -> String {
    let namespace = world.cluster.namespace();
    match world.cluster.origin() {
        Origin::Kubeconfig { context, .. } => format!("{context}/{namespace}"),
        Origin::InCluster => format!("in-cluster/{namespace}"),
    }
}

/// Who drives: the user of this machine and its name.
pub(super) fn operator() -> String {
    let told = ["USER", "LOGNAME"].iter().filter_map(|name| std::env::var(name).ok());
    let user = told
        .filter(|user| !user.is_empty())
        .chain(User::from_uid(getuid()).ok().flatten().map(|user| user.name))
        .next()
        .unwrap_or_else(|| format!("uid {}", getuid()));
    match nix::unistd::gethostname() {
        Ok(host) => format!("{user}@{}", host.to_string_lossy()),
        Err(_) => user,
    }
}
