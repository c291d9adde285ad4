//! The seam between the API server and the node: what only the node can answer.

use std::fmt::Debug;

use futures::future::BoxFuture;
use futures::stream::BoxStream;
use jiff::Timestamp;
use tokio::net::TcpStream;

use super::error::ApiError;

/// The node behind `pods/log` and `pods/portforward`.
///
/// The server has checked the request by then: the pod exists and runs or ran, the container is one of its own.
pub(crate) trait Kubelet: Debug + Send + Sync {
    /// What a container wrote, oldest line first. The server itself cuts (`tailLines`, `sinceTime`, `limitBytes`)
    /// and stamps.
    fn log<'a>(&'a self, of: &'a LogOf) -> BoxFuture<'a, Result<Log, ApiError>>;

    /// A connection to a port inside the pod. The error text goes to the client over the error channel.
    fn connect<'a>(
        &'a self,
        ns: &'a str,
        pod: &'a str,
        port: u16,
    ) -> BoxFuture<'a, std::io::Result<TcpStream>>;
}

/// Whose log, and which part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogOf {
    pub(crate) namespace: String,
    pub(crate) pod: String,
    pub(crate) uid: String,
    pub(crate) container: String,
    /// The run of the container before its last restart.
    pub(crate) previous: bool,
    /// Whether [`Log::live`] is wanted.
    pub(crate) follow: bool,
}

/// A container's log without a gap between what was and what comes.
pub(crate) struct Log {
    pub(crate) past: Vec<LogLine>,
    /// Ends when the container does. `None` when it ended already, or nobody follows.
    pub(crate) live: Option<BoxStream<'static, LogLine>>,
}

/// One line, without its line feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogLine {
    pub(crate) at: Timestamp,
    pub(crate) text: String,
}
