//! Draws the state, and never changes it. Nothing here reads a clock.

mod compare;
mod dialog;
mod evidence;
mod footer;
mod header;
mod layout;
mod log;
mod pane;
mod steps;
mod words;

#[cfg(test)]
mod tests;

pub(super) use layout::draw;
