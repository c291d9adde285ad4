//! Blue beside green.

use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::text::Text;
use ratatui::widgets::{Cell, Row as TableRow, Table};

use super::{pane, words};
use crate::model::Side;
use crate::tui::compare::Row;
use crate::tui::state::{Pane, Scroll, UiState};
use crate::tui::theme::Role;

/// Room for `GREEN *serving*`.
const SIDE: u16 = 15;

pub(super) fn draw(frame: &mut Frame<'_>, ui: &UiState, area: Rect) {
    let skip = match ui.scrolled(Pane::Compare) {
        Scroll::Follow => 0,
        Scroll::At(line) => line,
    };
    let block = pane::frame_of(ui.theme, "Compare", ui.pane == Pane::Compare);
    let rows = ui.checks().into_iter().chain(ui.tables()).skip(skip);
    let side = Constraint::Length((area.width / 5).max(SIDE));
    let widths = [Constraint::Fill(3), side, side, Constraint::Fill(2), Constraint::Length(9)];
    let table = Table::new(rows.map(|row| line(ui, row)), widths)
        .header(head(ui))
        .column_spacing(1)
        .block(block);
    frame.render_widget(table, area);
}

fn head(ui: &UiState) -> TableRow<'static> {
    let serving = ui.serving();
    let side = |side: Side, name: &str| {
        let role = if serving == Some(side) { "*serving*" } else { "" };
        Cell::from(
            Text::styled(format!("{name} {role}"), ui.theme.side(side, serving)).right_aligned(),
        )
    };
    TableRow::new([
        Cell::from("CHECK"),
        side(Side::Blue, "BLUE"),
        side(Side::Green, "GREEN"),
        Cell::from(Text::raw("DIFF").right_aligned()),
        Cell::from(Text::raw("AGE").right_aligned()),
    ])
    .style(ui.theme.style(Role::Title))
}

fn line(ui: &UiState, row: Row) -> TableRow<'static> {
    let serving = ui.serving();
    let [blue, green] = row.sides;
    let number = |text: String, side| {
        Cell::from(Text::styled(text, ui.theme.side(side, serving)).right_aligned())
    };
    let age = words::age(row.at, ui.now);
    let age = if row.stale { format!("{age} stale") } else { age };
    let muted = if row.stale { Role::Warn } else { Role::Muted };
    TableRow::new([
        Cell::from(row.name),
        number(blue, Side::Blue),
        number(green, Side::Green),
        Cell::from(Text::styled(row.verdict, ui.theme.style(row.role)).right_aligned()),
        Cell::from(Text::styled(age, ui.theme.style(muted)).right_aligned()),
    ])
}
