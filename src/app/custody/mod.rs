//! One operator: who drives a run, and how a second one is kept out and can take over.
//!
//! Three things stand for it. The **Lease** in the namespace is the authority: it is taken before the run's first event, renewed
//! beside it, and written with the `resourceVersion` that was read. The **advisory lock** on blue catches those who do not see
//! that Lease: another namespace, another profile, a connection string. The **mirror** of the journal in the cluster lets
//! another machine go on.
//!
//! # Before an action
//!
//! Nothing that changes the world begins before a write that only the holder can make has gone through: the mirror takes the
//! event that announces the action, and where the mirror cannot be written the Lease is renewed with a note that it is behind.
//! So whoever takes over knows of every action that may have begun, with what its undo needs; and one who lost the Lease
//! without noticing (a laptop that slept) is refused at the next action, not at the next renewal. Every other event is
//! mirrored when it can be.
//!
//! # When the Lease is lost
//!
//! - Somebody else holds it: what acts is told to end, nothing more is done and nothing is undone, whatever the state of
//!   writes. The other one has the journal and the duty; an undo of ours could cross their switch.
//! - It could not be renewed in time and nobody is known to hold it: the run stops as at any stop, so while writes are stopped
//!   and can be given back that is an undo. But it acts only once the Lease was renewed after all, with the version that we
//!   wrote last: until then another may have it. We hold it to have run out for us after two thirds of its duration, and
//!   the others after all of it.

mod blue;
mod follow;
mod guard;
mod keeper;
mod mirror;
mod open;
mod recorder;
mod remote;
mod take;

pub(super) use follow::follow;
pub(super) use open::{Custody, Opening, Refusal};
pub(super) use remote::read;
