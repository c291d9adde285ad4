//! Makes a run happen, in order: asks [`next`](crate::model::next) what may happen, does it, and turns it into events.

mod executor;

pub use executor::{Executor, Probed, StepContext};
