//! Runs the binary in a folder of its own and compares stdout, stderr and status exactly.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use tempfile::TempDir;

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

    /// Puts a file into the folder that the binary runs in.
    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        let path = self.home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
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
