//! The server: starts, stops, comes back on the same port.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::super::auth::{Tokens, User};
use super::super::kubelet::Kubelet;
use super::super::store::Store;
use super::cut::CutListener;
use super::fault::Faults;
use super::handle::router;
use super::kubeconfig::{Access, kubeconfig};
use super::requests::RequestLog;
use super::tls::Identity;

/// Where and how to serve.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The address to listen on, a loopback one. The port is drawn.
    pub address: Ipv4Addr,
    /// The first of 256 addresses from which Services get theirs.
    pub services: Ipv4Addr,
    /// Names and uids are drawn from it.
    pub seed: String,
    /// The name of cluster and context in kubeconfigs.
    pub name: String,
    /// The file to which requests are logged, one JSON object a line.
    pub log: Option<PathBuf>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            address: Ipv4Addr::LOCALHOST,
            services: Ipv4Addr::new(127, 96, 0, 0),
            seed: "lab".to_owned(),
            name: "pgcutover-lab".to_owned(),
            log: None,
        }
    }
}

/// What every request needs.
#[derive(Clone, Debug)]
pub(super) struct Api {
    pub(super) store: Store,
    pub(super) tokens: Tokens,
    pub(super) faults: Faults,
    pub(super) requests: RequestLog,
    pub(super) kubelet: Arc<OnceLock<Arc<dyn Kubelet>>>,
}

/// A running API server. It ends when it is dropped.
#[derive(Debug)]
pub struct ApiServer {
    api: Api,
    identity: Identity,
    name: String,
    address: SocketAddr,
    running: Mutex<Option<CancellationToken>>,
}

impl ApiServer {
    /// Starts to serve.
    ///
    /// # Errors
    /// When the address cannot be listened on, or the log not be opened.
    pub async fn start(options: ServerOptions) -> std::io::Result<Self> {
        let store = Store::new(&options.seed, options.services);
        Self::over(store, options).await
    }

    /// Starts to serve what somebody else keeps; `seed` and `services` are not used then.
    ///
    /// # Errors
    /// As [`ApiServer::start`].
    pub(crate) async fn over(store: Store, options: ServerOptions) -> std::io::Result<Self> {
        let api = Api {
            store,
            tokens: Tokens::default(),
            faults: Faults::default(),
            requests: RequestLog::new(options.log.as_deref())?,
            kubelet: Arc::default(),
        };
        let listener = TcpListener::bind((IpAddr::V4(options.address), 0)).await?;
        let address = listener.local_addr()?;
        let identity = Identity::new(options.address)?;
        let running = Mutex::new(Some(serve(&api, &identity, listener)?));
        Ok(Self { api, identity, name: options.name, address, running })
    }

    /// Where it serves; the same after a restart.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A token for a user, who may do what roles bound to the name allow. `system:serviceaccount:NAMESPACE:NAME`
    /// is a service account. After `lifetime` it is refused.
    #[must_use]
    pub fn issue_token(&self, user: &str, lifetime: Option<Duration>) -> String {
        self.api.tokens.issue(User::named(user), lifetime)
    }

    /// A kubeconfig of somebody who may do everything.
    #[must_use]
    pub fn admin_kubeconfig(&self, namespace: &str) -> String {
        let token = self.api.tokens.issue(User::admin(), None);
        self.kubeconfig_of("admin", &token, namespace)
    }

    /// A kubeconfig of a user with a token of [`ApiServer::issue_token`].
    #[must_use]
    pub fn kubeconfig(&self, user: &str, lifetime: Option<Duration>, namespace: &str) -> String {
        let token = self.issue_token(user, lifetime);
        self.kubeconfig_of(user, &token, namespace)
    }

    fn kubeconfig_of(&self, user: &str, token: &str, namespace: &str) -> String {
        let access = Access { user, token, namespace };
        kubeconfig(self.address, &self.identity.authority, &self.name, &access)
    }

    /// Drops every connection and refuses new ones. What is stored stays.
    pub fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(token) = running {
            token.cancel();
        }
    }

    /// Serves again, on the port it had.
    ///
    /// # Errors
    /// When somebody else took the port.
    pub async fn resume(&self) -> std::io::Result<()> {
        let listener = TcpListener::bind(self.address).await?;
        let running = serve(&self.api, &self.identity, listener)?;
        let former = self.running.lock().unwrap_or_else(PoisonError::into_inner).replace(running);
        if let Some(token) = former {
            token.cancel();
        }
        Ok(())
    }

    /// Goes down for a while.
    ///
    /// # Errors
    /// As [`ApiServer::resume`].
    pub async fn restart(&self, down: Duration) -> std::io::Result<()> {
        self.stop();
        tokio::time::sleep(down).await;
        self.resume().await
    }

    /// Forgets the past, as etcd does when it is compacted: a watch that starts at a revision before now, and a list
    /// that was begun before, are told `410 Gone`.
    pub fn compact(&self) {
        self.api.store.compact();
    }

    #[cfg(test)]
    pub(super) fn store(&self) -> &Store {
        &self.api.store
    }

    /// Where requests can be made to fail.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.api.faults
    }

    /// What was asked so far.
    #[must_use]
    pub fn requests(&self) -> &RequestLog {
        &self.api.requests
    }

    /// Names the node that answers for pods. Only the first call counts.
    pub(crate) fn set_kubelet(&self, kubelet: Arc<dyn Kubelet>) {
        let _ = self.api.kubelet.set(kubelet);
    }
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Serves until the token is cancelled; then the port is free and every connection gone.
fn serve(
    api: &Api,
    identity: &Identity,
    listener: TcpListener,
) -> std::io::Result<CancellationToken> {
    let token = CancellationToken::new();
    let listener = CutListener::new(listener, identity.acceptor.clone(), token.clone())?;
    let app = router(api.clone());
    let stopped = token.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = stopped.cancelled() => {}
            ended = axum::serve(listener, app).into_future() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "the lab's API server ended");
                }
            }
        }
    });
    Ok(token)
}
