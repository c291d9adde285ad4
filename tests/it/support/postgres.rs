//! A real PostgreSQL server for a test: a free port, a folder of its own, a generated password, gone with the test.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User, geteuid};
use pgcutover::lab::{Installation, Installations, Search};
use tokio_postgres::{Client, Config, NoTls};

/// The two installations that the tests run on, found or fetched once.
pub(crate) fn installations() -> Option<&'static Installations> {
    static FOUND: OnceLock<Option<Installations>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        Installations::locate(&Search::from_env(Vec::new()), &|_| ())
            .inspect_err(|why| super::skip(&format!("no PostgreSQL to test with: {why}")))
            .ok()
    });
    found.as_ref()
}

/// A running server. It ends with the test, even when the test panics or its process is killed: its parent-death
/// signal is set by the thread that started it.
pub(crate) struct Server {
    process: Child,
    folder: tempfile::TempDir,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: String,
}

impl Server {
    /// Starts an empty server whose superuser is `app`, with a database of the same name.
    pub(crate) fn start(installation: &Installation) -> Self {
        Self::start_with(installation, &[])
    }

    /// The same, with settings such as `ssl=on`.
    pub(crate) fn start_with(installation: &Installation, settings: &[&str]) -> Self {
        let folder = tempfile::Builder::new().prefix("pgcutover-test-").tempdir().unwrap();
        let password = random();
        initialize(installation, folder.path(), &password);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = as_unprivileged(&installation.bindir.join("postgres"));
        command.arg("-D").arg(folder.path().join("data"));
        command.arg("-k").arg(folder.path()).arg("-p").arg(port.to_string());
        let usual = [
            "listen_addresses=127.0.0.1",
            "fsync=off",
            "shared_buffers=16MB",
            "max_connections=50",
        ];
        for setting in usual.iter().chain(settings) {
            command.arg("-c").arg(setting);
        }
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let process = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let server = Self { process, folder, port, user: "app".into(), password };
        server.wait_until_ready();
        server
    }

    /// The server's folder; `data` in it is the data directory.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What the server wrote to its log.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// How to connect to the database `app` as the superuser.
    pub(crate) fn config(&self) -> Config {
        let mut config = Config::new();
        config.host("127.0.0.1").port(self.port).user(&self.user).password(&self.password);
        config.dbname("postgres").connect_timeout(Duration::from_secs(10));
        config
    }

    /// A connection as the superuser.
    pub(crate) async fn client(&self) -> Client {
        self.connect(&self.config()).await
    }

    /// A connection as somebody else, or elsewhere.
    pub(crate) async fn connect(&self, config: &Config) -> Client {
        let (client, connection) = config.connect(NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    fn wait_until_ready(&self) {
        let socket = self.folder.path().join(format!(".s.PGSQL.{}", self.port));
        let deadline = Instant::now() + Duration::from_secs(60);
        while !(socket.exists() && self.log().contains("ready to accept connections")) {
            assert!(Instant::now() < deadline, "the server does not start:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).unwrap());
        let _ = kill(pid, Signal::SIGQUIT);
        let _ = self.process.wait();
    }
}

fn initialize(installation: &Installation, folder: &Path, password: &str) {
    own(folder);
    let secret = folder.join("password");
    fs::write(&secret, password).unwrap();
    own(&secret);
    let mut command = as_unprivileged(&installation.bindir.join("initdb"));
    command.arg("-D").arg(folder.join("data")).arg("--pwfile").arg(&secret);
    command.args(["-U", "app", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"]);
    let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::remove_file(secret).unwrap();
}

/// PostgreSQL refuses to run as root.
fn unprivileged() -> Option<User> {
    let by_name = |name| User::from_name(name).ok().flatten();
    geteuid().is_root().then(|| by_name("postgres").or_else(|| by_name("nobody")).unwrap())
}

fn own(path: &Path) {
    if let Some(user) = unprivileged() {
        nix::unistd::chown(path, Some(user.uid), Some(user.gid)).unwrap();
    }
}

fn as_unprivileged(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin").current_dir("/");
    command.stdin(Stdio::null());
    if let Some(user) = unprivileged() {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    // SAFETY: `prctl` is async-signal-safe. It comes after the change of the user, which would clear the signal.
    unsafe {
        command.pre_exec(|| Ok(nix::sys::prctl::set_pdeathsig(Signal::SIGQUIT)?));
    }
    command
}

fn random() -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).unwrap();
    format!("{:032x}", u128::from_be_bytes(bytes))
}
