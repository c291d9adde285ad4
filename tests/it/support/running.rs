//! The binary while it runs: its lines as they come, signals, and its end.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

/// A line is waited for no longer than this.
const PATIENCE: Duration = Duration::from_secs(120);

/// A process that was started and is killed when this is dropped.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    told: String,
    _home: TempDir,
}

impl Running {
    pub(super) fn start(mut command: Command, home: TempDir) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        tell(child.stderr.take().unwrap(), sender.clone());
        tell(child.stdout.take().unwrap(), sender);
        Self { child, lines, told: String::new(), _home: home }
    }

    /// Waits for a line on stdout or stderr that holds a text, and gives it.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let until = Instant::now() + PATIENCE;
        while let Ok(line) =
            self.lines.recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            self.told += &line;
            self.told.push('\n');
            if line.contains(text) {
                return line;
            }
        }
        panic!("`{text}` was not told:\n{}", self.told);
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    /// Waits until it has ended, and gives its exit code, -1 where a signal ended it.
    #[track_caller]
    pub(crate) fn ends(mut self) -> i32 {
        let until = Instant::now() + PATIENCE;
        loop {
            self.told.extend(self.lines.try_iter().map(|line| line + "\n"));
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(Instant::now() < until, "it did not end:\n{}", self.told);
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn tell(from: impl Read + Send + 'static, to: Sender<String>) {
    let mut lines = BufReader::new(from).lines().map_while(Result::ok);
    std::thread::spawn(move || lines.try_for_each(|line| to.send(line)));
}
