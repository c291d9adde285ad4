//! The checks that every profile has, blue beside green. What stands around them is the layout's.

mod check;
mod content;
mod data;
mod details;
mod face;
mod server;

pub(super) use face::Overview;
