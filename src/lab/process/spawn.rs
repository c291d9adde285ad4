use std::collections::BTreeMap;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::{Pid, getpid, getppid, setsid};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::ledger::Ledger;
use super::{Account, ProcessError};

/// Whom a child runs as when the lab is root; otherwise there is only one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum RunAs {
    /// The account that PostgreSQL accepts.
    #[default]
    Unprivileged,
    /// The lab's own account, for this very program, which others may not be able to read.
    Own,
}

/// A process to be started.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    /// A path, or a name that is looked up in the `PATH` of `env`.
    pub(crate) program: PathBuf,
    /// Arguments.
    pub(crate) args: Vec<String>,
    /// The whole environment; nothing of the lab's own is inherited.
    pub(crate) env: BTreeMap<String, String>,
    /// Working folder.
    pub(crate) folder: PathBuf,
    /// Whom to run as.
    pub(crate) run_as: RunAs,
    /// The signal that ends it at once and yet cleanly: `SIGQUIT` for PostgreSQL, `SIGKILL` for what holds nothing.
    pub(crate) last_signal: Signal,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// By itself, with this status.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

impl Exit {
    /// As a shell, and the kubelet, write it: 128 and the signal's number.
    #[must_use]
    pub(crate) fn code(self) -> i32 {
        match self {
            Self::Code(code) => code,
            Self::Signal(number) => 128 + number,
        }
    }

    fn of(status: ExitStatus) -> Self {
        status.code().map_or_else(|| Self::Signal(status.signal().unwrap_or(0)), Self::Code)
    }
}

/// A child that was started: the leader of a session and of a process group.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    pid: Pid,
}

impl Running {
    /// Its id, and its group's.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn pid(&self) -> Pid {
        self.pid
    }

    /// The pipe from its standard output, once.
    pub(crate) fn stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// The pipe from its standard error, once.
    pub(crate) fn stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// Signals the leader alone, as a container runtime does with a container's first process. Nothing happens when it has ended.
    pub(crate) fn signal(&self, signal: Signal) {
        if self.child.id().is_some() {
            let _ = kill(self.pid, signal);
        }
    }

    /// Ends the whole group at once, unless it has been waited for.
    pub(crate) fn end_group(&self) {
        if self.child.id().is_some() {
            let _ = killpg(self.pid, Signal::SIGKILL);
        }
    }

    /// Waits until the leader has ended, then ends what is left of its group, as the end of a container's first process does.
    ///
    /// # Errors
    /// When the system does not tell.
    pub(crate) async fn wait(&mut self) -> io::Result<Exit> {
        let status = self.child.wait().await?;
        // A group's id is not given to another process while the group has members.
        let _ = killpg(self.pid, Signal::SIGKILL);
        Ok(Exit::of(status))
    }
}

struct Request {
    spec: Spec,
    reply: oneshot::Sender<Result<Running, ProcessError>>,
}

/// The thread that starts all children. `PR_SET_PDEATHSIG` fires when the thread that forked ends, so this one ends with the lab.
#[derive(Debug, Clone)]
pub(super) struct Spawner {
    requests: mpsc::Sender<Request>,
}

impl Spawner {
    /// Must be called inside a tokio runtime, whose driver will reap the children.
    pub(super) fn start(
        account: Option<Account>,
        mark: String,
        mut ledger: Ledger,
    ) -> Result<Self, ProcessError> {
        let (requests, inbox) = mpsc::channel::<Request>();
        let runtime = Handle::current();
        let work = move || {
            let _entered = runtime.enter();
            for request in inbox {
                let started = start(&request.spec, account.as_ref(), &mark);
                if let Ok(running) = &started {
                    ledger.note(running.pid, request.spec.last_signal);
                }
                // Whoever asked may be gone; then so is the child.
                if let Err(Ok(unwanted)) = request.reply.send(started) {
                    unwanted.end_group();
                }
            }
        };
        let thread = thread::Builder::new().name("lab-spawner".to_owned()).spawn(work);
        thread.map_err(|source| ProcessError::Spawn { program: "a thread".into(), source })?;
        Ok(Self { requests })
    }

    pub(super) async fn spawn(&self, spec: Spec) -> Result<Running, ProcessError> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(Request { spec, reply }).map_err(|_| ProcessError::Closed)?;
        answer.await.map_err(|_| ProcessError::Closed)?
    }
}

fn start(spec: &Spec, account: Option<&Account>, mark: &str) -> Result<Running, ProcessError> {
    let mut command = Command::new(&spec.program);
    command
        .args(&spec.args)
        .env_clear()
        .envs(&spec.env)
        .env(super::sweep::MARK, mark)
        .current_dir(&spec.folder);
    let stdin = Stdio::null();
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let (RunAs::Unprivileged, Some(account)) = (spec.run_as, account) {
        command.uid(account.uid.as_raw()).gid(account.gid.as_raw());
    }
    let (parent, signal) = (getpid(), spec.last_signal);
    // SAFETY: the closure calls nothing but setsid(2), prctl(2) and getppid(2), which are async-signal-safe, and does not allocate.
    unsafe {
        command.pre_exec(move || prepare(parent, signal));
    }
    let spawned = command
        .spawn()
        .map_err(|source| ProcessError::Spawn { program: spec.program.clone(), source });
    let child = spawned?;
    // A child that was just spawned and not yet waited for has an id.
    let pid = child
        .id()
        .and_then(|pid| i32::try_from(pid).ok())
        .map(Pid::from_raw)
        .ok_or(ProcessError::Closed)?;
    Ok(Running { child, pid })
}

/// Runs in the child, after it has changed its user (which clears a parent-death signal) and before it becomes the program.
fn prepare(parent: Pid, signal: Signal) -> io::Result<()> {
    setsid()?;
    #[cfg(target_os = "linux")]
    nix::sys::prctl::set_pdeathsig(signal)?;
    #[cfg(not(target_os = "linux"))]
    let _ = signal;
    // The parent may have died before the signal was asked for.
    if getppid() == parent {
        Ok(())
    } else {
        Err(io::Error::from_raw_os_error(nix::errno::Errno::ESRCH as i32))
    }
}
