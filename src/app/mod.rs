//! Where the rooms meet: each command builds a session and gives it to a front end.

mod cast;
mod conduct;
mod config;
mod custody;
mod dispatch;
mod ending;
mod fault;
mod folders;
mod front;
mod init;
mod last;
mod load;
mod memory;
mod monitor;
mod part;
mod paths;
mod plan;
mod preflight;
mod print;
mod readings;
mod rehearse;
mod replay;
mod report;
mod resume;
mod run;
mod runs;
mod scenario;
mod script;
mod signals;
mod waiting;
mod who;
mod world;

pub use dispatch::main;
pub use part::play_part;
pub use scenario::{overrides, script};
