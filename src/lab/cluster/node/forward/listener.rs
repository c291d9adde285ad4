use std::io;
use std::net::SocketAddrV4;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::client::Clients;

/// One address of a Service. Dropping it closes the listener; connections that are open stay.
#[derive(Debug)]
pub(super) struct Listener {
    behind: watch::Sender<Vec<SocketAddrV4>>,
    closed: CancellationToken,
}

struct Forward {
    behind: watch::Receiver<Vec<SocketAddrV4>>,
    turn: AtomicUsize,
    clients: Arc<Clients>,
    stop: CancellationToken,
}

/// The kernel's own patience with an address that does not answer is minutes.
const PATIENCE: Duration = Duration::from_secs(10);

impl Listener {
    pub(super) fn open(
        address: SocketAddrV4,
        behind: Vec<SocketAddrV4>,
        clients: Arc<Clients>,
        stop: CancellationToken,
    ) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(address.into())?;
        let listener = socket.listen(1024)?;
        let (sender, receiver) = watch::channel(behind);
        let closed = stop.child_token();
        let forward =
            Arc::new(Forward { behind: receiver, turn: AtomicUsize::new(0), clients, stop });
        tokio::spawn(closed.clone().run_until_cancelled_owned(accept(listener, forward)));
        Ok(Self { behind: sender, closed })
    }

    /// From now on new connections go there.
    pub(super) fn lead_to(&self, behind: Vec<SocketAddrV4>) {
        self.behind.send_if_modified(|own| {
            let changed = *own != behind;
            *own = behind;
            changed
        });
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.closed.cancel();
    }
}

async fn accept(listener: TcpListener, forward: Arc<Forward>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let forward = forward.clone();
                tokio::spawn(
                    forward
                        .stop
                        .clone()
                        .run_until_cancelled_owned(async move { forward.lead(stream).await }),
                );
            }
            // Out of file descriptors: it gets better, or it does not.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

impl Forward {
    async fn lead(&self, mut client: TcpStream) {
        let Some(target) = self.next() else { return reset(&client) };
        let source = self.clients.address_of(&client).await;
        let Ok(mut server) = connect(target, source).await else { return reset(&client) };
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        if copy_bidirectional(&mut client, &mut server).await.is_err() {
            reset(&client);
            reset(&server);
        }
    }

    fn next(&self) -> Option<SocketAddrV4> {
        let behind = self.behind.borrow();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        behind.get(turn.checked_rem(behind.len())?).copied()
    }
}

/// From the client's pod's address, if it is known, as a packet that kube-proxy rewrote would come.
async fn connect(target: SocketAddrV4, source: Option<SocketAddrV4>) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if let Some(source) = source {
        // Without it the connection merely comes from 127.0.0.1.
        let _ = socket.bind(source.into());
    }
    tokio::time::timeout(PATIENCE, socket.connect(target.into()))
        .await
        .map_err(|_| io::ErrorKind::TimedOut)?
}

/// A refused connection was accepted here already: the next best is to reset it.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}
