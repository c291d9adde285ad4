use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::ledger::Ledger;
use super::spawn::{Running, Spawner, Spec};
use super::{Account, Folder, Janitor, JanitorCommand, ProcessError};

/// How a lab keeps its house.
#[derive(Debug, Clone)]
pub(crate) struct SupervisorConfig {
    /// Where the lab's folder is made; every account must be able to enter it.
    pub(crate) base: PathBuf,
    /// Whether the folder stays at the end.
    pub(crate) keep: bool,
    /// How the janitor is started.
    pub(crate) janitor: JanitorCommand,
}

/// Owns the lab's folder, its janitor and the thread that starts its children. Dropping it ends them all.
#[derive(Debug)]
pub(crate) struct Supervisor {
    folder: Folder,
    account: Option<Account>,
    alive: Mutex<Option<(Spawner, Janitor)>>,
}

impl Supervisor {
    /// Makes the folder and starts the janitor, then the spawning thread. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// When a folder, a process or the unprivileged account cannot be had.
    pub(crate) fn start(config: &SupervisorConfig) -> Result<Self, ProcessError> {
        let account = Account::unprivileged()?;
        let folder = Folder::create(&config.base, config.keep)?;
        let janitor = Janitor::start(&config.janitor, folder.path())?;
        let ledger = Ledger::open(folder.path())?;
        let spawner = Spawner::start(account.clone(), folder.path().display().to_string(), ledger)?;
        Ok(Self { folder, account, alive: Mutex::new(Some((spawner, janitor))) })
    }

    /// The lab's folder.
    #[must_use]
    pub(crate) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The account that children run under; `None` when it is the lab's own.
    #[must_use]
    pub(crate) fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }

    /// Starts a child.
    ///
    /// # Errors
    /// When the program does not start, or the lab is shutting down.
    pub(crate) async fn spawn(&self, spec: Spec) -> Result<Running, ProcessError> {
        let spawner = self.spawner().ok_or(ProcessError::Closed)?;
        spawner.spawn(spec).await
    }

    fn spawner(&self) -> Option<Spawner> {
        self.alive
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map(|(spawner, _)| spawner.clone())
    }

    /// Ends every child that is left and removes the folder. Blocks until that is done; does nothing the second time.
    pub(crate) fn end(&self) {
        let taken = self.alive.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((_, janitor)) = taken {
            self.folder.release();
            janitor.dismiss();
        }
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};
    use std::{env, fs, thread};

    use nix::sys::signal::Signal;
    use nix::unistd::Pid;

    use super::*;
    use crate::lab::process::{Exit, RunAs, janitor, table};

    fn start(base: PathBuf) -> Supervisor {
        Supervisor::start(&SupervisorConfig {
            base,
            keep: false,
            janitor: janitor::tests::command(),
        })
        .unwrap()
    }

    fn shell(supervisor: &Supervisor, script: &str) -> Spec {
        Spec {
            program: "sh".into(),
            args: vec!["-c".to_owned(), script.to_owned()],
            env: BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]),
            folder: supervisor.folder().path().to_owned(),
            run_as: RunAs::Unprivileged,
            last_signal: Signal::SIGKILL,
        }
    }

    fn until(what: &str, mut holds: impl FnMut() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while !holds() {
            assert!(Instant::now() < deadline, "{what} took too long");
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn pids_in(folder: &std::path::Path) -> Vec<Pid> {
        let entries = fs::read_dir(folder).unwrap().flatten();
        entries
            .filter_map(|entry| entry.file_name().to_str()?.strip_prefix("pid-")?.parse().ok())
            .map(Pid::from_raw)
            .collect()
    }

    #[tokio::test]
    async fn an_exit_status_and_a_signal_are_told_apart() {
        let base = tempfile::tempdir().unwrap();
        let supervisor = start(base.path().to_owned());
        let mut one = supervisor.spawn(shell(&supervisor, "exit 3")).await.unwrap();
        let mut two = supervisor.spawn(shell(&supervisor, "kill -TERM $$")).await.unwrap();
        assert_eq!(one.wait().await.unwrap(), Exit::Code(3));
        assert_eq!(two.wait().await.unwrap(), Exit::Signal(15));
        assert_eq!(Exit::Signal(15).code(), 143);
    }

    #[tokio::test]
    async fn the_end_of_a_leader_is_the_end_of_its_group() {
        let base = tempfile::tempdir().unwrap();
        let supervisor = start(base.path().to_owned());
        let script = "sleep 600 </dev/null >/dev/null 2>&1 & echo $!";
        let mut running = supervisor.spawn(shell(&supervisor, script)).await.unwrap();
        let mut text = String::new();
        tokio::io::AsyncReadExt::read_to_string(&mut running.stdout().unwrap(), &mut text)
            .await
            .unwrap();
        let sleeper = Pid::from_raw(text.trim().parse().unwrap());
        running.wait().await.unwrap();
        until("the sleeper's end", || table::started(sleeper).is_none());
    }

    #[tokio::test]
    async fn the_end_leaves_neither_process_nor_folder() {
        let base = tempfile::tempdir().unwrap();
        let supervisor = start(base.path().to_owned());
        let running = supervisor.spawn(shell(&supervisor, "sleep 600 & sleep 600")).await.unwrap();
        let pid = running.pid();
        supervisor.end();
        assert!(table::started(pid).is_none());
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 0);
        assert!(matches!(
            supervisor.spawn(shell(&supervisor, "true")).await,
            Err(ProcessError::Closed)
        ));
    }

    /// Not a test by itself: the lab that the next one kills.
    #[tokio::test]
    async fn runs_a_lab_when_it_is_told_to() {
        let Some(base) = env::var_os("PGCUTOVER_TEST_LAB") else { return };
        let base = PathBuf::from(base);
        let supervisor = start(base.clone());
        let folder = supervisor.folder().make("open", supervisor.account()).unwrap();
        // One that obeys, one that ignores every gentle signal, one that left its session.
        let note = |name: &str| {
            format!(
                "trap '' TERM INT QUIT; echo $$ > {}/pid-{name}; mv {0}/pid-{name} {0}/pid-$$",
                folder.display()
            )
        };
        let inner = format!("{}; sleep 600", note("c"));
        let script = format!(
            "({}; sleep 600) & setsid sh -c \"{}\" & {}; sleep 600",
            "true",
            inner.replace('$', "\\$"),
            note("a")
        );
        let _running = supervisor.spawn(shell(&supervisor, &script)).await.unwrap();
        until("the children", || pids_in(&folder).len() == 2);
        fs::write(base.join("up"), folder.display().to_string()).unwrap();
        tokio::time::sleep(Duration::from_secs(60)).await;
    }

    #[test]
    fn a_killed_lab_leaves_neither_process_nor_folder() {
        let base = tempfile::tempdir().unwrap();
        fs::set_permissions(base.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
        let name = "lab::process::supervisor::tests::runs_a_lab_when_it_is_told_to";
        let mut command = Command::new(env::current_exe().unwrap());
        command
            .args(["--exact", name])
            .env("PGCUTOVER_TEST_LAB", base.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut lab = command.spawn().unwrap();
        until("the lab", || base.path().join("up").exists());
        let folder = PathBuf::from(fs::read_to_string(base.path().join("up")).unwrap());
        let pids = pids_in(&folder);
        assert!(pids.iter().all(|pid| table::started(*pid).is_some()));
        lab.kill().unwrap();
        lab.wait().unwrap();
        until("the folder's end", || !folder.parent().unwrap().exists());
        assert!(pids.iter().all(|pid| table::started(*pid).is_none()), "a process survived");
    }
}
