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

    /// Stops the world where it is: the API server, and every database with its sessions.
    #[cfg(target_os = "linux")]
    pub(crate) fn hang(&self) -> Hung {
        let mut hung = Hung(Vec::new());
        // What had been forked before its parent stopped is found in the next round.
        loop {
            let fresh: Vec<Pid> =
                family(&self.process).into_iter().filter(|pid| !hung.0.contains(pid)).collect();
            if fresh.is_empty() {
                return hung;
            }
            for pid in fresh {
                // One that has ended meanwhile needs no signal.
                let _ = kill(pid, Signal::SIGSTOP);
                hung.0.push(pid);
            }
        }
    }

    /// Tells it to end, and waits until it has: what became of the acknowledged writes, and its exit code.
    pub(crate) fn end(mut self) -> (Value, i32) {
        signal(&self.process, Signal::SIGTERM);
        let last = self.documents.next().expect("the lab says nothing at its end").unwrap();
        (last["audit"].clone(), self.process.wait().unwrap().code().unwrap())
    }
}

/// A world that hangs, until this is dropped.
#[cfg(target_os = "linux")]
pub(crate) struct Hung(Vec<Pid>);

#[cfg(target_os = "linux")]
impl Drop for Hung {
    fn drop(&mut self) {
        for pid in &self.0 {
            let _ = kill(*pid, Signal::SIGCONT);
        }
    }
}

/// A process and all that descend from it, but for the janitor, which must see that end.
#[cfg(target_os = "linux")]
fn family(first: &Child) -> Vec<Pid> {
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let folder = entry.ok()?.path();
        let pid: i32 = folder.file_name()?.to_str()?.parse().ok()?;
        let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
        let parent: i32 = stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()?;
        let command = std::fs::read_to_string(folder.join("cmdline")).ok()?;
        (!command.contains("lab-janitor")).then_some((pid, parent))
    });
    let processes: Vec<(i32, i32)> = processes.collect();
    let mut all = vec![first.id().try_into().unwrap()];
    let mut known = 0;
    while known < all.len() {
        let parent: i32 = all[known];
        all.extend(processes.iter().filter(|one| one.1 == parent).map(|one| one.0));
        known += 1;
    }
    all.into_iter().map(Pid::from_raw).collect()
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
