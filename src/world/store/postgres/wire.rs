//! Streams to a server, and how to open another one.

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use k8s_openapi::api::core::v1::Pod;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

use crate::world::{Call, Cluster, WorldError};

/// A stream of bytes.
pub(super) enum Wire {
    Forwarded(Forwarded),
    Tcp(TcpStream),
    Socket(UnixStream),
}

/// A way to a server, which can be gone more than once: a cancel request needs a stream of its own.
#[derive(Debug, Clone)]
pub(super) enum Route {
    /// Through the API server into a pod.
    Pod { cluster: Cluster, pod: String, port: u16 },
    /// To a name that the resolver knows.
    Name { name: String, port: u16 },
    /// To an address.
    Ip { ip: IpAddr, port: u16 },
    /// To a Unix socket.
    Socket { path: PathBuf },
}

/// Why a stream could not be opened.
#[derive(Debug)]
pub(super) enum Closed {
    Io(io::Error),
    World(WorldError),
}

impl Route {
    /// Opens a stream, within the time given.
    pub(super) fn open(&self, limit: Duration) -> BoxFuture<'static, Result<Wire, Closed>> {
        let route = self.clone();
        Box::pin(async move {
            match tokio::time::timeout(limit, route.dial()).await {
                Ok(opened) => opened,
                Err(_) => Err(Closed::Io(io::ErrorKind::TimedOut.into())),
            }
        })
    }

    async fn dial(self) -> Result<Wire, Closed> {
        match self {
            Self::Pod { cluster, pod, port } => forward(&cluster, &pod, port).await,
            Self::Name { name, port } => tcp((name, port)).await,
            Self::Ip { ip, port } => tcp((ip, port)).await,
            Self::Socket { path } => {
                UnixStream::connect(path).await.map(Wire::Socket).map_err(Closed::Io)
            }
        }
    }
}

async fn tcp(address: impl tokio::net::ToSocketAddrs) -> Result<Wire, Closed> {
    let stream = TcpStream::connect(address).await.map_err(Closed::Io)?;
    // Statements are small and wait for their answers.
    stream.set_nodelay(true).map_err(Closed::Io)?;
    Ok(Wire::Tcp(stream))
}

async fn forward(cluster: &Cluster, pod: &str, port: u16) -> Result<Wire, Closed> {
    let call = Call::new("get", "pods/portforward").named(pod);
    let mut forwarder = cluster
        .api::<Pod>()
        .portforward(pod, &[port])
        .await
        .map_err(|error| Closed::World(cluster.explain(call, error)))?;
    let (stream, error) = (forwarder.take_stream(port), forwarder.take_error(port));
    let (Some(stream), Some(error)) = (stream, error) else {
        return Err(Closed::Io(io::Error::other("the port-forward has no stream")));
    };
    Ok(Wire::Forwarded(Forwarded { stream, error: Some(Box::pin(error)) }))
}

/// A forwarded port. The kubelet tells on a channel of its own why nothing listens there: that becomes the stream's error.
pub(super) struct Forwarded {
    stream: DuplexStream,
    error: Option<Pin<Box<dyn Future<Output = Option<String>> + Send>>>,
}

impl AsyncRead for Forwarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(error) = &mut self.error
            && let Poll::Ready(told) = error.as_mut().poll(cx)
        {
            self.error = None;
            if let Some(told) = told {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::ConnectionRefused, told)));
            }
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Forwarded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

macro_rules! each {
    ($wire:expr, $stream:ident => $call:expr) => {
        match $wire.get_mut() {
            Wire::Forwarded($stream) => $call,
            Wire::Tcp($stream) => $call,
            Wire::Socket($stream) => $call,
        }
    };
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        each!(self, stream => Pin::new(stream).poll_read(cx, buf))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        each!(self, stream => Pin::new(stream).poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, stream => Pin::new(stream).poll_shutdown(cx))
    }
}
