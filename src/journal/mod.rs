//! The file of facts: what a run was asked to do, and everything that happened, in order.
//!
//! A run has a folder with a `journal.jsonl` in it. Its first line is the [`Header`], which embeds the whole plan, so that resume,
//! replay and report need no profile. Every further line is an event and carries the SHA-256 of the line before it: a line that
//! was changed or lost is named by its number. An event is on the disk before [`Append::keep`] returns, and the engine acts
//! only then. A last line without its end was never acted upon: readers leave it out, and the next writer cuts it off.

mod error;
mod header;
mod line;
mod name;
mod reader;
mod readings;
mod runs;
mod writer;

pub use error::JournalError;
pub use header::{Format, Header, RunMode, Target};
pub use name::run_id;
pub use reader::{Recording, is_driven, parse, read};
pub use readings::{READINGS, Readings, read_readings};
pub use runs::{JOURNAL, RunEntry, Runs};
pub use writer::{Append, Writer};
