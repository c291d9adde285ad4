//! The table that all pages use: what stands in it, and where the operator is in it.

mod grid;
mod state;

pub(super) use grid::{Cell, Column, Grid, Row, Width};
pub(super) use state::List;
