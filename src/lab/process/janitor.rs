use std::env;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use nix::sys::signal::{SigHandler, Signal, signal};

use super::folder::{KEEP, LOCK};
use super::{ProcessError, shm, sweep};

/// How the janitor process is started; the folder is added as the last argument.
#[derive(Debug, Clone)]
pub struct JanitorCommand {
    /// The program, which calls [`janitor_main`].
    pub program: PathBuf,
    /// Its arguments before the folder.
    pub args: Vec<OsString>,
}

impl JanitorCommand {
    /// This very program with `lab-janitor`.
    ///
    /// # Errors
    /// When the system does not tell what this program is.
    pub fn this_program() -> Result<Self, ProcessError> {
        let program =
            env::current_exe().map_err(ProcessError::file("find", "the running program"))?;
        Ok(Self { program, args: vec!["lab-janitor".into()] })
    }
}

/// The lab's hold on its janitor: a pipe. When it ends, by [`Janitor::dismiss`] or by the death of the lab, the janitor cleans up and ends.
#[derive(Debug)]
pub(crate) struct Janitor {
    child: Child,
}

impl Janitor {
    /// Starts it for the lab in `folder`.
    ///
    /// # Errors
    /// When the program does not start.
    pub(crate) fn start(command: &JanitorCommand, folder: &Path) -> Result<Self, ProcessError> {
        let mut process = Command::new(&command.program);
        process.args(&command.args).arg(folder).current_dir("/");
        process.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // SAFETY: setsid(2) is async-signal-safe, and nothing else is called between fork and exec.
        unsafe {
            process.pre_exec(|| nix::unistd::setsid().map(drop).map_err(io::Error::from));
        }
        let child = process
            .spawn()
            .map_err(|source| ProcessError::Spawn { program: command.program.clone(), source })?;
        Ok(Self { child })
    }

    /// Lets it clean up and waits until it has.
    pub(crate) fn dismiss(mut self) {
        drop(self.child.stdin.take());
        // An error says that it was waited for already.
        let _ = self.child.wait();
    }
}

/// What the janitor process does: waits for the end of standard input, ends the lab's processes, removes the lab's folder unless it is to be kept.
///
/// It lives through ctrl-c: it ignores the signals of a terminal, and [`Janitor::start`] put it in a session of its own.
#[must_use]
pub fn janitor_main(folder: &Path) -> ExitCode {
    for name in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGPIPE] {
        // SAFETY: no handler of ours is installed; the signal is ignored.
        let _ = unsafe { signal(name, SigHandler::SigIgn) };
    }
    let _ = io::copy(&mut io::stdin().lock().take(u64::MAX), &mut io::sink());
    // The lab's lock may outlive it for a moment, in a child that it was just forking.
    let locked = (0..1000).any(|_| {
        let free = lock(folder).is_some();
        if !free {
            thread::sleep(Duration::from_millis(10));
        }
        free || !folder.exists()
    });
    if locked && clean(folder) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The lock of a lab's folder, if it is free.
fn lock(folder: &Path) -> Option<File> {
    let file = OpenOptions::new().write(true).open(folder.join(LOCK)).ok()?;
    file.try_lock().is_ok().then_some(file)
}

/// Ends the processes of a lab that is no more, and removes its folder unless a marker says to keep it. Says whether nothing is left that should not be.
pub(super) fn clean(folder: &Path) -> bool {
    // Whoever holds the lock cleans. It is free, or somebody else is at it already.
    let Ok(lock) = OpenOptions::new().write(true).open(folder.join(LOCK)) else {
        return !folder.exists();
    };
    if lock.try_lock().is_err() {
        return false;
    }
    let left = sweep::sweep(folder);
    if left == 0 {
        shm::remove_segments(folder);
    }
    left == 0 && (folder.join(KEEP).exists() || remove(folder))
}

/// A dying process may still write while the folder is being removed, so it is tried a few times.
fn remove(folder: &Path) -> bool {
    (0..20).any(|_| {
        let gone = fs::remove_dir_all(folder).is_ok() || !folder.exists();
        if !gone {
            thread::sleep(Duration::from_millis(50));
        }
        gone
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The test program as janitor: libtest takes the folder for one more filter.
    pub(crate) fn command() -> JanitorCommand {
        let args =
            ["--exact", "lab::process::janitor::tests::acts_as_janitor_when_it_is_started_as_one"];
        JanitorCommand {
            program: env::current_exe().unwrap(),
            args: args.map(OsString::from).to_vec(),
        }
    }

    #[test]
    fn acts_as_janitor_when_it_is_started_as_one() {
        let last = env::args_os().next_back().map(PathBuf::from).unwrap();
        if last.is_absolute() && last.join(LOCK).exists() {
            let _ = janitor_main(&last);
        }
    }
}
