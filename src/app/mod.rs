//! Where the rooms meet: each command builds a session and gives it to a front end.

mod dispatch;
mod folders;
mod part;
mod paths;
mod print;
mod scenario;

pub use dispatch::main;
pub use part::play_part;
pub use scenario::{overrides, script};
