//! Comparing content: counts, hashes, schema and sequences, read inside the servers.
//!
//! Each side is read in one snapshot that several sessions share; rows never leave the servers, only sums of their hashes
//! and the keys of rows that differ.

mod compare;
mod content;
mod error;
mod expression;
pub mod fence;
mod rows;
mod schema;
mod sequences;
mod sides;
mod snapshot;
mod tables;

pub use compare::{Compared, compare};
pub use error::VerifyError;
pub(crate) use expression::ident;
pub use sides::sides;
pub use snapshot::position;
