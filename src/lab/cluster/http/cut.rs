//! Connections that can be cut: when the server goes down, so do they.

use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// How long a client may take to begin an encrypted connection.
const HANDSHAKE: Duration = Duration::from_secs(10);

type Accepted = (TlsStream<CutStream>, SocketAddr);

/// A listener whose connections end when its token does. Handshakes go on side by side.
#[derive(Debug)]
pub(super) struct CutListener {
    address: SocketAddr,
    accepted: mpsc::Receiver<Accepted>,
}

impl CutListener {
    pub(super) fn new(
        listener: TcpListener,
        acceptor: TlsAcceptor,
        token: CancellationToken,
    ) -> std::io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, accepted) = mpsc::channel(64);
        tokio::spawn(async move {
            let stopped = token.clone();
            tokio::select! {
                () = stopped.cancelled() => {}
                () = accept_all(listener, acceptor, token, sender) => {}
            }
        });
        Ok(Self { address, accepted })
    }
}

async fn accept_all(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    token: CancellationToken,
    accepted: mpsc::Sender<Accepted>,
) {
    loop {
        // A connection that failed before it was accepted is the client's matter.
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let cut = Box::pin(token.clone().cancelled_owned());
        let handshake = acceptor.accept(CutStream { stream, cut, is_cut: false });
        let accepted = accepted.clone();
        tokio::spawn(async move {
            match tokio::time::timeout(HANDSHAKE, handshake).await {
                Ok(Ok(stream)) => drop(accepted.send((stream, peer)).await),
                Ok(Err(error)) => tracing::debug!(%error, %peer, "no TLS"),
                Err(_) => tracing::debug!(%peer, "no TLS in time"),
            }
        });
    }
}

impl Listener for CutListener {
    type Io = TlsStream<CutStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Accepted {
        match self.accepted.recv().await {
            Some(accepted) => accepted,
            // The server has gone down; whoever serves this listener is about to end, too.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        Ok(self.address)
    }
}

/// A connection that fails as soon as it is cut.
pub(super) struct CutStream {
    stream: TcpStream,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    is_cut: bool,
}

impl CutStream {
    fn check(&mut self, context: &mut Context<'_>) -> std::io::Result<()> {
        if !self.is_cut && self.cut.as_mut().poll(context).is_ready() {
            self.is_cut = true;
        }
        if self.is_cut { Err(Error::from(ErrorKind::ConnectionReset)) } else { Ok(()) }
    }
}

impl AsyncRead for CutStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for CutStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
