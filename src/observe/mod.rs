//! The eyes: facts for gates, and the watch of readings.

mod look;
mod watch;

pub use look::look;
pub use watch::{Eyes, watch};
