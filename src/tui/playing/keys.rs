//! The keys of a recorded run.

use ratatui::crossterm::event::KeyCode;

use crate::tui::keymap::{Binding, playing};
use crate::tui::msg::Cmd;

/// What moves the playhead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum Play {
    /// It stands still, or goes on.
    Pause,
    /// Half as fast, about.
    Slower,
    /// Twice as fast, about.
    Faster,
    /// To the edge of a step before.
    Back,
    /// To the next edge of a step.
    Forward,
}

/// They come before the others: what they hide is said in the help.
pub(in crate::tui) const KEYS: &[Binding] = &[
    playing("space", &[KeyCode::Char(' ')], Cmd::Play(Play::Pause), "stand still, or go on")
        .hint("pause"),
    playing("<", &[KeyCode::Char('<')], Cmd::Play(Play::Slower), "play slower"),
    playing(">", &[KeyCode::Char('>')], Cmd::Play(Play::Faster), "play faster").hint("faster"),
    playing("left", &[KeyCode::Left], Cmd::Play(Play::Back), "back to where a step began or ended"),
    playing(
        "right",
        &[KeyCode::Right],
        Cmd::Play(Play::Forward),
        "on to where a step begins or ends",
    )
    .hint("next step"),
    playing(
        ":",
        &[KeyCode::Char(':')],
        Cmd::CommandLine,
        "type a command: `seek 02:10` and `seek 50%` go to a moment, `speed 4` plays as fast",
    )
    .hint("seek"),
];
