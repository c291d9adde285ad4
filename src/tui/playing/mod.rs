//! A recorded run on the screen: where the playhead is, what moves it, and how the header tells.

mod keys;
mod player;
mod screen;

pub(super) use keys::{KEYS, Play};
pub(super) use player::Player;
