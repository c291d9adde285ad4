//! Runs the binary in a folder of its own and compares stdout, stderr and status exactly.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Stdio};

use etcetera::BaseStrategy as _;
use tempfile::TempDir;

use super::Running;

/// A kubeconfig for an API server that is not there: nothing listens on port 1.
pub(crate) const NOWHERE: &str = "\
apiVersion: v1
kind: Config
current-context: nowhere
clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]
users: [{name: u, user: {token: t}}]
contexts: [{name: nowhere, context: {cluster: c, user: u}}]
";

/// One call of the binary, with what is expected of it. Nothing is expected on stdout and stderr, and status 0, unless said.
pub(crate) struct Binary {
    home: TempDir,
    command: Command,
    stdout: Option<String>,
    stderr: Option<String>,
    status: i32,
}

/// What came of it, with the test's own folder written as `$HOME`.
#[derive(Debug)]
pub(crate) struct Output {
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
    /// The exit code; -1 when a signal ended it.
    pub(crate) status: i32,
    /// Lives as long as the answer.
    _home: TempDir,
}

impl Binary {
    /// A call with these arguments, with a home folder that nobody else uses and without the caller's environment.
    pub(crate) fn new<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Self {
        let home = TempDir::new().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_pgcutover"));
        command
            .args(args)
            .current_dir(home.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            .stdin(Stdio::null());
        Self { home, command, stdout: Some(String::new()), stderr: Some(String::new()), status: 0 }
    }

    /// Adds a variable to the environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Lets it find the servers that were fetched for this machine's user, which a home of its own would hide.
    pub(crate) fn with_servers(mut self) -> Self {
        self.command.envs(servers());
        self
    }

    /// Puts a file into the folder that the binary runs in.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        let path = self.home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Puts a shipped profile and its files into a folder beside it, as `init` writes them.
    pub(crate) fn shipped(self, profile: &str) -> Self {
        let folder = self.home.path().join(profile);
        let args = ["init", profile, folder.to_str().unwrap()];
        Self::new(args).any_stdout().run();
        self
    }

    /// Gives it a disk of its own for what it keeps, of a size such as `64k`, which goes with it. The journal is copied out
    /// first. That takes a mount namespace, which not every machine grants.
    pub(crate) fn on_a_disk_of(mut self, size: &str, kept: &Path) -> Self {
        let script = "mount -t tmpfs -o size=$0 tmpfs /mnt || exit 99; kept=$1; shift; \
                      \"$@\"; code=$?; cat /mnt/runs/*/journal.jsonl > \"$kept\"; exit $code";
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c", script, size]).arg(kept);
        command.arg(self.command.get_program()).args(self.command.get_args());
        command.current_dir(self.home.path()).env_clear().stdin(Stdio::null());
        for (name, value) in self.command.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        command.env("PGCUTOVER_STATE_DIR", "/mnt");
        self.command = command;
        self
    }

    /// What stdout must be.
    pub(crate) fn stdout(mut self, text: impl Into<String>) -> Self {
        self.stdout = Some(text.into());
        self
    }

    /// What stderr must be.
    pub(crate) fn stderr(mut self, text: impl Into<String>) -> Self {
        self.stderr = Some(text.into());
        self
    }

    /// Leaves stdout to the test.
    pub(crate) fn any_stdout(mut self) -> Self {
        self.stdout = None;
        self
    }

    /// Leaves stderr to the test.
    pub(crate) fn any_stderr(mut self) -> Self {
        self.stderr = None;
        self
    }

    /// The exit code that must come back.
    pub(crate) fn status(mut self, status: i32) -> Self {
        self.status = status;
        self
    }

    /// Starts it, for a test that looks while it runs. What is expected of the end is not looked at.
    pub(crate) fn start(self) -> Running {
        Running::start(self.command, self.home)
    }

    /// Runs it, and fails the test where anything differs from what was said.
    #[track_caller]
    pub(crate) fn run(mut self) -> Output {
        let got = self.command.output().unwrap();
        let home = self.home.path().to_str().unwrap().to_owned();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(&home, "$HOME");
        let output = Output {
            stdout: text(got.stdout),
            stderr: text(got.stderr),
            status: got.status.code().unwrap_or(-1),
            _home: self.home,
        };
        if let Some(stderr) = self.stderr {
            assert_eq!(output.stderr, stderr, "stderr (stdout was: {})", output.stdout);
        }
        if let Some(stdout) = self.stdout {
            assert_eq!(output.stdout, stdout, "stdout");
        }
        assert_eq!(output.status, self.status, "status; stderr: {}", output.stderr);
        output
    }
}

/// The variable that names the cache of this machine's user, where that is not found without a home.
pub(crate) fn servers() -> Option<(&'static str, OsString)> {
    const NAME: &str = "PGCUTOVER_CACHE_DIR";
    if let Some(folder) = std::env::var_os(NAME) {
        return Some((NAME, folder));
    }
    if nix::unistd::geteuid().is_root() {
        return None;
    }
    let base = etcetera::choose_base_strategy().ok()?;
    Some((NAME, base.cache_dir().join("pgcutover").into_os_string()))
}
