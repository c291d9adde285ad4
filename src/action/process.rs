//! A program that is run, heard, and ended with all that it started.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::model::{CallOutcome, CallTarget, Failure, FailureKind};

use super::act::{Act, cancelled, refused};

/// How many lines of output are kept, and how long each may be.
const KEPT: usize = 200;
const LONGEST: usize = 2_000;

/// Output that comes fast is told this often.
const BETWEEN: Duration = Duration::from_millis(250);

/// How long a program may take to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(5);

/// How long output is awaited after a program has ended: something that it left behind may hold its pipes.
const DRAIN: Duration = Duration::from_secs(1);

/// What is run.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) argv: Vec<String>,
    pub(super) cwd: Option<PathBuf>,
    pub(super) env: BTreeMap<String, String>,
}

/// How it ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// The last lines of both outputs, in the order in which they came.
    pub(super) lines: Vec<String>,
    pub(super) took: Duration,
}

/// Runs a program in a process group of its own, without a shell and without input. Its output is progress. A step that is
/// cancelled ends the whole group, and so does a future that is dropped.
pub(super) async fn run(act: Act<'_>, program: &Program) -> Result<Ended, Failure> {
    let name = program.argv.first().cloned().unwrap_or_default();
    let started = Instant::now();
    let call = act.world.calls().program(CallTarget::Host, act.step.id.as_str(), &program.argv);
    let mut child = match spawn(program) {
        Ok(child) => child,
        Err(error) => {
            call.fail(None, error.to_string());
            let failure = refused(FailureKind::Refused, format!("`{name}` cannot be started"));
            return Err(failure.because(error.to_string()));
        }
    };
    let group = Group::of(&child);
    let (mut output, _readers) = listen(&mut child);
    let mut kept = Kept::default();
    let status = loop {
        tokio::select! {
            biased;
            () = act.context.cancel.cancelled() => {
                group.end(&mut child).await;
                let failure = cancelled(&format!("`{name}` to end"));
                return Err(kept.into_lines().into_iter().rev().take(5).rev().fold(failure, Failure::because));
            }
            Some(line) = output.recv() => kept.take(act, line),
            status = child.wait() => break status,
        }
    };
    let rest = async {
        while let Some(line) = output.recv().await {
            kept.take(act, line);
        }
    };
    let _ = tokio::time::timeout(DRAIN, rest).await;
    let status = status.map_err(|error| {
        Failure::new(FailureKind::Other, format!("`{name}` cannot be waited for"))
            .because(error.to_string())
    })?;
    match status.code() {
        Some(code) => call.end(CallOutcome::Exited(code)),
        None => call.fail(None, describe(status)),
    }
    Ok(Ended { status, lines: kept.into_lines(), took: started.elapsed() })
}

fn spawn(program: &Program) -> std::io::Result<Child> {
    let (first, rest) = program.argv.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
    let mut command = Command::new(first);
    command.args(rest).envs(&program.env);
    if let Some(cwd) = &program.cwd {
        command.current_dir(cwd);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}

fn listen(child: &mut Child) -> (mpsc::UnboundedReceiver<String>, JoinSet<()>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut readers = JoinSet::new();
    if let Some(out) = child.stdout.take() {
        readers.spawn(read(out, sender.clone()));
    }
    if let Some(err) = child.stderr.take() {
        readers.spawn(read(err, sender));
    }
    (receiver, readers)
}

async fn read(stream: impl AsyncRead + Unpin, lines: mpsc::UnboundedSender<String>) {
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while stream.read_until(b'\n', &mut line).await.is_ok_and(|read| read > 0) {
        line.truncate(LONGEST);
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        if !text.is_empty() && lines.send(text).is_err() {
            return;
        }
        line.clear();
    }
}

#[derive(Debug, Default)]
struct Kept {
    lines: VecDeque<String>,
    told: Option<Instant>,
}

impl Kept {
    fn take(&mut self, act: Act<'_>, line: String) {
        if self.told.is_none_or(|told| told.elapsed() >= BETWEEN) {
            self.told = Some(Instant::now());
            act.tell(line.clone());
        }
        if self.lines.len() == KEPT {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    fn into_lines(self) -> Vec<String> {
        self.lines.into()
    }
}

/// The process group of a child; what is left of it is killed when this is dropped.
#[derive(Debug)]
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw))
    }

    fn send(&self, signal: Signal) {
        if let Some(group) = self.0 {
            let _ = killpg(group, signal);
        }
    }

    async fn end(&self, child: &mut Child) {
        self.send(Signal::SIGTERM);
        if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
            self.send(Signal::SIGKILL);
            let _ = child.wait().await;
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.send(Signal::SIGKILL);
    }
}

/// How a status reads: `exit code 1`, `signal 9`.
pub(super) fn describe(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "an unknown status".to_owned(),
    }
}
