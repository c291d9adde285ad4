//! `pgcutover rehearse --headless` as a process, followed line by line.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Lines};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdout, Stdio};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

use super::{Ground, pgcutover};

/// A rehearsal that runs. Like a terminal's job it is a process group of its own; what is left of it is killed when this is dropped.
pub(crate) struct Rehearsal {
    /// Where its world lies.
    pub(crate) ground: Ground,
    home: TempDir,
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Rehearsal {
    /// Begins to rehearse `chronicle`.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let (ground, home) = (Ground::new(), TempDir::new().unwrap());
        let stderr = File::create(home.path().join("stderr")).unwrap();
        let mut process = pgcutover(home.path())
            .args(["rehearse", "chronicle", "--headless"])
            .args(arguments)
            .env("TMPDIR", ground.path())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .process_group(0)
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { ground, home, process, lines }
    }

    /// The next line, or none when there are no more.
    pub(crate) fn next(&mut self) -> Option<Value> {
        let line = self.lines.next()?.unwrap();
        Some(serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")))
    }

    /// Reads on until a step has come to this.
    pub(crate) fn until(&mut self, kind: &str, step: &str) {
        while let Some(line) = self.next() {
            if line["type"] == kind && line["step"] == step {
                return;
            }
        }
        panic!("it ended before `{step}` was `{kind}`: {}", self.complaints());
    }

    /// Presses ctrl-c, which reaches all of the process group.
    pub(crate) fn interrupt(&self) {
        killpg(self.pid(), Signal::SIGINT).unwrap();
    }

    /// `kill -9`, which reaches this process and no other.
    pub(crate) fn kill(&self) {
        kill(self.pid(), Signal::SIGKILL).unwrap();
    }

    /// Reads what is left, and waits: the lines and the exit code.
    pub(crate) fn end(&mut self) -> (Vec<Value>, Option<i32>) {
        let rest = std::iter::from_fn(|| self.next()).collect();
        (rest, self.process.wait().unwrap().code())
    }

    /// What it said to people.
    pub(crate) fn complaints(&self) -> String {
        std::fs::read_to_string(self.home.path().join("stderr")).unwrap_or_default()
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.process.id().try_into().unwrap())
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}
