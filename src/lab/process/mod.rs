//! Child processes of the lab, and the promise that none of them outlives it.
//!
//! Three things keep that promise, each for the case in which the others cannot:
//!
//! - the [`Supervisor`] spawns every child from one thread that lives as long as the lab, in a session of its own, with a parent-death signal
//!   (which Linux sends when the *thread* that spawned ends);
//! - the janitor, a second process in a session of its own, waits at a pipe to the lab: at its end it ends whatever is left and removes the folder;
//! - the next start finds the folders of labs that died together with their janitor, by a lock that the kernel lets go of, and cleans them.
//!
//! PostgreSQL refuses to run as root, so a lab that runs as root drops its children to an unprivileged account.

mod account;
mod error;
mod folder;
mod janitor;
mod ledger;
mod leftovers;
mod shm;
mod spawn;
mod stragglers;
mod supervisor;
mod sweep;
mod table;

pub(crate) use account::Account;
pub use error::ProcessError;
pub(crate) use folder::Folder;
pub(crate) use janitor::Janitor;
#[cfg(test)]
pub(crate) use janitor::tests::command as janitor_for_tests;
pub use janitor::{JanitorCommand, janitor_main};
pub use leftovers::clean_leftovers;
pub(crate) use spawn::{Exit, RunAs, Running, Spec};
pub(crate) use stragglers::end_stragglers;
pub(crate) use supervisor::{Supervisor, SupervisorConfig};
pub(crate) use sweep::MARK;
#[cfg(test)]
pub(crate) use table::started as started_at;
pub(crate) use table::{Entry, all as all_processes, one as process_entry, pids as all_pids};
