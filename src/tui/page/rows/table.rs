//! How a table stands: its live numbers, the copy that fills it, and the last comparison.

use std::collections::HashMap;

use super::cells::Read;
use crate::model::{Name, Observed, Reading, Side, TableView, WorkKind, WorkView};
use crate::tui::page::standing::{Standing, Word, absent};
use crate::tui::state::UiState;
use crate::tui::view::words;

/// What is known of all tables, looked up once for all of them.
pub(super) struct Known<'a> {
    ui: &'a UiState,
    pub(super) tables: [&'a Read; 2],
    copies: [HashMap<&'a str, &'a WorkView>; 2],
    /// Why no two numbers can be held against each other: a side is not there, not known, or stale.
    unread: Option<Standing>,
}

/// A table on both sides.
pub(super) struct Pair<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Blue's and green's.
    pub(super) views: [Option<&'a TableView>; 2],
}

impl<'a> Known<'a> {
    pub(super) fn of(ui: &'a UiState) -> Self {
        let tables = Side::BOTH.map(|side| &ui.observed.side(side).tables);
        let copies = Side::BOTH.map(|side| copies(&ui.observed, side));
        Self { ui, tables, copies, unread: unread(ui, tables) }
    }

    /// The names of all tables, those that are left out included.
    pub(super) fn names(&self) -> Vec<Name> {
        let read = self.tables.iter().filter_map(|tables| tables.value());
        let excluded = self.ui.runbook.watch.exclude.keys().map(|name| Name::from(name.as_str()));
        let mut names: Vec<Name> =
            read.flat_map(|tables| tables.names()).cloned().chain(excluded).collect();
        // stable, since it sees that each side is in order already
        names.sort();
        names.dedup();
        names
    }

    pub(super) fn pair<'n>(&self, name: &'n str) -> Pair<'n>
    where
        'a: 'n,
    {
        Pair { name, views: self.tables.map(|tables| tables.value().and_then(|all| all.get(name))) }
    }

    /// How a table stands.
    pub(super) fn standing(&self, pair: &Pair<'_>) -> Standing {
        if let Some(reason) = self.ui.runbook.watch.exclude.get(pair.name) {
            return Word::Skip.because(format!("excluded: {reason}"));
        }
        if let Some(copy) = self.copy(pair) {
            return copy;
        }
        let proof = self.ui.proofs.of(pair.name);
        if proof.is_some_and(|proof| !proof.equal) {
            let counts = pair.views.map(|view| view.and_then(TableView::count));
            let same = counts[0].is_some() && counts[0] == counts[1];
            return Word::Fail.because(if same { "content differs" } else { "comparison differs" });
        }
        if let Some(unread) = &self.unread {
            return unread.clone();
        }
        match pair.views {
            [Some(_), None] => self.only_blue(),
            [None, _] => Word::Warn.because("only on green"),
            [Some(blue), Some(green)] => {
                let content = proof.filter(|proof| proof.content);
                let age = content.map(|proof| words::age(proof.at, self.ui.now));
                let standing = counted(blue, green, age.as_deref());
                match standing.word {
                    Word::Ok if self.left_out(pair).is_some() => Word::Ok.because("count only"),
                    Word::Warn if blue.materialized => Word::Ok.because("computed anew"),
                    Word::Warn if self.ui.state.past_return => {
                        Word::Ok.because("green takes writes")
                    }
                    _ => standing,
                }
            }
        }
    }

    /// Why its content is not compared, where it is not.
    pub(super) fn left_out(&self, pair: &Pair<'_>) -> Option<&str> {
        let view = pair.views.iter().flatten().any(|view| view.materialized);
        let why = view.then_some("materialized view, computed anew on green");
        self.ui.proofs.left_out(pair.name).or(why)
    }

    fn only_blue(&self) -> Standing {
        let empty = self.tables[1].value().is_some_and(|tables| tables.is_empty());
        if empty {
            Word::Wait.because("not on green yet")
        } else {
            Word::Warn.because("only on blue")
        }
    }

    /// A copy that fills it on green, or that reads it on blue.
    fn copy(&self, pair: &Pair<'_>) -> Option<Standing> {
        let [read, filled] = [0, 1].map(|side| self.copies[side].get(pair.name).copied());
        let source = pair.views[0].and_then(TableView::count);
        let (verb, copy, of) = match (filled, read) {
            (Some(copy), _) => ("copy", copy, source),
            (None, Some(copy)) => ("dump", copy, source),
            (None, None) => return None,
        };
        Some(Word::Run.because(format!("{verb} {}", how_far(copy, of))))
    }
}

/// In a few letters: the reason is in the details, and on the overview.
fn unread(ui: &UiState, [blue, green]: [&Read; 2]) -> Option<Standing> {
    let why = match (blue, green) {
        (Reading::Unknown { .. }, _) => "blue unknown",
        (_, Reading::Unknown { .. }) => "green unknown",
        (Reading::Stale { .. }, _) => "blue stale",
        (_, Reading::Stale { .. }) => "green stale",
        (Reading::Fresh { .. }, Reading::Fresh { .. }) => "",
    };
    absent(ui).or_else(|| (!why.is_empty()).then(|| Word::Wait.because(why)))
}

fn copies(observed: &Observed, side: Side) -> HashMap<&str, &WorkView> {
    let work = observed.side(side).work.fresh();
    let all = work.into_iter().flat_map(|work| work.iter());
    let copies = all.filter(|work| work.kind == WorkKind::Copy);
    copies.filter_map(|work| Some((work.table.as_deref()?, work))).collect()
}

/// How far a copy is: of its bytes where it knows them, else of the rows that blue has.
pub(super) fn how_far(copy: &WorkView, source: Option<u64>) -> String {
    let percent = |done: u64, of: u64| u128::from(done) * 100 / u128::from(of.max(1));
    match (copy.total, copy.rows, source) {
        (Some(total), ..) => format!("{}%", percent(copy.done, total).min(100)),
        (None, Some(rows), Some(of)) if of > 0 => format!("~{}%", percent(rows, of).min(100)),
        (None, Some(rows), _) => format!("{} rows", words::grouped(rows)),
        (None, None, _) => words::size(copy.done),
    }
}

/// `content` is how long ago the content was found to be equal.
fn counted(blue: &TableView, green: &TableView, content: Option<&str>) -> Standing {
    let (Some(ours), Some(theirs)) = (blue.rows, green.rows) else {
        return Word::Wait.because("not counted yet");
    };
    let exact = ours.method.is_exact() && theirs.method.is_exact();
    match (ours.count == theirs.count, exact, content) {
        (true, _, Some(age)) => Word::Ok.because(format!("content {age} ago")),
        (true, true, None) => Standing::OK,
        (_, false, _) => Word::Wait.because("estimate"),
        (false, true, _) => Word::Warn.because("differs"),
    }
}

/// How far green is from blue. PostgreSQL's own counts are of 63 bits, so that nothing wraps.
pub(in crate::tui::page) fn apart(blue: u64, green: u64) -> i64 {
    green.wrapping_sub(blue).cast_signed()
}
