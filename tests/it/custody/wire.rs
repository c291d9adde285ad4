//! The way from a console to the API server, which can be cut.

use std::path::{Path, PathBuf};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A way through this process.
pub(super) struct Wire {
    whole: watch::Sender<bool>,
    /// A kubeconfig that leads through it.
    pub(super) kubeconfig: PathBuf,
}

impl Wire {
    /// Beside the way that a kubeconfig leads.
    pub(super) async fn beside(kubeconfig: &Path, folder: &Path) -> Self {
        let text = std::fs::read_to_string(kubeconfig).unwrap();
        let (_, rest) = text.split_once("https://").unwrap();
        let server: String =
            rest.chars().take_while(|c| c.is_ascii_digit() || ".:".contains(*c)).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let own = folder.join("kubeconfig-by-wire");
        std::fs::write(&own, text.replace(&server, &address)).unwrap();
        let (whole, seen) = watch::channel(true);
        tokio::spawn(async move {
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                let (server, mut seen) = (server.clone(), seen.clone());
                tokio::spawn(async move {
                    if !*seen.borrow() {
                        return;
                    }
                    let mut far = TcpStream::connect(server).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = seen.wait_for(|whole| !whole) => {}
                    }
                });
            }
        });
        Self { whole, kubeconfig: own }
    }

    /// Cuts it, and every connection on it; or mends it.
    pub(super) fn set_whole(&self, whole: bool) {
        self.whole.send_replace(whole);
    }
}
