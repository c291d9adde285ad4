//! A console in a process of its own, without a screen, as somebody on some machine.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

/// What answers everything that chronicle asks.
const ANSWERS: &str = include_str!("../../../assets/lab/chronicle.script.toml");

/// Somebody with a state folder of their own.
pub(super) struct Person {
    user: &'static str,
    home: PathBuf,
    kubeconfig: PathBuf,
}

impl Person {
    pub(super) fn new(user: &'static str, folder: &Path, kubeconfig: &Path) -> Self {
        let home = folder.join(user);
        std::fs::create_dir_all(&home).unwrap();
        std::fs::write(home.join("answers.toml"), ANSWERS).unwrap();
        Self { user, home, kubeconfig: kubeconfig.to_owned() }
    }

    /// `user@host`
    pub(super) fn name(&self) -> String {
        let host = nix::unistd::gethostname().unwrap();
        format!("{}@{}", self.user, host.to_string_lossy())
    }

    /// Starts a console whose lease holds for 6 s.
    pub(super) fn starts(&self, args: &[&str]) -> Console {
        let mut process = Command::new(env!("CARGO_BIN_EXE_pgcutover"))
            .args(args)
            .args(["--headless", "--script", "answers.toml", "--lease-seconds", "6"])
            .arg("--kubeconfig")
            .arg(&self.kubeconfig)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.home)
            .env("USER", self.user)
            .current_dir(&self.home)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let errors = process.stderr.take().unwrap();
        Console { process, lines, errors, seen: Vec::new() }
    }
}

/// A console, and what it has told.
pub(super) struct Console {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    errors: ChildStderr,
    pub(super) seen: Vec<Value>,
}

/// How a console ended.
pub(super) struct Ended {
    pub(super) code: i32,
    pub(super) seen: Vec<Value>,
    pub(super) stderr: String,
}

impl Console {
    /// Waits for an event of a step.
    pub(super) async fn tells(&mut self, kind: &str, step: &str) {
        while let Some(line) = self.lines.next_line().await.unwrap() {
            let line: Value = serde_json::from_str(&line).unwrap();
            let found = line["type"] == kind && line["step"] == step;
            self.seen.push(line);
            if found {
                return;
            }
        }
        let mut said = String::new();
        self.errors.read_to_string(&mut said).await.unwrap();
        panic!(
            "`{kind}` of `{step}` was not told; the last line is {:?}\n{said}",
            self.seen.last()
        );
    }

    /// SIGKILL.
    pub(super) async fn dies(mut self) -> Vec<Value> {
        self.process.kill().await.unwrap();
        self.seen
    }

    /// Waits until it has ended.
    pub(super) async fn ends(mut self) -> Ended {
        while let Some(line) = self.lines.next_line().await.unwrap() {
            self.seen.push(serde_json::from_str(&line).unwrap());
        }
        let mut stderr = String::new();
        self.errors.read_to_string(&mut stderr).await.unwrap();
        let code = self.process.wait().await.unwrap().code().unwrap_or(-1);
        Ended { code, seen: self.seen, stderr }
    }
}

/// The events of a type.
pub(super) fn of_type<'a>(seen: &'a [Value], kind: &str) -> Vec<&'a Value> {
    seen.iter().filter(|line| line["type"] == kind).collect()
}
