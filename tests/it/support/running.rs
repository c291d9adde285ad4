//! The binary while it runs: its lines as they come, signals, and its end.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
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
    stdout: String,
    stderr: Option<JoinHandle<String>>,
    _home: TempDir,
}

impl Running {
    pub(super) fn start(mut command: Command, home: TempDir) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (told, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).try_for_each(|line| told.send(line))
        });
        let mut pipe = child.stderr.take().unwrap();
        let stderr = std::thread::spawn(move || {
            let mut text = String::new();
            let _ = pipe.read_to_string(&mut text);
            text
        });
        Self { child, lines, stdout: String::new(), stderr: Some(stderr), _home: home }
    }

    /// Waits for a line of its standard output that holds a text, and gives it.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let until = Instant::now() + PATIENCE;
        while let Ok(line) =
            self.lines.recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            self.stdout += &line;
            self.stdout.push('\n');
            if line.contains(text) {
                return line;
            }
        }
        let _ = self.child.kill();
        let stderr = self.stderr();
        panic!("`{text}` was not told:\n{}\n{stderr}", self.stdout);
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal).unwrap();
    }

    /// Waits until it has ended: its exit code (-1 for a signal), stdout and stderr.
    #[track_caller]
    pub(crate) fn ends(mut self) -> (i32, String, String) {
        let until = Instant::now() + PATIENCE;
        let status = loop {
            self.stdout.extend(self.lines.try_iter().map(|line| line + "\n"));
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < until, "it did not end:\n{}", self.stdout);
            std::thread::sleep(Duration::from_millis(20));
        };
        let stderr = self.stderr();
        self.stdout.extend(self.lines.iter().map(|line| line + "\n"));
        (status.code().unwrap_or(-1), std::mem::take(&mut self.stdout), stderr)
    }

    fn stderr(&mut self) -> String {
        self.stderr.take().map(|thread| thread.join().unwrap()).unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
