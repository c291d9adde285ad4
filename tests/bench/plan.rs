//! How long `pgcutover plan chronicle` takes from its start to its end, beside a program that only starts. The aim is under 50 ms.

mod measure;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use measure::median;

const ROUNDS: usize = 20;
const AIM: Duration = Duration::from_millis(50);

#[expect(clippy::print_stdout, reason = "a benchmark's result")]
fn main() {
    let rounds = (0..ROUNDS).map(|_| (once(&["plan", "chronicle"]), once(&["--version"])));
    let (plans, starts): (Vec<_>, Vec<_>) = rounds.unzip();
    let (plan, worst) = (median(&plans), plans.iter().max().copied().unwrap_or_default());
    println!("plan chronicle: median {plan:.1?}, worst {worst:.1?} of {ROUNDS}; aim {AIM:?}");
    println!("--version:      median {:.1?}", median(&starts));
    assert!(plan < AIM, "the aim is missed");
}

fn once(args: &[&str]) -> Duration {
    let began = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_pgcutover"))
        .args(args)
        .stdout(Stdio::null())
        .status()
        .expect("the binary is built with the benchmark");
    assert!(status.success());
    began.elapsed()
}
