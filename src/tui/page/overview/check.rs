//! A line of the comparison.

use std::borrow::Cow;

use crate::model::{Reading, Side, SideView};
use crate::tui::list::{Cell, Row};
use crate::tui::page::standing::{Standing, Word, age, unread};
use crate::tui::state::UiState;
use crate::tui::theme::Role;

/// A line of the comparison.
pub(super) struct Check {
    name: &'static str,
    values: [Cell; 2],
    standing: Option<Standing>,
    age: Cell,
    trend: Cell,
}

impl Check {
    /// A check of one reading of each side. Nothing is judged where one of them is not known or too old.
    pub(super) fn of<T>(
        ui: &UiState,
        name: &'static str,
        reading: impl Fn(&SideView) -> &Reading<T>,
        show: impl Fn(&T) -> Cell,
        judge: impl FnOnce(&T, &T) -> Option<Standing>,
    ) -> Self {
        let [blue, green] = Side::BOTH.map(|side| reading(ui.observed.side(side)));
        let values = [blue, green].map(|one| one.value().map_or_else(Cell::unknown, &show));
        let standing = unread(ui, blue, green).or_else(|| judge(blue.value()?, green.value()?));
        Self { name, values, standing, age: age(blue, green), trend: Cell::plain("") }
    }

    /// A check of what is of no side.
    pub(super) const fn alone(name: &'static str, standing: Standing, age: Cell) -> Self {
        let values = [Cell::none(), Cell::none()];
        Self {
            name,
            values,
            standing: Some(standing),
            age,
            trend: Cell::Text(Cow::Borrowed(""), Role::Plain),
        }
    }

    /// The same with a line of its last readings.
    pub(super) fn with_trend(self, line: String) -> Self {
        Self { trend: Cell::plain(line), ..self }
    }

    /// How soon it must be seen.
    pub(super) fn urgency(&self) -> u8 {
        self.standing.as_ref().map_or(Word::Ok, |standing| standing.word).urgency()
    }

    pub(super) fn row(self) -> Row {
        let differs = self.standing.as_ref().is_some_and(Standing::differs);
        let verdict = self.standing.map_or_else(Cell::none, |standing| standing.cell());
        let [blue, green] = self.values;
        let cells = vec![Cell::plain(self.name), blue, green, verdict, self.age, self.trend];
        Row::new(self.name, cells).that_differs(differs)
    }
}
