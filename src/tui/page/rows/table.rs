//! How a table stands: its live numbers, the copy that fills it, and the last comparison.

use std::collections::{BTreeMap, HashMap};

use crate::model::{CountMethod, Observed, Reading, Shared, Side, TableView, WorkKind, WorkView};
use crate::tui::list::{Cell, Row};
use crate::tui::page::schema::{Common, short as short_name};
use crate::tui::page::standing::{Standing, Word, absent};
use crate::tui::state::UiState;
use crate::tui::view::words;

type Tables = Reading<Shared<BTreeMap<String, TableView>>>;

/// What is known of all tables, looked up once for all of them.
pub(super) struct Known<'a> {
    ui: &'a UiState,
    tables: [&'a Tables; 2],
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
    pub(super) fn names(&self) -> Vec<&'a str> {
        let read = self.tables.iter().filter_map(|tables| tables.value());
        let excluded = self.ui.runbook.watch.exclude.keys();
        let mut names: Vec<&str> =
            read.flat_map(|tables| tables.keys()).chain(excluded).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(super) fn pair(&self, name: &'a str) -> Pair<'a> {
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
                let standing = counted(blue, green, proof.is_some_and(|proof| proof.content));
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

    /// Its row, and the word that it stands at. `common` is the schema that is left out.
    pub(super) fn row(&self, name: &'a str, common: Option<Common<'_>>) -> (Row, Word) {
        let pair = self.pair(name);
        let standing = self.standing(&pair);
        let [blue, green] = pair.views;
        let apart = match pair.views.map(|view| view.and_then(TableView::count)) {
            [Some(blue), Some(green)] => Some(apart(blue, green)),
            _ => None,
        };
        let exact = pair.views.iter().flatten().all(|view| view.is_exact());
        let delta = match apart {
            Some(apart) if exact => Cell::Delta(apart),
            Some(apart) => Cell::About(apart),
            None => Cell::none(),
        };
        // estimates that are apart warn of nothing, and yet are what somebody who looks for differences wants to see
        let differs = standing.differs() || (!exact && apart.is_some_and(|apart| apart != 0));
        let cells = vec![
            Cell::plain(short_name(name, common).to_owned()),
            self.count(0, blue),
            self.count(1, green),
            standing.cell(),
            self.age(&pair),
            delta,
            size(blue),
            size(green),
            Cell::plain(method(&pair)),
            rate(blue),
            rate(green),
        ];
        (Row::new(name, cells).that_differs(differs), standing.word)
    }

    fn count(&self, side: usize, view: Option<&TableView>) -> Cell {
        match view.map(|view| view.rows) {
            None if self.tables[side].value().is_none() => Cell::unknown(),
            None => Cell::none(),
            Some(None) => Cell::unknown(),
            Some(Some(rows)) if rows.method.is_exact() => Cell::Count(Some(rows.count)),
            Some(Some(rows)) => Cell::Estimate(rows.count),
        }
    }

    /// The age of the older number. One that has not been counted for a while because nobody wrote is as old as the reading
    /// that saw so.
    fn age(&self, pair: &Pair<'_>) -> Cell {
        let sides = pair.views.iter().zip(self.tables);
        let at = sides.filter_map(|(view, tables)| {
            let rows = (*view)?.rows?;
            Some(tables.at().map_or(rows.at, |read| rows.at.max(read)))
        });
        Cell::age(at.min(), self.tables.iter().any(|tables| tables.is_stale()))
    }
}

/// In a few letters: the reason is in the details, and on the overview.
fn unread(ui: &UiState, tables: [&Tables; 2]) -> Option<Standing> {
    let of = |test: fn(&Tables) -> bool, word: &str| {
        let found = Side::BOTH.into_iter().zip(tables).find(|(_, tables)| test(tables));
        found.map(|(side, _)| Word::Wait.because(format!("{side} {word}")))
    };
    absent(ui)
        .or_else(|| of(|tables| tables.value().is_none(), "unknown"))
        .or_else(|| of(Reading::is_stale, "stale"))
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

fn counted(blue: &TableView, green: &TableView, content: bool) -> Standing {
    let (Some(ours), Some(theirs)) = (blue.rows, green.rows) else {
        return Word::Wait.because("not counted yet");
    };
    let exact = ours.method.is_exact() && theirs.method.is_exact();
    match (ours.count == theirs.count, exact) {
        (true, true) if content => Word::Ok.because("content"),
        (true, true) => Standing::OK,
        (true, false) if content => Word::Ok.because("content, now estimated"),
        (_, false) => Word::Wait.because("estimate"),
        (false, true) => Word::Warn.because("differs"),
    }
}

/// How the numbers were found.
fn method(pair: &Pair<'_>) -> &'static str {
    let word = |view: &TableView| view.rows.map(|rows| short(rows.method));
    match pair.views.map(|view| view.and_then(word)) {
        [Some(one), Some(two)] if one != two => "mixed",
        [Some(one), _] | [None, Some(one)] => one,
        [None, None] => "-",
    }
}

const fn short(method: CountMethod) -> &'static str {
    match method {
        CountMethod::Exact => "exact",
        CountMethod::Statistics => "stats",
        CountMethod::Planner => "planner",
    }
}

fn rate(view: Option<&TableView>) -> Cell {
    view.map_or_else(Cell::none, |view| Cell::Rate(view.writes))
}

fn size(view: Option<&TableView>) -> Cell {
    view.map_or_else(Cell::none, |view| {
        Cell::Bytes(view.bytes.map(crate::model::TableBytes::total))
    })
}

/// How far green is from blue. PostgreSQL's own counts are of 63 bits, so that nothing wraps.
pub(in crate::tui::page) fn apart(blue: u64, green: u64) -> i64 {
    green.wrapping_sub(blue).cast_signed()
}
