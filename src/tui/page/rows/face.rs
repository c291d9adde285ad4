//! The page.

use ratatui::text::Line;

use super::cells::Snapshot;
use super::details;
use super::table::Known;
use crate::model::{Focus, Name, Side};
use crate::tui::list::{Column, Grid};
use crate::tui::page::schema::Common;
use crate::tui::page::standing::{Word, absent_side};
use crate::tui::page::{Face, Page};
use crate::tui::state::UiState;

/// The page.
#[derive(Debug)]
pub(in crate::tui::page) struct Rows;

impl Face for Rows {
    fn title(&self, ui: &UiState) -> String {
        match &ui.list(Page::Rows).grid().shared {
            Some(of) => format!("Rows{of}"),
            None => "Rows".to_owned(),
        }
    }

    fn grid(&self, ui: &UiState) -> Grid {
        let columns = vec![
            Column::name("TABLE"),
            Column::side(Side::Blue),
            Column::side(Side::Green),
            Column::text("VERDICT", 8).that_stays(),
            Column::age(),
            Column::number("DELTA"),
            Column::number("BLUE SIZE"),
            Column::number("GREEN SIZE"),
            Column::word("METHOD", 7),
            Column::number("BLUE W/S"),
            Column::number("GREEN W/S"),
        ];
        let known = Known::of(ui);
        let mut tally = [0_usize; Word::ALL];
        let mut left_out = 0;
        let names = known.names();
        let common = Common::of(names.iter().map(|name| &**name));
        let (schema, told) = common.map(|common| (common.schema.to_owned(), common.told())).unzip();
        let stand = |name: Name| {
            let pair = known.pair(&name);
            let standing = known.standing(&pair);
            if standing.word == Word::Ok && known.left_out(&pair).is_some() {
                left_out += 1;
            } else {
                tally[standing.word as usize] += 1;
            }
            (name, standing)
        };
        let rows = names.into_iter().map(stand).collect();
        let rows = Snapshot::new(&known, rows, schema).rows();
        let grid = Grid::of(columns).with(rows).or_says(empty(ui));
        Grid { sum: sum(tally, left_out, absent_side(ui)), shared: told, ..grid }
    }

    fn details(&self, ui: &UiState, row: &str) -> Vec<Line<'static>> {
        details::lines(ui, row)
    }

    fn looks_at(&self, _ui: &UiState, row: &str) -> Focus {
        Focus { table: Some(row.to_owned()), ..Focus::default() }
    }

    fn sum(&self, ui: &UiState) -> Option<Line<'static>> {
        Some(Line::raw(ui.list(Page::Rows).grid().sum.clone()))
    }
}

fn empty(ui: &UiState) -> String {
    let why = Side::BOTH.into_iter().find_map(|side| {
        let why = ui.observed.side(side).tables.why()?;
        Some(format!(": {side}: {why}"))
    });
    format!("no table has been read yet{}", why.unwrap_or_default())
}

fn sum(tally: [usize; Word::ALL], left_out: usize, absent: Option<Side>) -> String {
    let of = |word: Word| tally[word as usize];
    let all = tally.iter().sum::<usize>() - of(Word::Skip) - of(Word::Absent);
    let compared = format!(
        "{}/{all} equal   {} running   {} waiting   {} differ",
        of(Word::Ok),
        of(Word::Run),
        of(Word::Wait),
        of(Word::Warn) + of(Word::Fail),
    );
    let excluded = format!("{} excluded", of(Word::Skip));
    let absent = absent.filter(|_| of(Word::Absent) > 0);
    let absent = absent.map(|side| format!("{} without {side}", of(Word::Absent)));
    let left_out = (left_out > 0).then(|| format!("{left_out} not compared"));
    // where nothing can be compared there is no part of it that is equal
    let compared = (all > 0 || absent.is_none()).then_some(compared);
    let all = [compared, absent, Some(excluded), left_out];
    format!(" {}", all.into_iter().flatten().collect::<Vec<_>>().join("   "))
}
