//! What the databases have beside their tables: extensions, sequences, and settings that differ.

mod extension;
mod face;
mod sequence;
mod setting;

pub(super) use face::Extensions;
pub(super) use sequence::standing as sequence;
