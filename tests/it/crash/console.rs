//! A console that is driven by a script, and stands still whenever a fact is on the disk.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use pgcutover::model::{Event, EventKind, StepId, Verdict};

use crate::support::pgcutover;

/// No single life takes longer, by far.
const PATIENCE: Duration = Duration::from_secs(120);

/// A run with all its consoles, one after the other.
pub(super) struct Run {
    home: PathBuf,
    kubeconfig: String,
    scenario: &'static str,
    journal: Option<File>,
    /// How much of the journal was read.
    offset: u64,
    /// The durable events so far.
    pub(super) events: Vec<Event>,
}

impl Run {
    /// A run that is about to begin. `decisions` are what its script says besides the shipped one's answers.
    pub(super) fn new(
        home: &Path,
        kubeconfig: &str,
        scenario: &'static str,
        decisions: &str,
    ) -> Self {
        let answers = include_str!("../../../assets/lab/chronicle.script.toml");
        std::fs::write(home.join("script.toml"), format!("{answers}\n{decisions}")).unwrap();
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/crash/preload/pause.rs");
        let mut compiler = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()));
        compiler.args(["--edition=2024", "--crate-type=cdylib", "-Copt-level=1", source, "-o"]);
        assert!(compiler.arg(home.join("pause.so")).status().unwrap().success());
        Self {
            home: home.to_owned(),
            kubeconfig: kubeconfig.to_owned(),
            scenario,
            journal: None,
            offset: 0,
            events: Vec::new(),
        }
    }

    /// A console that begins the run, or takes it up again.
    fn console(&self) -> Pid {
        let mut command = pgcutover(&self.home);
        if self.events.is_empty() {
            command.args(["run", "chronicle", "--scenario", self.scenario]);
        } else {
            command.arg("resume");
        }
        let open = |name| File::options().create(true).append(true).open(self.home.join(name));
        command
            .args(["--headless", "--script", "script.toml", "--kubeconfig", &self.kubeconfig])
            .env("LD_PRELOAD", self.home.join("pause.so"))
            .stdout(open("console.stdout").unwrap())
            .stderr(open("console.stderr").unwrap());
        Pid::from_raw(command.spawn().unwrap().id().try_into().unwrap())
    }

    /// Lets a console live until `due` says of the facts so far after which time to kill it.
    pub(super) fn live(&mut self, mut due: impl FnMut(&[Event]) -> Option<Duration>) {
        let console = self.console();
        let begun = Instant::now();
        loop {
            match waitpid(console, Some(WaitPidFlag::WUNTRACED | WaitPidFlag::WNOHANG)).unwrap() {
                WaitStatus::StillAlive if begun.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_micros(200));
                }
                WaitStatus::Stopped(..) => {
                    let known = self.events.len();
                    self.read();
                    if let Some(after) =
                        (known..self.events.len()).find_map(|at| due(&self.events[..=at]))
                    {
                        return self.kill(console, after);
                    }
                    kill(console, Signal::SIGCONT).unwrap();
                }
                other => {
                    // Fails when it has ended.
                    let _ = kill(console, Signal::SIGKILL);
                    panic!("{other:?} after {:?}\n{}", self.events.last(), self.complaints());
                }
            }
        }
    }

    fn kill(&mut self, console: Pid, after: Duration) {
        if after > Duration::ZERO {
            kill(console, Signal::SIGCONT).unwrap();
            std::thread::sleep(after);
        }
        kill(console, Signal::SIGKILL).unwrap();
        while !matches!(waitpid(console, None).unwrap(), WaitStatus::Signaled(..)) {}
        self.read();
    }

    /// Reads what the journal has become longer by, whole lines only: what a killed console wrote of one, the next cuts off.
    fn read(&mut self) {
        if self.journal.is_none() {
            self.journal = self.find();
        }
        let Some(journal) = &self.journal else { return };
        let new = journal.metadata().unwrap().len().saturating_sub(self.offset);
        let mut bytes = vec![0; usize::try_from(new).unwrap()];
        journal.read_exact_at(&mut bytes, self.offset).unwrap();
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let text = std::str::from_utf8(&bytes[..whole]).unwrap();
        // The first line is the header.
        for line in text.lines().skip(usize::from(self.offset == 0)) {
            let event: Event = serde_json::from_str(line).unwrap();
            if event.kind.is_durable() {
                self.events.push(event);
            }
        }
        self.offset += whole as u64;
    }

    fn find(&self) -> Option<File> {
        let runs = self.home.join(".local/state/pgcutover/runs");
        let run = runs.read_dir().ok()?.find_map(Result::ok)?;
        File::open(run.path().join("journal.jsonl")).ok()
    }

    /// The verdict, once the run has ended.
    pub(super) fn verdict(&self) -> Option<&Verdict> {
        match &self.events.last()?.kind {
            EventKind::RunFinished { verdict } => Some(verdict),
            _ => None,
        }
    }

    /// What the consoles said, for a test that fails.
    fn complaints(&self) -> String {
        std::fs::read_to_string(self.home.join("console.stderr")).unwrap_or_default()
    }

    /// How often each step came to an end that it stays with.
    pub(super) fn ends_of(&self, step: &StepId) -> usize {
        let ends = self.events.iter().filter(|event| match &event.kind {
            EventKind::StepFinished { step: of, .. } | EventKind::StepSkipped { step: of, .. } => {
                of == step
            }
            _ => false,
        });
        ends.count()
    }
}
