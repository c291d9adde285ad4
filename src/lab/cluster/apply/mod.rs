//! Server-side apply: who owns which field, and what an applied configuration does to an object.
//!
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/>

mod conflict;
mod fields;
mod managed;
mod update;
mod walk;

pub(super) use managed::Manager;
pub(super) use update::{apply, track, untyped};
