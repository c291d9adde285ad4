//! An extension: installed, available and wanted on both sides, and the SQL that mends it.

use ratatui::text::Line;

use crate::model::{Difference, ExtensionRow, ExtensionView, Side};
use crate::tui::list::{Cell, Row};
use crate::tui::page::standing::{Standing, Word, age, told_age, unread};
use crate::tui::state::UiState;
use crate::tui::theme::Role;

/// How it stands.
pub(super) fn standing(ui: &UiState, known: &ExtensionRow) -> Standing {
    let [blue, green] = Side::BOTH.map(|side| &ui.observed.side(side).extensions);
    if let Some((_, problem, _)) = known.problems.first() {
        return Word::Fail.because(problem.clone());
    }
    if let Some(unread) = unread(ui, blue, green) {
        return unread;
    }
    match known.difference {
        Difference::Equal => Standing::OK,
        Difference::Differs => Word::Ok.because("versions differ"),
        Difference::Only(Side::Blue) => Word::Wait.because("only on blue"),
        Difference::Only(Side::Green) => Word::Ok.because("only on green"),
        Difference::Unknown => Word::Wait.because("unknown"),
    }
}

pub(super) fn row(ui: &UiState, known: &ExtensionRow) -> Row {
    let standing = standing(ui, known);
    let [blue, green] = Side::BOTH.map(|side| &ui.observed.side(side).extensions);
    let differs = standing.differs() || known.difference != Difference::Equal;
    let cells = vec![
        Cell::plain(known.name.clone()),
        version(known.blue.as_ref()),
        version(known.green.as_ref()),
        standing.cell(),
        age(blue, green),
        Cell::plain(note(known)),
    ];
    Row::new(key(&known.name), cells).that_differs(differs)
}

/// The key of its row.
fn key(name: &str) -> String {
    format!("extension {name}")
}

fn version(view: Option<&ExtensionView>) -> Cell {
    match view {
        None => Cell::unknown(),
        Some(ExtensionView { installed: None, .. }) => Cell::none(),
        Some(ExtensionView { installed: Some(version), .. }) => Cell::plain(version.clone()),
    }
}

/// What is wanted, and what green could install.
fn note(known: &ExtensionRow) -> String {
    let wanted = known.wanted.iter().map(|(side, wanted)| match &wanted.min {
        Some(min) => format!("{side} wants >={min}"),
        None => format!("{side} wants it"),
    });
    let offers = known.green.as_ref().map(|view| match view.available.as_deref() {
        None => "what green offers is unknown".to_owned(),
        Some([]) => "green does not offer it".to_owned(),
        Some(versions) => format!("green offers {}", versions.join(" ")),
    });
    wanted.chain(offers).collect::<Vec<_>>().join("; ")
}

/// The statement that mends it.
pub(super) fn fix(known: &ExtensionRow) -> Option<String> {
    known.problems.iter().find_map(|(_, _, fix)| fix.as_ref()?.command.clone())
}

pub(super) fn lines(ui: &UiState, known: &ExtensionRow) -> Vec<Line<'static>> {
    let standing = standing(ui, known);
    let mut lines = vec![Line::styled(
        format!("verdict  {}", standing.text()),
        ui.theme.style(standing.word.role()),
    )];
    for (side, view) in [(Side::Blue, &known.blue), (Side::Green, &known.green)] {
        let installed = view
            .as_ref()
            .map_or("unknown", |view| view.installed.as_deref().unwrap_or("not installed"));
        let age = told_age(&ui.observed.side(side).extensions, ui.now);
        let style = ui.theme.side(side, ui.serving());
        lines.push(Line::styled(format!("{side:<7}  {installed}   ({age})"), style));
        let offers = match view.as_ref().and_then(|view| view.available.as_deref()) {
            None => "available versions unknown".to_owned(),
            Some([]) => "not available".to_owned(),
            Some(versions) => format!("available {}", versions.join(" ")),
        };
        lines.push(Line::raw(format!("         {offers}")));
        for (_, wanted) in known.wanted.iter().filter(|(of, _)| *of == side) {
            let least = wanted.min.as_ref().map_or("any version", |min| min.as_str());
            lines.push(Line::raw(format!("         wanted by the profile: {least}")));
        }
    }
    for (_, problem, fix) in &known.problems {
        lines.push(Line::raw(""));
        lines.push(Line::styled(format!("FAIL     {problem}"), ui.theme.style(Role::Fail)));
        let Some(fix) = fix else { continue };
        lines.push(Line::raw(format!("fix      {}", fix.title)));
        lines.extend(
            fix.command.as_ref().map(|sql| Line::raw(format!("         {sql}   (y copies it)"))),
        );
    }
    lines
}
