//! Who drives, and where.

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
    let user = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    let user = user
        .filter(|user| !user.is_empty())
        .unwrap_or_else(|| format!("uid {}", nix::unistd::getuid()));
    match nix::unistd::gethostname() {
        Ok(host) => format!("{user}@{}", host.to_string_lossy()),
        Err(_) => user,
    }
}
