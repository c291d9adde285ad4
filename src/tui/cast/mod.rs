//! The recording of the screen: an asciicast of version 3 with a marker at each edge of a step.
//!
//! It is never in the way: what was drawn goes through a bounded queue to a thread that writes the file, line by line and without a
//! buffer, so that a console that is killed leaves a file that can be read. Where the file cannot be written, or not as fast as
//! the screen changes, the recording ends and the console says so. The keyboard is not recorded.

mod format;
mod recorder;
mod tee;

pub(super) use format::Header;
pub(super) use recorder::Recorder;
pub(super) use tee::Tee;

#[cfg(test)]
mod tests;
