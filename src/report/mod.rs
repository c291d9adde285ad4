//! Documents: a plan before a run, and a journal after it.
//!
//! A journal as a document says what was done, by whom, how long it took, what it rests on, and what is left for a human.
//! [`Report::of`] reads nothing but a [`Recording`](crate::journal::Recording); the markdown is for a ticket, the JSON for a machine.
//! A plan is printed whole: for people, for machines, and as the roles that it needs.

mod build;
mod held;
mod markdown;
mod parts;
mod plan;
mod span;
mod waits;

pub use parts::{
    AttemptPart, DecisionPart, Ending, HeldPart, PhasePart, Report, StepPart, TargetPart, Times,
};
pub use plan::{Said, plan_json, plan_rbac, plan_text, role_rules, step_acts, step_undoes};
