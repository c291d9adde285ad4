//! A journal as a document: what was done, by whom, how long it took, what it rests on, and what is left for a human.
//!
//! [`Report::of`] reads nothing but a [`Recording`](crate::journal::Recording); the markdown is for a ticket, the JSON for a machine.

mod build;
mod held;
mod markdown;
mod parts;
mod span;
mod waits;

pub use parts::{
    AttemptPart, DecisionPart, Ending, HeldPart, PhasePart, Report, StepPart, TargetPart, Times,
};
