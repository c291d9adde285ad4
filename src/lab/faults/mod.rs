//! What goes wrong in a rehearsal, and when: triggered by what the lab itself can see, never by what the tool is doing.

mod act;
mod watch;

pub(super) use act::Hands;
pub(super) use watch::Faults;
