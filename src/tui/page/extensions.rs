//! Extensions: what is installed on both sides, and what the profile wants.

use ratatui::text::Line;

use super::Face;
use super::overview::age;
use crate::model::{Difference, ExtensionRow, ExtensionView, Side};
use crate::tui::list::{Cell, Column, Grid, Row};
use crate::tui::state::UiState;
use crate::tui::theme::Role;

/// The page.
#[derive(Debug)]
pub(super) struct Extensions;

impl Face for Extensions {
    fn title(&self, _ui: &UiState) -> String {
        "Extensions".to_owned()
    }

    fn grid(&self, ui: &UiState) -> Grid {
        let columns = vec![
            Column::text("EXTENSION", 14),
            Column::side(Side::Blue, 15),
            Column::side(Side::Green, 15),
            Column::text("WANTED", 8),
            Column::number("AGE", 9),
            Column::word("VERDICT", 7),
        ];
        let age = age(ui, |view| &view.extensions);
        Grid::of(columns)
            .with(ui.observed.extension_rows(&ui.runbook).iter().map(|known| row(known, &age)))
            .or_says("no extension has been read yet")
    }

    fn details(&self, ui: &UiState, row: &str) -> Vec<Line<'static>> {
        let all = ui.observed.extension_rows(&ui.runbook);
        let Some(known) = all.iter().find(|known| known.name == row) else { return Vec::new() };
        let mut lines = Vec::new();
        for (side, view) in [(Side::Blue, &known.blue), (Side::Green, &known.green)] {
            let installed = view
                .as_ref()
                .map_or("unknown", |view| view.installed.as_deref().unwrap_or("not installed"));
            lines.push(Line::raw(format!("{side:<6}  {installed}")));
            let available = view.as_ref().and_then(|view| view.available.as_ref());
            lines.extend(
                available.map(|all| Line::raw(format!("        offers {}", all.join(" ")))),
            );
        }
        for (side, problem, fix) in &known.problems {
            lines.push(Line::styled(format!("{side}: {problem}"), ui.theme.style(Role::Fail)));
            let command = fix.as_ref().and_then(|fix| fix.command.as_ref());
            lines.extend(command.map(|command| Line::raw(format!("fix     {command}"))));
        }
        lines
    }
}

fn row(known: &ExtensionRow, age: &Cell) -> Row {
    let version = |view: &Option<ExtensionView>| match view {
        None => Cell::unknown(),
        Some(ExtensionView { installed: None, .. }) => Cell::none(),
        Some(ExtensionView { installed: Some(version), .. }) => Cell::plain(version.clone()),
    };
    let wanted = known.wanted.iter().find(|(side, _)| *side == Side::Green);
    let least = wanted.map_or_else(Cell::none, |(_, wanted)| {
        Cell::plain(wanted.min.as_ref().map_or_else(|| "yes".to_owned(), |min| format!(">={min}")))
    });
    let verdict = match known.difference {
        _ if !known.problems.is_empty() => Cell::Text("FAIL".into(), Role::Fail),
        Difference::Equal => Cell::plain("ok"),
        Difference::Unknown => Cell::unknown(),
        Difference::Differs | Difference::Only(_) => Cell::plain("differs"),
    };
    let differs = !known.problems.is_empty() || known.difference != Difference::Equal;
    let cells = vec![
        Cell::plain(known.name.clone()),
        version(&known.blue),
        version(&known.green),
        least,
        age.clone(),
        verdict,
    ];
    Row::new(known.name.clone(), cells).that_differs(differs)
}
