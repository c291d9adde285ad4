//! Blue's database in a rehearsal world, for the client programs of its own installation.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pgcutover::lab::{Installations, Search};

/// Where blue listens for those on the same machine, and how its clients are called.
pub(crate) struct Blue {
    bindir: PathBuf,
    socket: PathBuf,
}

impl Blue {
    /// Blue in the world of this folder, where green has not been deployed.
    pub(crate) fn of(world: &Path) -> Self {
        let found = Installations::locate(&Search::from_env(Vec::new()), &|_| ()).unwrap();
        let pods = fs::read_dir(world.join("pods")).unwrap();
        let mut folders = pods.filter_map(|pod| Some(pod.ok()?.path().join("run")));
        let socket = folders.find(|folder| folder.join(".s.PGSQL.5432").exists()).unwrap();
        Self { bindir: found.blue.bindir, socket }
    }

    /// Runs a client program as the application's user, and gives what it says.
    pub(crate) fn run(&self, program: &str, args: &[&str]) -> String {
        let mut command = Command::new(self.bindir.join(program));
        command.args(["-U", "chronicle_user", "-h"]).arg(&self.socket);
        let output = command.args(args).arg("chronicle_db").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}
