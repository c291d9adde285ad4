//! What blue loses of its throughput while the console watches it: `pgbench` in the database that is watched, in rounds
//! with a console and without one in turn. The aim is under 1 %; a machine that does other things as well shows more of
//! them than of the console, so the figure is told with its spread and nothing fails.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

mod blue;
mod terminal;
mod world;

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use blue::Blue;
use terminal::Terminal;
use world::World;

const PROGRAM: &str = env!("CARGO_BIN_EXE_pgcutover");
const ROUNDS: usize = 9;
const SECONDS: &str = "5";
const SETTLED: Duration = Duration::from_secs(2);

#[expect(clippy::print_stdout, reason = "a benchmark's result")]
fn main() {
    if !cfg!(target_os = "linux") {
        return println!("SKIP: processes are looked at in /proc");
    }
    let (world, state) = (World::start(), tempfile::tempdir().unwrap());
    let args = ["monitor", "chronicle", "--kubeconfig", world.says("kubeconfig")];
    let blue = Blue::of(Path::new(world.says("folder")));
    blue.run("pgbench", &["-i", "-q", "-s", "5"]);
    let mut rounds: Vec<(f64, f64)> = Vec::new();
    for round in 0..ROUNDS {
        let watched = || {
            let mut console = Terminal::start(PROGRAM, &args, state.path());
            console.until("reading of blue", |screen| {
                screen.contains("pgbench_accounts") || screen.contains("15.")
            });
            sleep(SETTLED);
            let tps = tps(&blue);
            assert!(Path::new(&format!("/proc/{}", console.pid())).exists(), "it still watches");
            console.press("q");
            tps
        };
        // Who goes first alternates, so that what changes slowly changes both.
        let (with, without) = if round % 2 == 0 {
            (watched(), tps(&blue))
        } else {
            let without = tps(&blue);
            (watched(), without)
        };
        rounds.push((with, without));
    }
    let mut losses: Vec<f64> = rounds.iter().map(|(with, without)| 1.0 - with / without).collect();
    losses.sort_by(f64::total_cmp);
    let median = losses[losses.len() / 2] * 100.0;
    let (least, most) = (losses[0] * 100.0, losses[losses.len() - 1] * 100.0);
    println!(
        "loss of throughput on blue: median {median:.1} % of {ROUNDS} pairs, from {least:.1} to {most:.1} %; aim 1 %"
    );
    println!("transactions a second, watched and not: {rounds:.0?}");
}

fn tps(blue: &Blue) -> f64 {
    let told = blue.run("pgbench", &["-n", "-c", "2", "-j", "1", "-T", SECONDS]);
    let line = told.lines().find_map(|line| line.strip_prefix("tps = ")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}
