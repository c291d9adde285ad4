use std::net::Ipv4Addr;

use crate::lab::process::ProcessError;

/// Why the lab's cluster does not come up.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// Processes or folders cannot be had.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The loopback network has no room.
    #[error(
        "cannot bind `{address}`: {source}\nhint: a rehearsal needs addresses in 127.0.0.0/8, which Linux gives to everybody"
    )]
    NoAddresses {
        /// The last one that was tried.
        address: Ipv4Addr,
        /// Why not.
        source: std::io::Error,
    },
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    NoRandomness,
}
