//! The page.

use ratatui::text::Line;

use super::{extension, sequence, setting};
use crate::model::{ExtensionRow, Reading, SettingRow, Side, SideView};
use crate::tui::list::{Column, Grid, Row};
use crate::tui::page::Face;
use crate::tui::page::schema::Common;
use crate::tui::page::standing::age;
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
            Column::name("NAME"),
            Column::side(Side::Blue),
            Column::side(Side::Green),
            Column::text("VERDICT", 8).that_stays(),
            Column::age(),
            Column::text("NOTE", 16),
        ];
        let extensions = ui.observed.extension_rows(&ui.runbook);
        let sequences = sequence::all(ui);
        let common = Common::of(sequences.iter().map(|pair| pair.name));
        let settings = ui.observed.setting_rows();
        let rows = [heading(ui, "Extensions", extensions.len(), |view| &view.extensions)]
            .into_iter()
            .chain(extensions.iter().map(|known| extension::row(ui, known)))
            .chain([heading(ui, &of_sequences(common), sequences.len(), |view| &view.sequences)])
            .chain(sequences.iter().map(|pair| sequence::row(ui, pair, common)))
            .chain([heading(ui, "Settings that differ", settings.len(), |view| &view.settings)])
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

fn of_sequences(common: Option<Common<'_>>) -> String {
    format!("Sequences{}, by their last value", common.map_or_else(String::new, Common::told))
}

/// What follows, how many, and which side is not known.
fn heading<T>(
    ui: &UiState,
    title: &str,
    count: usize,
    reading: impl Fn(&SideView) -> &Reading<T>,
) -> Row {
    let readings = Side::BOTH.map(|side| (side, reading(ui.observed.side(side))));
    let lacks = readings
        .into_iter()
        .filter_map(|(side, reading)| unread(reading).map(|why| format!("{side}{why}")));
    let lacks: Vec<String> = lacks.collect();
    let text = match (count, lacks.is_empty()) {
        (_, false) => format!("{title}: {}", lacks.join(", ")),
        (0, true) => format!("{title}: none"),
        (count, true) => format!("{title}: {count}"),
    };
    let [(_, blue), (_, green)] = readings;
    Row::dated_heading(title, text, age(blue, green))
}
