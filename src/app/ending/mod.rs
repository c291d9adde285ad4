//! How a command ends: what is told of it, and the exit code.

mod end;
mod trace;
mod words;

pub(super) use end::{Clients, end, told, watched};
pub(super) use trace::{Seen, Trace};
