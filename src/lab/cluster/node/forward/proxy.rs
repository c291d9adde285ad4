use std::collections::BTreeMap;
use std::net::SocketAddrV4;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::client::Clients;
use super::listener::Listener;
use super::table::{self, Table};
use crate::lab::cluster::kind::{ENDPOINT_SLICES, SERVICES};
use crate::lab::cluster::store::Store;

/// The forwarders of all Services.
#[derive(Debug)]
pub(crate) struct Proxy {
    stop: CancellationToken,
}

impl Proxy {
    /// Follows the store from now on. `lab` is the lab's folder.
    pub(crate) fn start(store: Store, lab: &Path) -> Self {
        let stop = CancellationToken::new();
        let clients = Arc::new(Clients::new(store.clone(), lab.to_owned()));
        tokio::spawn(stop.clone().run_until_cancelled_owned(follow(store, clients, stop.clone())));
        Self { stop }
    }

    /// Closes all listeners and connections.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn follow(store: Store, clients: Arc<Clients>, stop: CancellationToken) {
    let mut changes = store.subscribe();
    let mut listeners: BTreeMap<SocketAddrV4, Listener> = BTreeMap::new();
    loop {
        let wanted =
            table::build(&store.list(&SERVICES, None).0, &store.list(&ENDPOINT_SLICES, None).0);
        adjust(&mut listeners, wanted, &clients, &stop);
        loop {
            match changes.recv().await {
                Ok(change)
                    if change.kind.id() == SERVICES.id()
                        || change.kind.id() == ENDPOINT_SLICES.id() =>
                {
                    break;
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => return,
            }
        }
    }
}

/// A listener without a backend is closed, so that whoever connects is refused.
fn adjust(
    listeners: &mut BTreeMap<SocketAddrV4, Listener>,
    wanted: Table,
    clients: &Arc<Clients>,
    stop: &CancellationToken,
) {
    listeners.retain(|address, _| wanted.get(address).is_some_and(|behind| !behind.is_empty()));
    for (address, behind) in wanted.into_iter().filter(|(_, behind)| !behind.is_empty()) {
        match listeners.get(&address) {
            Some(listener) => listener.lead_to(behind),
            None => match Listener::open(address, behind, clients.clone(), stop.clone()) {
                Ok(listener) => drop(listeners.insert(address, listener)),
                // A node port may be somebody else's on this machine.
                Err(error) => {
                    tracing::warn!(%address, %error, "the lab cannot listen for a Service");
                }
            },
        }
    }
}
