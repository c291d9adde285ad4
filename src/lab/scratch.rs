//! A PostgreSQL server for one test.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio_postgres::Config;

use super::postgres::{Installation, Installations, Search};
use super::process::{RunAs, Running, Spec, Supervisor, SupervisorConfig, janitor_for_tests};

/// A server with an empty `chronicle_db` that `chronicle_user` owns. It ends with the value.
pub(super) struct Scratch {
    supervisor: Supervisor,
    installation: Installation,
    data: PathBuf,
    port: u16,
    server: Running,
}

impl Scratch {
    /// Starts one, or says why the test is skipped.
    pub(super) async fn start() -> Option<Self> {
        let search = Search::from_env(Vec::new());
        let installation = match Installations::locate(&search, &|_| ()) {
            Ok(found) => found.blue,
            Err(error) => {
                println!("SKIP: {error}");
                return None;
            }
        };
        let config = SupervisorConfig {
            base: std::env::temp_dir(),
            keep: false,
            janitor: janitor_for_tests(),
        };
        let supervisor = Supervisor::start(&config).unwrap();
        let data = supervisor.folder().make("data", supervisor.account()).unwrap();
        let port = free_port();
        let arguments = ["-U", "chronicle_user", "-A", "trust", "--no-sync", "-D"];
        let mut initdb = spec(&installation, "initdb", &arguments, &data);
        initdb.args.push(data.display().to_string());
        let mut running = supervisor.spawn(initdb).await.unwrap();
        assert_eq!(running.wait().await.unwrap().code(), 0);
        let server = serve(&supervisor, &installation, &data, port).await;
        let scratch = Self { supervisor, installation, data, port, server };
        let (client, connection) =
            scratch.config("postgres").connect(tokio_postgres::NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        client.batch_execute("CREATE DATABASE chronicle_db").await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
        Some(scratch)
    }

    /// How a client connects.
    pub(super) fn config(&self, database: &str) -> Config {
        config(self.port, database)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn folder(&self) -> &Path {
        self.supervisor.folder().path()
    }

    /// Kills the server without warning, and starts it again on the same data.
    pub(super) async fn crash(&mut self) {
        self.server.signal(Signal::SIGKILL);
        self.server.wait().await.unwrap();
        self.server = serve(&self.supervisor, &self.installation, &self.data, self.port).await;
    }
}

/// A port that nobody takes while the server is down: the system gives out those from 32768 on.
fn free_port() -> u16 {
    loop {
        let mut bytes = [0; 2];
        getrandom::fill(&mut bytes).unwrap();
        let port = 10_000 + u16::from_ne_bytes(bytes) % 20_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn config(port: u16, database: &str) -> Config {
    let mut config = Config::new();
    config.host("127.0.0.1").port(port).user("chronicle_user").password("x").dbname(database);
    config
}

async fn serve(
    supervisor: &Supervisor,
    installation: &Installation,
    data: &Path,
    port: u16,
) -> Running {
    let port_text = port.to_string();
    let arguments = ["-h", "127.0.0.1", "-k", "", "-p", &port_text, "-D"];
    let mut server = spec(installation, "postgres", &arguments, data);
    server.args.push(data.display().to_string());
    server.last_signal = Signal::SIGQUIT;
    let running = supervisor.spawn(server).await.unwrap();
    for _ in 0..500 {
        if config(port, "postgres").connect(tokio_postgres::NoTls).await.is_ok() {
            return running;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the server does not answer");
}

fn spec(installation: &Installation, program: &str, arguments: &[&str], data: &Path) -> Spec {
    Spec {
        program: installation.bindir.join(program),
        args: arguments.iter().map(ToString::to_string).collect(),
        env: BTreeMap::from([
            ("PATH".to_owned(), "/usr/bin:/bin".to_owned()),
            ("LC_ALL".into(), "C".into()),
        ]),
        folder: data.to_owned(),
        run_as: RunAs::Unprivileged,
        last_signal: Signal::SIGKILL,
    }
}
