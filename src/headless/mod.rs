//! A session without a screen: a script answers, and facts are printed, one line each.

mod drive;
mod line;
mod policy;
mod printer;
mod script;

pub use drive::{Ended, drive};
pub use line::{Detail, SCHEMA, Summary};
pub use policy::{Act, Waits, decide, on_signal};
pub use printer::{Format, Printer};
pub use script::{Problem, Rule, Script, ScriptStep};
