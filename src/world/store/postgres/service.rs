//! Which server answers behind a Service.

use super::peer::{Peer, Way};

/// Who answered a connection through a Service, and how strong that proof is.
#[derive(Debug, Clone)]
pub struct ServiceProof {
    /// The servers that answered: one for a connection through the cluster address, one for each ready endpoint else.
    pub peers: Vec<Peer>,
    /// [`Way::ClusterAddress`] for the whole proof; [`Way::PortForward`] when only the endpoints behind it were asked.
    pub way: Way,
}
