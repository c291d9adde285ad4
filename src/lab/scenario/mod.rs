//! Scenarios: what a rehearsal's world is made of, what happens in it, and how the rehearsal should end.

mod builtin;
mod error;
mod file;

pub use builtin::{scenario_names, script_of};
pub use error::ScenarioError;
pub(super) use file::{Action, Condition, Fault};
pub use file::{Application, Data, Edit, Expect, Overrides, Scenario, Settled};
