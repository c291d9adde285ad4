//! Every screen, details view, dialog and layer at five sizes and in four themes.
//!
//! A scene is one line in `scenes.rs`. What it says is held as text at all sizes, and what each piece of text means at one of
//! them; which look a meaning has in each theme is one table, and that nothing has another look is a property of all
//! scenes, sizes and themes, as are whole frames, marked cuts and ages.

mod beginning;
mod frames;
mod orders;
mod properties;
mod recorded;
mod scenes;
mod snapshots;
