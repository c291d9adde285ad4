//! An operator's decisions, written down: as TOML, or as the journal of an earlier run.

mod check;
mod file;
mod recorded;
mod rules;

pub use check::Problem;
pub use rules::{Rule, Script, ScriptStep};
