//! How long `pgcutover lab up chronicle` takes until the world stands: blue serves and holds its data, the application
//! writes. Beside it what cannot be saved: `initdb` alone, of the same server. The aim is under 5 s.

mod measure;
mod world;

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use measure::median;
use nix::unistd::{User, chown, geteuid};
use pgcutover::lab::{Installation, Installations, Search};
use world::World;

const ROUNDS: usize = 5;
const AIM: Duration = Duration::from_secs(5);

#[expect(clippy::print_stdout, reason = "a benchmark's result")]
fn main() {
    let blue = match Installations::locate(&Search::from_env(Vec::new()), &|_| ()) {
        Ok(found) => found.blue,
        Err(why) => return println!("SKIP: no PostgreSQL to measure with: {why}"),
    };
    let rounds = (0..ROUNDS).map(|_| (up(), initdb(&blue)));
    let (ups, alone): (Vec<_>, Vec<_>) = rounds.unzip();
    let (up, worst) = (median(&ups), ups.iter().max().copied().unwrap_or_default());
    println!("lab up: median {up:.2?}, worst {worst:.2?} of {ROUNDS}; aim {AIM:?}");
    println!("initdb: median {:.2?}", median(&alone));
    assert!(up < AIM, "the aim is missed");
}

fn up() -> Duration {
    let began = Instant::now();
    let world = World::start();
    let took = began.elapsed();
    assert!(Path::new(world.says("kubeconfig")).is_file());
    took
}

/// As the lab calls it: without waiting for the disk, and as somebody else where this is root.
fn initdb(installation: &Installation) -> Duration {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(installation.bindir.join("initdb"));
    command.args(["--no-sync", "--encoding=UTF8", "--auth=trust", "-U", "app", "-D"]);
    command.arg(folder.path().join("data")).stdout(Stdio::null()).current_dir("/");
    if geteuid().is_root() {
        let user = User::from_name("nobody").ok().flatten().expect("the user nobody");
        chown(folder.path(), Some(user.uid), Some(user.gid)).expect("root may");
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    let began = Instant::now();
    assert!(command.status().expect("initdb is there").success());
    began.elapsed()
}
