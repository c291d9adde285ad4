//! How long `pgcutover plan chronicle` takes from its start to its end. The aim is under 50 ms.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 20;
const AIM: Duration = Duration::from_millis(50);

#[expect(clippy::print_stdout, reason = "a benchmark's result")]
fn main() {
    let mut times: Vec<Duration> = (0..ROUNDS).map(|_| once()).collect();
    times.sort();
    let (median, worst) = (times[ROUNDS / 2], times[ROUNDS - 1]);
    println!("plan chronicle: median {median:.1?}, worst {worst:.1?} of {ROUNDS}; aim {AIM:?}");
    assert!(median < AIM, "the aim is missed");
}

fn once() -> Duration {
    let began = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_pgcutover"))
        .args(["plan", "chronicle"])
        .stdout(Stdio::null())
        .status()
        .expect("the binary is built with the benchmark");
    assert!(status.success());
    began.elapsed()
}
