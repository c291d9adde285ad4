//! What blue loses of its throughput while the console watches it: `pgbench` in the database that is watched, in slices
//! with the console at work and stopped (`SIGSTOP`) in turn. The aim is under 1 %. Blue and `pgbench` have one processor
//! for themselves and all else has the others, as on a cluster, where the console runs elsewhere: so the loss is what the
//! console asks of blue. Beside it stands the processor's time of the console's sessions on blue, which noise does not
//! touch.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

mod blue;
mod family;
mod terminal;
mod world;

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use blue::Blue;
use family::{family, parent};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use terminal::Terminal;
use world::World;

const PROGRAM: &str = env!("CARGO_BIN_EXE_pgcutover");
const ROUNDS: usize = 30;
const SECONDS: &str = "3";
const SETTLED: Duration = Duration::from_secs(1);
const AIM: f64 = 1.0;
const SESSIONS: &str =
    "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'pgcutover%' ORDER BY pid";

#[expect(clippy::print_stdout, reason = "a benchmark's result")]
fn main() {
    if !cfg!(target_os = "linux") {
        return println!("SKIP: processes are looked at in /proc");
    }
    let (world, state) = (World::start(), tempfile::tempdir().unwrap());
    let args = ["monitor", "chronicle", "--kubeconfig", world.says("kubeconfig")];
    let blue = Blue::of(Path::new(world.says("folder")));
    blue.run("pgbench", &["-i", "-q", "-s", "5"]);
    let mut console = Terminal::start(PROGRAM, &args, state.path());
    console.until("reading of blue", |screen| screen.contains("pgbench_accounts"));
    let apart = keep_apart(&world, &console, &blue);

    let (mut losses, mut shares) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Who goes first alternates, so that what changes slowly changes both.
        let (mut with, mut without) = (0.0, 0.0);
        for watched in [round % 2 == 0, round % 2 != 0] {
            let signal = if watched { Signal::SIGCONT } else { Signal::SIGSTOP };
            kill(Pid::from_raw(console.pid()), signal).unwrap();
            sleep(SETTLED);
            if watched {
                let (before, since) = (on_sessions(&blue), Instant::now());
                with = tps(&blue);
                let spent = on_sessions(&blue).saturating_sub(before);
                shares.push(spent.as_secs_f64() / since.elapsed().as_secs_f64() * 100.0);
            } else {
                without = tps(&blue);
            }
        }
        losses.push((1.0 - with / without) * 100.0);
    }
    kill(Pid::from_raw(console.pid()), Signal::SIGCONT).unwrap();
    console.press("q");

    let (quarter, half) = (ROUNDS / 4, ROUNDS / 2);
    losses.sort_by(f64::total_cmp);
    shares.sort_by(f64::total_cmp);
    println!(
        "loss of throughput on blue: median {:.2} % of {ROUNDS} pairs, the middle half from {:.2} to {:.2} %; aim {AIM} %",
        losses[half],
        losses[quarter],
        losses[ROUNDS - 1 - quarter]
    );
    println!(
        "the console's sessions:     median {:.2} % of one processor, at most {:.2} %{}",
        shares[half],
        shares[ROUNDS - 1],
        if apart { "" } else { "; blue shares its processor with the console here" }
    );
    assert!(shares[half] < AIM, "the aim is missed");
}

/// Gives blue, and `pgbench`, the last processor and all else the others; whether that could be done.
fn keep_apart(world: &World, console: &Terminal, blue: &Blue) -> bool {
    let processors = std::thread::available_parallelism().unwrap().get();
    let Some(others) = processors.checked_sub(1).filter(|others| *others > 0) else {
        return false;
    };
    let postmaster = parent(sessions(blue)[0]).unwrap();
    let blue = family(postmaster);
    let world = family(i32::try_from(world.id()).unwrap());
    let all_else: Vec<i32> = world.into_iter().chain(family(console.pid())).collect();
    // What this process starts, as `pgbench`, runs where it runs itself.
    let own = i32::try_from(std::process::id()).unwrap();
    let to_others: Vec<i32> = all_else.into_iter().filter(|pid| !blue.contains(pid)).collect();
    let to_blue: Vec<i32> = blue.into_iter().chain([own]).collect();
    pin(&to_blue, others..processors) && pin(&to_others, 0..others)
}

/// Lets processes, with all their threads, run on these processors only; whether all of them could be told.
fn pin(pids: &[i32], processors: Range<usize>) -> bool {
    let mut set = CpuSet::new();
    for processor in processors {
        set.set(processor).unwrap();
    }
    pids.iter().all(|pid| {
        let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        let mut ids = threads.filter_map(|thread| thread.file_name().to_str()?.parse().ok());
        ids.all(|id| sched_setaffinity(Pid::from_raw(id), &set).is_ok())
    })
}

/// The processes on blue that serve the console.
fn sessions(blue: &Blue) -> Vec<i32> {
    let told = blue.run("psql", &["-XAtc", SESSIONS]);
    told.lines().map(|pid| pid.parse().unwrap()).collect()
}

/// The processor's time that the console's sessions on blue have used.
fn on_sessions(blue: &Blue) -> Duration {
    sessions(blue).into_iter().map(ran).sum()
}

/// The processor's time that a process of one thread has used, as the scheduler counts it.
fn ran(pid: i32) -> Duration {
    let told = fs::read_to_string(format!("/proc/{pid}/schedstat")).unwrap_or_default();
    let on_cpu = told.split_whitespace().next().and_then(|number| number.parse().ok());
    Duration::from_nanos(on_cpu.unwrap_or(0))
}

fn tps(blue: &Blue) -> f64 {
    let told = blue.run("pgbench", &["-n", "-c", "2", "-j", "1", "-T", SECONDS]);
    let line = told.lines().find_map(|line| line.strip_prefix("tps = ")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}
