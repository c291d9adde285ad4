//! The verbs: what a step does to the world, how it is undone, and how the world is asked whether it happened.
//!
//! One file or folder for each verb. [`Actions`] is the [`Executor`](crate::engine::Executor) that the engine drives. Each
//! verb says in its own documentation which calls it makes of the API server, by the words of RBAC; `plan -o rbac` and
//! preflight are written from there.
//!
//! Waits never trust a watch: a watch only wakes them, and then they read. They end when their context is cancelled, and
//! what holds them is told as progress, with the way to mend it where one is known.

mod act;
mod actions;
mod apply;
mod backup;
mod delete;
pub mod diagnose;
mod dispatch;
mod exec;
mod fence;
mod former;
mod job;
mod mark;
mod mend;
mod patch;
mod process;
mod redact;
mod restart;
mod rollout;
mod scale;
mod secrets;
mod soak;
mod sql;
mod switch;
mod trouble;
mod verify;
mod wait;

pub use actions::{Actions, Tools};
