//! Streams to a server, and how to open another one.

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};

use crate::world::cluster::Forwarded;
use crate::world::{Cluster, WorldError};

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
            Self::Pod { cluster, pod, port } => {
                cluster.forward(&pod, port).await.map(Wire::Forwarded).map_err(Closed::World)
            }
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
