//! The way back from here, and until where there is one.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{pane, undoing};
use crate::model::{Mode, Undo};
use crate::tui::state::UiState;
use crate::tui::theme::Role;

pub(super) fn draw(frame: &mut Frame<'_>, ui: &UiState, area: Rect) {
    pane::lines(frame, ui, area, "Undo path", lines(ui));
}

fn lines(ui: &UiState) -> Vec<Line<'static>> {
    if ui.state.past_return {
        let text = "now      PAST THE POINT OF NO RETURN: a failure is finished forward";
        return vec![Line::styled(text, ui.theme.style(Role::Warn))];
    }
    let touched: Vec<&str> = ui.to_undo().iter().map(|(_, step)| step.id.as_str()).collect();
    let mut lines = vec![Line::raw(match touched.as_slice() {
        [] => "now      nothing to undo".to_owned(),
        all if all.len() <= 3 => format!("now      {}", all.join(" < ")),
        [last, before, rest @ ..] => {
            format!("now      {last} < {before} < {} more; `A` shows all", rest.len())
        }
        [only] => format!("now      {only}"),
    })];
    if *ui.state.mode() == Mode::Forward {
        lines.extend(ahead(ui));
    }
    lines
}

/// What the next steps add to it, up to the one from which there is no way back.
fn ahead(ui: &UiState) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let open = ui.runbook.steps().filter(|(_, step)| !ui.state.step(&step.id).is_settled());
    for (_, step) in open {
        if step.point_of_no_return {
            let text = format!("after    {}: POINT OF NO RETURN", step.id);
            lines.push(Line::styled(text, ui.theme.style(Role::Warn)));
            break;
        }
        if step.undo != Undo::Nothing {
            lines.push(Line::raw(format!("after    {}: {}", step.id, undoing::brief(ui, step))));
        }
    }
    // the next one, and where it ends, are what is asked for most
    if lines.len() > 3 {
        let more = lines.len() - 2;
        let cut = Line::styled(
            format!("         {} {more} more steps", ui.theme.cut()),
            ui.theme.style(Role::Muted),
        );
        lines.splice(1..lines.len() - 1, [cut]);
    }
    lines
}
