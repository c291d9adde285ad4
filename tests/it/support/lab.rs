//! `pgcutover lab up` as a process of its own.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Deserializer, StreamDeserializer, Value};

use super::servers;

type Documents = StreamDeserializer<'static, serde_json::de::IoRead<BufReader<ChildStdout>>, Value>;

/// The binary with nothing of the caller's environment but where programs and PostgreSQL are; `home` is its home.
pub(crate) fn pgcutover(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pgcutover"));
    command.current_dir(home).env_clear().env("HOME", home).stdin(Stdio::null());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).envs(servers());
    command
}

/// Sends a signal to a child that has not been waited for.
fn signal(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
}

/// A world that somebody else keeps running. It is told to end when this is dropped.
pub(crate) struct LabUp {
    process: Child,
    documents: Documents,
    /// How to find it.
    pub(crate) way_in: Value,
}

impl LabUp {
    /// Starts the world of `chronicle` in a scenario and waits until it stands.
    pub(crate) fn start(home: &Path, scenario: &str) -> Self {
        let stderr = std::fs::File::create(home.join("lab.stderr")).unwrap();
        let mut process = pgcutover(home)
            .args(["lab", "up", "chronicle", "--scenario", scenario, "-o", "json"])
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let mut documents = Deserializer::from_reader(stdout).into_iter();
        let way_in = documents.next().expect("the lab does not start").unwrap();
        Self { process, documents, way_in }
    }

    /// The kubeconfig of somebody who may do everything.
    pub(crate) fn kubeconfig(&self) -> &str {
        self.way_in["kubeconfig"].as_str().unwrap()
    }

    /// Where its claims, logs and ledgers are.
    pub(crate) fn folder(&self) -> PathBuf {
        self.way_in["folder"].as_str().unwrap().into()
    }

    /// Tells it to end, and waits until it has: what became of the acknowledged writes, and its exit code.
    pub(crate) fn end(mut self) -> (Value, i32) {
        signal(&self.process, Signal::SIGTERM);
        let last = self.documents.next().expect("the lab says nothing at its end").unwrap();
        (last["audit"].clone(), self.process.wait().unwrap().code().unwrap())
    }
}

impl Drop for LabUp {
    fn drop(&mut self) {
        // Fails once it was waited for.
        if matches!(self.process.try_wait(), Ok(None)) {
            signal(&self.process, Signal::SIGTERM);
            let _ = self.process.wait();
        }
    }
}
