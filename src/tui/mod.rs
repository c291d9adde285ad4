//! The console: what happened becomes a [`Msg`](msg::Msg), what a key means a [`Cmd`](msg::Cmd), what is to be done an
//! [`Effect`](msg::Effect), and all of them meet in one loop. `update` changes the state and never draws, `draw` draws it and
//! never changes it.

mod acts;
mod arming;
mod cast;
mod command;
mod command_line;
mod console;
mod dialog;
mod following;
mod input;
mod keymap;
mod last;
mod layer;
mod layout;
mod list;
mod look;
mod msg;
mod pace;
mod page;
mod picture;
mod playing;
mod prompt;
mod proof;
mod reasons;
mod state;
mod still;
mod terminal;
mod theme;
mod trend;
mod update;
mod view;

pub use acts::{Act, Acts, Call};
pub use console::{Ended, Options, console};
pub use last::LastTimes;
pub use still::{Scene, Still};
pub use terminal::columns;
pub use theme::Palette;
