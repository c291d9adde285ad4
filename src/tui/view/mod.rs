//! Draws the state, and never changes it. Nothing here reads a clock.

mod dialog;
mod evidence;
mod footer;
mod header;
mod layers;
mod pane;
mod run;
mod screen;
mod side;
mod sparkline;
pub(in crate::tui) mod table;
mod tabs;
mod undo_path;
mod undoing;
pub(super) mod words;
mod wrap;

#[cfg(test)]
mod gallery;
#[cfg(test)]
mod tests;

pub(super) use evidence::lines as evidence;
pub(super) use layers::{overflow, seen};
pub(super) use screen::{answers_show, draw};
pub(super) use table::{draw as table, frame as frame_of_list, nothing as nothing_in};
pub(super) use tabs::page_at;
pub(super) use wrap::wrap;
