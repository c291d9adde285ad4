//! Every table: its rows on both sides, how far they are apart, how they were counted, and what was proven of them.

mod cells;
mod details;
mod face;
mod table;

pub(super) use face::Rows;
pub(super) use table::apart;
