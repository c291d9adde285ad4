//! The table that all pages use: what stands in it, and where the operator is in it.

mod column;
mod grid;
mod state;

pub(super) use column::Column;
pub(super) use grid::{Cell, Grid, Row, Source};
pub(super) use state::List;
