//! Readings, taken again and again in the background. They age; what cannot be read is unknown, never zero.

mod begin;
mod board;
mod cluster;
mod count;
mod pace;
mod side;

pub use begin::{Eyes, watch};
