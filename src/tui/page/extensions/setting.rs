//! A setting that is not the same on both sides.

use ratatui::text::Line;

use crate::model::{SettingRow, SettingView, Side};
use crate::tui::list::{Cell, Row};
use crate::tui::page::standing::{Standing, Word, age, told_age, unread};
use crate::tui::state::UiState;

fn standing(ui: &UiState, known: &SettingRow) -> Standing {
    let [blue, green] = Side::BOTH.map(|side| &ui.observed.side(side).settings);
    let pending = [&known.blue, &known.green].into_iter().flatten().any(|view| view.pending);
    match unread(ui, blue, green) {
        Some(unread) => unread,
        None if known.matters => Word::Warn.because("differs, matters"),
        None if pending => Word::Warn.because("waits for a restart"),
        None => Word::Ok.because("differs, harmless"),
    }
}

pub(super) fn row(ui: &UiState, known: &SettingRow) -> Row {
    let standing = standing(ui, known);
    let [blue, green] = Side::BOTH.map(|side| &ui.observed.side(side).settings);
    let cells = vec![
        Cell::plain(known.name.clone()),
        value(known.blue.as_ref()),
        value(known.green.as_ref()),
        standing.cell(),
        age(blue, green),
        Cell::plain(note(known)),
    ];
    Row::new(format!("setting {}", known.name), cells).that_differs(standing.differs())
}

fn value(view: Option<&SettingView>) -> Cell {
    match view {
        None => Cell::none(),
        Some(view) if view.value.is_empty() => Cell::plain("(empty)"),
        Some(view) => Cell::plain(view.value.clone()),
    }
}

/// Where the values come from.
fn note(known: &SettingRow) -> String {
    let source = |side: Side, view: &Option<SettingView>| {
        let view = view.as_ref()?;
        let pending = if view.pending { ", waits for a restart" } else { "" };
        Some(format!("{side} {}{pending}", view.source))
    };
    let sources = [source(Side::Blue, &known.blue), source(Side::Green, &known.green)];
    sources.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Blue's value as a line of the configuration file, where a file or a default can hold it.
pub(super) fn fix(known: &SettingRow) -> Option<String> {
    let view = known.blue.as_ref()?;
    let from_file = !matches!(view.source.as_str(), "database" | "role" | "initdb");
    from_file.then(|| format!("{} = '{}'", known.name, view.value.replace('\'', "''")))
}

pub(super) fn lines(ui: &UiState, known: &SettingRow) -> Vec<Line<'static>> {
    let standing = standing(ui, known);
    let mut lines = vec![Line::styled(
        format!("verdict  {}", standing.text()),
        ui.theme.style(standing.word.role()),
    )];
    for (side, view) in [(Side::Blue, &known.blue), (Side::Green, &known.green)] {
        let text = view.as_ref().map_or_else(
            || "at its default, or not there".to_owned(),
            |view| format!("`{}` from {}", view.value, view.source),
        );
        let age = told_age(&ui.observed.side(side).settings, ui.now);
        let style = ui.theme.side(side, ui.serving());
        lines.push(Line::styled(format!("{side:<7}  {text}   ({age})"), style));
    }
    lines.extend(fix(known).map(|line| Line::raw(format!("as blue  {line}   (y copies it)"))));
    lines
}
