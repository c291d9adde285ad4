//! A stream into a pod, through the API server.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use k8s_openapi::api::core::v1::Pod;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

use crate::world::WorldError;

use super::call::Call;
use super::handle::Cluster;

impl Cluster {
    /// Opens a stream to a pod's port: a GET that upgrades to a WebSocket.
    pub(in crate::world) async fn forward(
        &self,
        pod: &str,
        port: u16,
    ) -> Result<Forwarded, WorldError> {
        let call = Call::new("get", "pods/portforward").named(pod);
        let mut forwarder = self
            .api::<Pod>()
            .portforward(pod, &[port])
            .await
            .map_err(|error| self.explain(call, error))?;
        let stream = forwarder.take_stream(port).expect("a stream for the port that was asked for");
        let error =
            forwarder.take_error(port).expect("an error channel for the port that was asked for");
        Ok(Forwarded { stream, error: Some(Box::pin(error)) })
    }
}

/// A forwarded port. The kubelet tells on a channel of its own why nothing listens there: that becomes the stream's error.
pub(in crate::world) struct Forwarded {
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
