//! The node's side of `pods/log` and `pods/portforward`.

use std::io;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::net::TcpStream;

use super::node::Node;
use crate::lab::cluster::error::ApiError;
use crate::lab::cluster::kind::PODS;
use crate::lab::cluster::kubelet::{Kubelet, Log, LogOf};
use crate::lab::cluster::meta;

impl Kubelet for Node {
    fn log<'a>(&'a self, of: &'a LogOf) -> BoxFuture<'a, Result<Log, ApiError>> {
        async move { self.find_log(of) }.boxed()
    }

    fn connect<'a>(
        &'a self,
        ns: &'a str,
        pod: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<TcpStream>> {
        async move { self.dial(ns, pod, port).await }.boxed()
    }
}

impl Node {
    fn find_log(&self, of: &LogOf) -> Result<Log, ApiError> {
        let Some(log) = self.shared.logs.find(&of.uid, &of.container, of.previous) else {
            let (container, pod) = (&of.container, &of.pod);
            return Err(if of.previous {
                ApiError::bad_request(format!(
                    "previous terminated container {container:?} in pod {pod:?} not found"
                ))
            } else {
                ApiError::bad_request(format!(
                    "container {container:?} in pod {pod:?} is waiting to start: ContainerCreating"
                ))
            });
        };
        let (past, next) = log.past();
        let live = (of.follow && !of.previous).then(|| log.live(next));
        Ok(Log { past, live })
    }

    async fn dial(&self, ns: &str, name: &str, port: u16) -> io::Result<TcpStream> {
        let pod = self.shared.store.get(&PODS, ns, name);
        let address = pod.as_ref().map(|pod| meta::text(pod, "/status/podIP")).unwrap_or_default();
        let fail = |error: &io::Error| {
            let why = if error.kind() == io::ErrorKind::ConnectionRefused {
                "connect: connection refused".to_owned()
            } else {
                error.to_string()
            };
            let text = format!(
                "failed to connect to localhost:{port} inside namespace {ns:?}, IPv4: dial tcp4 127.0.0.1:{port}: {why}"
            );
            io::Error::new(error.kind(), text)
        };
        TcpStream::connect((address, port)).await.map_err(|error| fail(&error))
    }
}
