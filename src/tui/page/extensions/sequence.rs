//! A sequence: where it stands on both sides, and what room is left.

use ratatui::text::Line;

use crate::model::{SequenceView, Side};
use crate::tui::list::{Cell, Row};
use crate::tui::page::schema::{Common, short};
use crate::tui::page::standing::{Standing, Word, age, told_age, unread};
use crate::tui::state::UiState;
use crate::tui::view::words;

/// Less room than this part of a sequence's values is told.
const LITTLE: u64 = 10;

/// A sequence on both sides.
pub(super) struct Pair<'a> {
    pub(super) name: &'a str,
    pub(super) views: [Option<&'a SequenceView>; 2],
}

/// The sequences of both sides, by name.
pub(super) fn all(ui: &UiState) -> Vec<Pair<'_>> {
    let read = Side::BOTH.map(|side| ui.observed.side(side).sequences.value());
    let mut names: Vec<&str> =
        read.iter().flatten().flat_map(|all| all.keys()).map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    let pair = |name| Pair { name, views: read.map(|all| all.and_then(|all| all.get(name))) };
    names.into_iter().map(pair).collect()
}

/// How a sequence stands: green must not give a value that is in its column already, nor one that blue gave.
pub(in crate::tui::page) fn standing(
    ui: &UiState,
    [blue, green]: [Option<&SequenceView>; 2],
) -> Standing {
    let [ours, theirs] = Side::BOTH.map(|side| &ui.observed.side(side).sequences);
    if let Some(unread) = unread(ui, ours, theirs) {
        return unread;
    }
    let (blue, green) = match (blue, green) {
        (Some(blue), Some(green)) => (blue, green),
        (Some(_), None) => return Word::Wait.because("not on green yet"),
        (None, _) => return Word::Ok.because("only on green"),
    };
    if !blue.readable || !green.readable {
        return Word::Wait.because("may not be read");
    }
    if green.collides() {
        return Word::Fail.because("green's next value is taken");
    }
    if let Some(percent) = left(green).filter(|percent| *percent < LITTLE) {
        return Word::Warn.because(format!("{percent}% left on green"));
    }
    if behind(blue, green) { Word::Warn.because("green is behind") } else { Standing::OK }
}

fn behind(blue: &SequenceView, green: &SequenceView) -> bool {
    match (blue.last, green.last) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(blue), Some(last)) if green.increment > 0 => last < blue,
        (Some(blue), Some(last)) => last > blue,
    }
}

/// How many of its values are left, in percent.
fn left(view: &SequenceView) -> Option<u64> {
    let left = u128::from(view.headroom()?) * 100 / u128::from(values(view).max(1));
    u64::try_from(left).ok()
}

/// How many values it has in all.
fn values(view: &SequenceView) -> u64 {
    view.end.unsigned_abs() / view.increment.unsigned_abs().max(1)
}

/// Its row; `common` is the schema that is left out.
pub(super) fn row(ui: &UiState, pair: &Pair<'_>, common: Option<Common<'_>>) -> Row {
    let standing = standing(ui, pair.views);
    let [ours, theirs] = Side::BOTH.map(|side| &ui.observed.side(side).sequences);
    let cells = vec![
        Cell::plain(short(pair.name, common.map(|common| common.schema)).to_owned()),
        value(ours.value().is_some(), pair.views[0]),
        value(theirs.value().is_some(), pair.views[1]),
        standing.cell(),
        age(ours, theirs),
        Cell::plain(note(pair.views[1].or(pair.views[0]))),
    ];
    Row::new(format!("sequence {}", pair.name), cells).that_differs(standing.differs())
}

/// The same in a cell: a number is never cut.
fn value(read: bool, view: Option<&SequenceView>) -> Cell {
    let number = view.filter(|view| view.readable).and_then(|view| view.last);
    match number.map(u64::try_from) {
        Some(Ok(number)) => Cell::Count(Some(number)),
        _ => Cell::plain(last(read, view)),
    }
}

fn last(read: bool, view: Option<&SequenceView>) -> String {
    match view {
        None if read => "-".to_owned(),
        None => "unknown".to_owned(),
        Some(SequenceView { readable: false, .. }) => "hidden".to_owned(),
        Some(SequenceView { last: None, .. }) => "unused".to_owned(),
        Some(SequenceView { last: Some(last), .. }) => signed(*last),
    }
}

fn signed(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", words::grouped(number.unsigned_abs()))
}

/// What room is left.
fn note(view: Option<&SequenceView>) -> String {
    let Some(view) = view else { return String::new() };
    match (view.headroom(), left(view)) {
        _ if view.cycles => "begins anew at its end".to_owned(),
        // a few of very many have been given, and 99 % would say that a hundredth has
        (Some(room), Some(99)) if room < values(view) => {
            format!("{} left (>99%)", words::grouped(room))
        }
        (Some(room), Some(percent)) => format!("{} left ({percent}%)", words::grouped(room)),
        _ => "room unknown".to_owned(),
    }
}

/// The statement that moves green's past what blue gave, and past what stands in its column.
pub(super) fn fix(ui: &UiState, pair: &Pair<'_>) -> Option<String> {
    let [Some(blue), Some(green)] = pair.views else { return None };
    if !standing(ui, pair.views).differs() || left(green).is_some_and(|percent| percent < LITTLE) {
        return None;
    }
    let given = blue.last.into_iter().chain(green.furthest).chain(green.last);
    let to = if green.increment > 0 { given.max() } else { given.min() }?;
    Some(format!("SELECT setval('{}', {to})", pair.name.replace('\'', "''")))
}

pub(super) fn lines(ui: &UiState, pair: &Pair<'_>) -> Vec<Line<'static>> {
    let verdict = standing(ui, pair.views);
    let mut lines = vec![Line::styled(
        format!("verdict  {}", verdict.text()),
        ui.theme.style(verdict.word.role()),
    )];
    for (side, view) in Side::BOTH.into_iter().zip(pair.views) {
        let reading = &ui.observed.side(side).sequences;
        let age = told_age(reading, ui.now);
        let style = ui.theme.side(side, ui.serving());
        let value = last(reading.value().is_some(), view);
        lines.push(Line::styled(format!("{side:<7}  last value {value}   ({age})"), style));
        let Some(view) = view else { continue };
        lines.push(Line::raw(format!(
            "         {}, to {} by {}",
            note(Some(view)),
            signed(view.end),
            view.increment
        )));
        if let Some((table, column)) = &view.column {
            let furthest = view.furthest.map_or_else(|| "unknown".to_owned(), signed);
            lines.push(Line::raw(format!(
                "         feeds {table}.{column}, furthest value {furthest}"
            )));
        }
    }
    lines.extend(fix(ui, pair).map(|sql| Line::raw(format!("fix      {sql}   (y copies it)"))));
    lines
}
