//! The cells of the page, made of what was read when somebody looks at them.

use std::sync::Arc;

use super::table::{Known, apart};
use crate::model::{CountMethod, Name, Reading, Shared, TableBytes, TableView, Tables};
use crate::tui::list::{Cell, Row, Source};
use crate::tui::page::schema::short as short_name;
use crate::tui::page::standing::{Standing, Word};

/// What was read of a side's tables.
pub(super) type Read = Reading<Shared<Tables>>;

/// All tables as they were read, and how each stood then.
#[derive(Debug)]
pub(super) struct Snapshot {
    tables: [Read; 2],
    rows: Vec<(Name, Standing)>,
    /// The schema that is left out of the names.
    schema: Option<String>,
}

impl Snapshot {
    pub(super) fn new(
        known: &Known<'_>,
        rows: Vec<(Name, Standing)>,
        schema: Option<String>,
    ) -> Self {
        Self { tables: known.tables.map(Clone::clone), rows, schema }
    }

    /// A row for each table.
    pub(super) fn rows(self) -> Vec<Row> {
        let all = Arc::new(self);
        let row = |((name, standing), place): (&(Name, Standing), u32)| {
            let source = Arc::clone(&all) as Arc<dyn Source>;
            // estimates that are apart warn of nothing, and yet are what somebody who looks for differences wants to see
            let apart = standing.word == Word::Wait
                && matches!(delta(all.views(name)), Cell::About(apart) if apart != 0);
            Row::of(name.clone(), source, place, standing.word.role())
                .that_differs(standing.differs() || apart)
        };
        all.rows.iter().zip(0..).map(row).collect()
    }

    fn views(&self, name: &str) -> [Option<&TableView>; 2] {
        self.tables.each_ref().map(|tables| tables.value().and_then(|all| all.get(name)))
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
    fn age(&self, views: [Option<&TableView>; 2]) -> Cell {
        let sides = views.into_iter().zip(&self.tables);
        let at = sides.filter_map(|(view, tables)| {
            let rows = view?.rows?;
            Some(tables.at().map_or(rows.at, |read| rows.at.max(read)))
        });
        Cell::age(at.min(), self.tables.iter().any(Reading::is_stale))
    }
}

impl Source for Snapshot {
    fn cells(&self, place: u32) -> Vec<Cell> {
        let (name, standing) = &self.rows[place as usize];
        let views = self.views(name);
        let [blue, green] = views;
        vec![
            Cell::plain(short_name(name, self.schema.as_deref()).to_owned()),
            self.count(0, blue),
            self.count(1, green),
            standing.cell(),
            self.age(views),
            delta(views),
            size(blue),
            size(green),
            Cell::plain(method(views)),
            rate(blue),
            rate(green),
        ]
    }
}

fn delta(views: [Option<&TableView>; 2]) -> Cell {
    match views.map(|view| view.and_then(TableView::count)) {
        [Some(blue), Some(green)] if views.iter().flatten().all(|view| view.is_exact()) => {
            Cell::Delta(apart(blue, green))
        }
        [Some(blue), Some(green)] => Cell::About(apart(blue, green)),
        _ => Cell::none(),
    }
}

/// How the numbers were found.
fn method(views: [Option<&TableView>; 2]) -> &'static str {
    let word = |view: &TableView| view.rows.map(|rows| short(rows.method));
    match views.map(|view| view.and_then(word)) {
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
    view.map_or_else(Cell::none, |view| Cell::Bytes(view.bytes.map(TableBytes::total)))
}
