//! What `pgcutover monitor chronicle --headless` keeps in memory while it watches a rehearsal world, and how much of a
//! processor it uses. The aim is under 30 MiB.

mod process;
mod world;

use std::process::{Command, Stdio};
use std::time::Duration;

use process::{kib, used};
use world::World;

const WATCHED: Duration = Duration::from_secs(15);
const AIM: u64 = 30 * 1024;

#[expect(clippy::print_stdout, reason = "a benchmark's result")]
fn main() {
    if !cfg!(target_os = "linux") {
        return println!("SKIP: memory is read from /proc");
    }
    let world = World::start();
    let mut monitor = Command::new(env!("CARGO_BIN_EXE_pgcutover"))
        .args(["monitor", "chronicle", "--headless", "--kubeconfig", world.says("kubeconfig")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary is built with the benchmark");
    std::thread::sleep(WATCHED);
    let pid = i32::try_from(monitor.id()).expect("a pid is an i32");
    let (most, now, own, used) =
        (kib(pid, "VmHWM:"), kib(pid, "VmRSS:"), kib(pid, "RssAnon:"), used(pid));
    let _ = monitor.kill();
    let _ = monitor.wait();
    println!(
        "monitor --headless: at most {most} KiB resident, {now} KiB after {WATCHED:?}; aim {AIM} KiB"
    );
    println!("of them its own:    {own} KiB; the others are pages of the program's file");
    println!("processor's time:   {used:.2?} in {WATCHED:?}");
    assert!(most > 0 && most < AIM, "the aim is missed");
}
