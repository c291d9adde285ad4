//! The eyes: facts for gates, and the watch of readings.

mod look;
mod poll;

pub use look::look;
pub use poll::watch;
