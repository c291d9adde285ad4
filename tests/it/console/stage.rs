//! Somebody at the console of a rehearsal, on a terminal.

use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Ground, Pty, installations, servers};

/// An event is waited for no longer than this.
const PATIENCE: Duration = Duration::from_secs(120);

/// A console on a living rehearsal. It is killed when this is dropped, and its world ends with it.
pub(super) struct Stage {
    pub(super) pty: Pty,
    pub(super) ground: Ground,
    home: TempDir,
}

impl Stage {
    /// Begins to rehearse `chronicle`, or tells why it cannot.
    pub(super) fn start() -> Option<Self> {
        installations()?;
        let (ground, home) = (Ground::new(), TempDir::new().unwrap());
        let cache = servers().map(|(name, value)| (name, value.into_string().unwrap()));
        let mut env = vec![("TMPDIR", ground.path().to_str().unwrap())];
        env.extend(cache.iter().map(|(name, value)| (*name, value.as_str())));
        let pty = Pty::start(&["rehearse", "chronicle"], home.path(), &env, (120, 36));
        Some(Self { pty, ground, home })
    }

    /// Every fact of the journal.
    fn facts(&self) -> Vec<Value> {
        let runs = self.home.path().join(".local/state/pgcutover/runs");
        let Ok(mut runs) = runs.read_dir() else { return Vec::new() };
        let Some(run) = runs.next() else { return Vec::new() };
        let text = std::fs::read_to_string(run.unwrap().path().join("journal.jsonl"));
        let text = text.unwrap_or_default();
        let whole = text.split_inclusive('\n').skip(1).filter(|line| line.ends_with('\n'));
        whole.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// How often a step came to this.
    pub(super) fn count(&self, kind: &str, step: &str) -> usize {
        self.facts().iter().filter(|fact| is(fact, kind, step)).count()
    }

    /// Waits until a step has come to this.
    #[track_caller]
    pub(super) fn until(&self, kind: &str, step: &str) {
        let until = Instant::now() + PATIENCE;
        while self.count(kind, step) == 0 {
            let late = Instant::now() > until;
            assert!(!late, "`{step}` was never `{kind}`; the screen is\n{}", self.pty.screen());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until a step asks, on the screen too.
    #[track_caller]
    pub(super) fn asks(&self, step: &str) {
        self.until("confirmation-asked", step);
        // the header has room for twelve letters of a name
        let name: String = step.chars().take(12).collect();
        self.pty.wait_until(step, |screen| {
            screen.lines().any(|line| line.contains("PRESS n") && line.contains(&name))
        });
    }

    /// Says that the run may begin, which its first step that changes something waits for.
    #[track_caller]
    pub(super) fn begins(&mut self) {
        self.asks("apply-green");
        assert_eq!(self.count("step-started", "apply-green"), 0);
        self.pty.press("n");
        self.pty.wait_for("[ Begin ]");
        self.pty.press_alone("y");
        self.until("confirmed", "apply-green");
    }

    /// Opens the dialog of a step that asks, and types what it wants.
    #[track_caller]
    pub(super) fn answers(&mut self, step: &str, wanted: &str) {
        self.asks(step);
        self.pty.press("n");
        self.pty.wait_for(&format!("Type  {wanted}"));
        self.types(wanted);
        self.until("confirmed", step);
    }

    /// Types a text and enter as a hand does.
    #[track_caller]
    pub(super) fn types(&mut self, text: &str) {
        self.pty.types(text);
        self.pty.wait_for("enter sends it");
        self.pty.press_alone("\r");
    }

    /// Waits until the console has ended, and gives its exit code.
    #[track_caller]
    pub(super) fn ends(&mut self) -> u32 {
        let code = self.pty.ends();
        self.pty.assert_given_back();
        self.ground.assert_left();
        code
    }
}

fn is(fact: &Value, kind: &str, step: &str) -> bool {
    fact["type"] == kind && fact["step"] == step
}
