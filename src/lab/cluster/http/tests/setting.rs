//! A server, clients of it, and a node that only pretends.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{self, StreamExt as _};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::super::super::error::ApiError;
use super::super::super::kubelet::{Kubelet, Log, LogLine, LogOf};
use super::super::{ApiServer, ServerOptions};

/// A port of the pretended pod where nobody listens.
pub(super) const CLOSED: u16 = 9;

pub(super) async fn server() -> ApiServer {
    let server = ApiServer::start(ServerOptions::default()).await.unwrap();
    server.set_kubelet(Arc::new(Pretended));
    server
}

pub(super) async fn admin(server: &ApiServer) -> Client {
    client(&server.admin_kubeconfig("default")).await
}

pub(super) async fn client(kubeconfig: &str) -> Client {
    let kubeconfig = Kubeconfig::from_yaml(kubeconfig).unwrap();
    let mut config =
        Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
    config.read_timeout = Some(Duration::from_secs(20));
    Client::try_from(config).unwrap()
}

pub(super) fn config_maps(client: &Client) -> Api<ConfigMap> {
    Api::namespaced(client.clone(), "default")
}

/// The status of a refused call.
pub(super) fn refusal<T: std::fmt::Debug>(result: kube::Result<T>) -> (u16, String, String) {
    match result.unwrap_err() {
        kube::Error::Api(status) => (status.code, status.reason.clone(), status.message.clone()),
        other => panic!("no status: {other:?}"),
    }
}

/// Answers for every pod: three lines of log, then two more; an echo behind each port but one.
#[derive(Debug)]
struct Pretended;

fn line(second: i64, text: &str) -> LogLine {
    LogLine { at: Timestamp::from_second(1_700_000_000 + second).unwrap(), text: text.to_owned() }
}

impl Kubelet for Pretended {
    fn log<'a>(&'a self, of: &'a LogOf) -> BoxFuture<'a, Result<Log, ApiError>> {
        let past = vec![line(1, "one"), line(2, "two"), line(3, "three")];
        let later = [line(4, "four"), line(5, "five")];
        let live = of.follow.then(|| stream::iter(later).boxed());
        Box::pin(async { Ok(Log { past, live }) })
    }

    fn connect<'a>(
        &'a self,
        _: &'a str,
        _: &'a str,
        port: u16,
    ) -> BoxFuture<'a, std::io::Result<TcpStream>> {
        Box::pin(async move {
            if port == CLOSED {
                return Err(std::io::ErrorKind::ConnectionRefused.into());
            }
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let address = listener.local_addr()?;
            tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await?;
                echo(&mut stream).await
            });
            TcpStream::connect(address).await
        })
    }
}

async fn echo(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut buffer = vec![0; 8192];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..count]).await?;
    }
}
