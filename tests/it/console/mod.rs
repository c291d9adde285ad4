//! The console on a real pseudo-terminal.

mod answering;
mod leaving;
mod replayed;
mod stage;
mod suspended;
