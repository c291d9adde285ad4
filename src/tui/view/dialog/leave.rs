//! What leaving does.

use ratatui::text::Line;

use super::{Lines, text};
use crate::session::SessionMode;
use crate::tui::dialog::WayOut;
use crate::tui::state::UiState;
use crate::tui::theme::Role;

pub(super) fn of(ui: &UiState, way: WayOut, whole: bool) -> Lines {
    let warn = |text: &'static str| Line::styled(text, ui.theme.style(Role::Warn));
    match way {
        WayOut::Detach => vec![
            Line::raw("A run is driven from here."),
            Line::raw(format!("Detach   stops it where it is; {}", onward(ui))),
            Line::raw("Abort    shows what would be undone, and asks"),
            Line::raw("ctrl-c   once more within two seconds detaches, too"),
        ],
        WayOut::UndoAll => {
            let mut lines = vec![
                warn(
                    "WRITES ARE STOPPED: whoever leaves now undoes everything, so that they flow again.",
                ),
                Line::raw("ctrl-c   once more within two seconds does it without asking"),
            ];
            lines.extend(text::preview(ui, whole));
            lines
        }
        WayOut::WhenWritesFlow => vec![
            warn("WRITES ARE STOPPED, and past the point of no return blue cannot have them back."),
            Line::raw(
                "Leave    the run goes on until writes flow or a person is needed, and stops then",
            ),
            Line::raw(format!("Then     {}", onward(ui))),
            Line::raw("ctrl-c   once more within two seconds leaves, too"),
        ],
        WayOut::WhenEnded => vec![
            Line::raw(
                "The run is being undone, or ended. That is done before the console is left.",
            ),
            Line::raw("ctrl-c   once more within two seconds leaves, too"),
        ],
    }
}

/// How the run goes on afterwards.
fn onward(ui: &UiState) -> String {
    if ui.mode == SessionMode::Rehearsal {
        "the rehearsal ends, and its world is removed".to_owned()
    } else {
        format!("`pgcutover resume {}` goes on", ui.run)
    }
}
