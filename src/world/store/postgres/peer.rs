//! Whom a session talks to.

use std::fmt;

use crate::model::Side;

/// A pod, by the identity that a namesake after a restart does not share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodPeer {
    /// Its name.
    pub name: String,
    /// Its UID.
    pub uid: String,
    /// Its address, once it has one.
    pub ip: Option<String>,
    /// The image of its first container, where it says one.
    pub image: Option<String>,
}

/// How the server was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Through the API server, into the pod.
    PortForward,
    /// At the pod's own address.
    PodAddress,
    /// At the Service's cluster address, through kube-proxy, as the application does.
    ClusterAddress,
    /// As a connection string says.
    Uri,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PortForward => "port-forward",
            Self::PodAddress => "the pod's address",
            Self::ClusterAddress => "the Service's cluster address",
            Self::Uri => "the connection string",
        })
    }
}

/// The server at the other end of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The side whose settings were used.
    pub side: Side,
    /// How it was reached.
    pub way: Way,
    /// The pod, where it is one.
    pub pod: Option<PodPeer>,
    /// Host and port, or the pod and its port.
    pub address: String,
    /// The role that logged in.
    pub user: String,
    /// The database.
    pub database: String,
    /// `pg_control_system().system_identifier`: the same for a server, its restarts and its physical copies.
    pub system_identifier: String,
    /// `server_version_num`
    pub version_num: u32,
    /// `server_version`
    pub version: String,
    /// `pg_backend_pid()`, by which our own sessions are told from others'.
    pub backend_pid: i32,
    /// `pg_is_in_recovery()`
    pub in_recovery: bool,
    /// Whether the wire is encrypted, and whether the server's name was verified.
    pub tls: Option<String>,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} at {} (PostgreSQL {}, system {}) by {}",
            self.side, self.address, self.version, self.system_identifier, self.way
        )
    }
}
