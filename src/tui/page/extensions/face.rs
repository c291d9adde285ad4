//! The page.

use ratatui::text::Line;

use super::{extension, sequence, setting};
use crate::model::{ExtensionRow, Reading, SettingRow, Side, SideView};
use crate::tui::list::{Column, Grid, Row, Width};
use crate::tui::page::Face;
use crate::tui::state::UiState;

/// The page.
#[derive(Debug)]
pub(in crate::tui::page) struct Extensions;

impl Face for Extensions {
    fn title(&self, _ui: &UiState) -> String {
        "Extensions, sequences, settings".to_owned()
    }

    fn grid(&self, ui: &UiState) -> Grid {
        let columns = vec![
            Column::text("NAME", 13),
            Column { width: Width::AtLeast(12), ..Column::side(Side::Blue, 12) },
            Column { width: Width::AtLeast(12), ..Column::side(Side::Green, 12) },
            Column::text("VERDICT", 8),
            Column::number("AGE", 9),
            Column::text("NOTE", 16),
        ];
        let extensions = ui.observed.extension_rows(&ui.runbook);
        let sequences = sequence::all(ui);
        let settings = ui.observed.setting_rows();
        let rows = [heading(ui, "Extensions", extensions.len(), |view| unread(&view.extensions))]
            .into_iter()
            .chain(extensions.iter().map(|known| extension::row(ui, known)))
            .chain([heading(ui, "Sequences, by their last value", sequences.len(), |view| {
                unread(&view.sequences)
            })])
            .chain(sequences.iter().map(|pair| sequence::row(ui, pair)))
            .chain([heading(ui, "Settings that differ", settings.len(), |view| {
                unread(&view.settings)
            })])
            .chain(settings.iter().map(|known| setting::row(ui, known)));
        Grid { ordered: true, ..Grid::of(columns).with(rows) }
    }

    fn details(&self, ui: &UiState, row: &str) -> Vec<Line<'static>> {
        match find(ui, row) {
            Found::Extension(known) => extension::lines(ui, &known),
            Found::Sequence(pair) => sequence::lines(ui, &pair),
            Found::Setting(known) => setting::lines(ui, &known),
            Found::Nothing => vec![Line::raw("there is nothing more to say of it")],
        }
    }
    fn copies(&self, ui: &UiState, row: &str) -> String {
        match find(ui, row) {
            Found::Extension(known) => extension::fix(&known).unwrap_or(known.name),
            Found::Sequence(pair) => {
                sequence::fix(ui, &pair).unwrap_or_else(|| pair.name.to_owned())
            }
            Found::Setting(known) => setting::fix(&known).unwrap_or(known.name),
            Found::Nothing => row.to_owned(),
        }
    }
}

/// What a row is of.
enum Found<'a> {
    Extension(ExtensionRow),
    Sequence(sequence::Pair<'a>),
    Setting(SettingRow),
    Nothing,
}

fn find<'a>(ui: &'a UiState, row: &str) -> Found<'a> {
    let found = match row.split_once(' ') {
        Some(("extension", name)) => {
            let mut all = ui.observed.extension_rows(&ui.runbook).into_iter();
            all.find(|known| known.name == name).map(Found::Extension)
        }
        Some(("sequence", name)) => {
            sequence::all(ui).into_iter().find(|pair| pair.name == name).map(Found::Sequence)
        }
        Some(("setting", name)) => {
            let mut all = ui.observed.setting_rows().into_iter();
            all.find(|known| known.name == name).map(Found::Setting)
        }
        _ => None,
    };
    found.unwrap_or(Found::Nothing)
}

fn unread<T>(reading: &Reading<T>) -> Option<String> {
    reading.value().is_none().then(|| match reading.why() {
        Some(why) => format!(" unknown: {why}"),
        None => " not read yet".to_owned(),
    })
}

/// What follows, how many, and which side is not known.
fn heading(
    ui: &UiState,
    title: &'static str,
    count: usize,
    unread: impl Fn(&SideView) -> Option<String>,
) -> Row {
    let lacks = Side::BOTH
        .into_iter()
        .filter_map(|side| unread(ui.observed.side(side)).map(|why| format!("{side}{why}")));
    let lacks: Vec<String> = lacks.collect();
    let text = match (count, lacks.is_empty()) {
        (_, false) => format!("{title}: {}", lacks.join(", ")),
        (0, true) => format!("{title}: none"),
        (count, true) => format!("{title}: {count}"),
    };
    Row::heading(title, text)
}
