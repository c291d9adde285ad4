//! The console on a terminal of 200×50 while it watches a rehearsal world: when it first paints (aim: 100 ms after its
//! start), how long a key takes until it is painted while both databases and the API server hang (aim: 16 ms for 99 of
//! 100, beside what `cat` takes), how much of a processor it uses while nobody touches it (aim: 1 %), and what it keeps in memory with 10,000
//! tables (aim: 40 MiB).
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

mod blue;
mod family;
mod measure;
mod process;
mod terminal;
mod world;

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use blue::Blue;
use family::family;
use measure::median;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use process::{kib, used};
use terminal::Terminal;
use world::World;

const PROGRAM: &str = env!("CARGO_BIN_EXE_pgcutover");
const PAINT: Duration = Duration::from_millis(100);
const KEY: Duration = Duration::from_millis(16);
const MEMORY: u64 = 40 * 1024;
const IDLE: Duration = Duration::from_secs(20);

const TABLES: &str = "DO $$ BEGIN
    FOR n IN 1..10000 LOOP
        EXECUTE format('CREATE TABLE \"Analytics\".many_%s (id int)', n);
        IF n % 500 = 0 THEN COMMIT; END IF;
    END LOOP;
END $$";

#[expect(clippy::print_stdout, reason = "a benchmark's result")]
fn main() {
    if !cfg!(target_os = "linux") {
        return println!("SKIP: processes are looked at in /proc");
    }
    let (world, state) = (World::start(), tempfile::tempdir().unwrap());
    let args = ["monitor", "chronicle", "--kubeconfig", world.says("kubeconfig")];
    let start = || Terminal::start(PROGRAM, &args, state.path());
    let mut missed = Vec::new();
    let mut aim = |what: &'static str, holds: bool| missed.extend((!holds).then_some(what));

    let paints: Vec<Duration> = (0..10).map(|_| first_paint(start).0).collect();
    let starts: Vec<Duration> = (0..10).map(|_| version()).collect();
    println!(
        "first paint:  median {:.1?}, beside {:.1?} for --version; aim {PAINT:?}",
        median(&paints),
        median(&starts)
    );
    aim("first paint", median(&paints) < PAINT);

    let idle = start();
    sleep(Duration::from_secs(5));
    let before = used(idle.pid());
    sleep(IDLE);
    let share = (used(idle.pid()).saturating_sub(before)).as_secs_f64() / IDLE.as_secs_f64();
    println!("idle:         {:.2} % of a processor; aim 1 %", share * 100.0);
    aim("idle", share < 0.01);
    drop(idle);

    let mut console = start();
    sleep(Duration::from_secs(5));
    let all = family(i32::try_from(world.id()).unwrap());
    let stopped = Stopped::now(&all);
    let mut echo =
        Terminal::start("sh", &["-c", "stty raw -echo; echo on; exec cat"], state.path());
    let keys = press_keys(&mut console, &mut echo, 150);
    let (late, _) = first_paint(start);
    drop(stopped);
    let (painted, echoed): (Vec<_>, Vec<_>) = keys.into_iter().unzip();
    let (most, other) = (all_but_one_of_100(&painted), all_but_one_of_100(&echoed));
    println!(
        "key to paint: median {:.1?}, 99 of 100 within {most:.1?}, all hung; aim {KEY:?} more than cat",
        median(&painted)
    );
    println!("key to cat:   median {:.1?}, 99 of 100 within {other:.1?}", median(&echoed));
    println!("first paint:  {late:.1?}, all hung");
    aim("key to paint", most < KEY + other);
    drop(console);

    Blue::of(Path::new(world.says("folder"))).run("psql", &["-X", "-q", "-c", TABLES]);
    let many = start();
    sleep(Duration::from_secs(20));
    let (peak, own) = (kib(many.pid(), "VmHWM:"), kib(many.pid(), "RssAnon:"));
    println!(
        "10,000 tables: at most {peak} KiB resident, of them its own {own} KiB; aim {MEMORY} KiB"
    );
    aim("memory", peak > 0 && peak < MEMORY);
    assert_eq!(missed, Vec::<&str>::new(), "these aims are missed");
}

/// From the start of the program to the frame that has its header and its footer.
fn first_paint(start: impl Fn() -> Terminal) -> (Duration, Terminal) {
    let began = Instant::now();
    let console = start();
    let painted = console.until("first frame", |screen| {
        screen.contains("chronicle")
            && screen.lines().last().is_some_and(|line| line.contains("help"))
    });
    (painted - began, console)
}

fn version() -> Duration {
    let mut command = Command::new(PROGRAM);
    let began = Instant::now();
    assert!(command.arg("--version").stdout(Stdio::null()).status().unwrap().success());
    began.elapsed()
}

/// Opens and closes the help, at moments that have nothing to do with the console's own clock, and has `cat` answer a key
/// each time.
fn press_keys(console: &mut Terminal, cat: &mut Terminal, times: u64) -> Vec<(Duration, Duration)> {
    cat.until("cat", |screen| screen.contains("on"));
    let mut took = Vec::new();
    for time in 0..times {
        for (key, open) in [("?", true), ("\u{1b}", false)] {
            sleep(Duration::from_millis(60 + time * 37 % 83));
            let pressed = console.press(key);
            let painted =
                console.until(key, |screen| screen.contains("there `/` searches") == open);
            let typed = cat.press("x");
            let echoed = cat.until("x", |screen| screen.matches('x').count() == took.len() + 1);
            took.push((painted - pressed, echoed - typed));
        }
    }
    took
}

fn all_but_one_of_100(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort();
    sorted[sorted.len() * 99 / 100]
}

/// Processes that stand still, until it is dropped: a world that stands still could not be ended.
struct Stopped<'a>(&'a [i32]);

impl<'a> Stopped<'a> {
    fn now(all: &'a [i32]) -> Self {
        tell(all, Signal::SIGSTOP);
        Self(all)
    }
}

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        tell(self.0, Signal::SIGCONT);
    }
}

fn tell(all: &[i32], signal: Signal) {
    for pid in all {
        let _ = kill(Pid::from_raw(*pid), signal);
    }
}
