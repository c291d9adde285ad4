//! A rehearsal world in a process of its own, as `pgcutover lab up` starts it.

use std::ops::Deref;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

/// A world's process; the world ends with the value.
pub(crate) struct World {
    process: Child,
    told: Value,
}

impl World {
    /// Starts the world of chronicle, and waits until it stands.
    pub(crate) fn start() -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_pgcutover"))
            .args(["lab", "up", "chronicle", "-o", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary is built with the benchmark");
        let told = process.stdout.as_mut().expect("stdout is piped");
        let told = serde_json::Deserializer::from_reader(told).into_iter::<Value>().next();
        let Some(Ok(told)) = told else { panic!("the world does not stand: {told:?}") };
        Self { process, told }
    }

    /// What it says of itself.
    pub(crate) fn says(&self, key: &str) -> &str {
        self.told[key].as_str().expect("the world says so")
    }
}

impl Deref for World {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.process
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let pid = i32::try_from(self.process.id()).expect("a pid is an i32");
        let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        let _ = self.process.wait();
    }
}
