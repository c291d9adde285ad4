//! How blue and green stand to each other in a row: a status word, and why.

use std::borrow::Cow;

use crate::model::{Reading, Side};
use crate::tui::list::Cell;
use crate::tui::state::UiState;
use crate::tui::theme::Role;

/// A status word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// It is as it should be.
    Ok,
    /// It is under way.
    Run,
    /// It is not known yet, or its time has not come.
    Wait,
    /// It needs attention.
    Warn,
    /// It stands in the way.
    Fail,
    /// It is left out.
    Skip,
    /// A side is not there, so that there is nothing to compare.
    Absent,
}

/// A status word, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    /// The word.
    pub(super) word: Word,
    /// Why, in a few words; empty where there is nothing to say.
    pub(super) why: Cow<'static, str>,
}

impl Word {
    /// How many words there are.
    pub(super) const ALL: usize = Self::Absent as usize + 1;

    const fn text(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Run => "run",
            Self::Wait => "wait",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
            Self::Skip => "skip",
            Self::Absent => "absent",
        }
    }

    /// How it looks.
    pub(super) const fn role(self) -> Role {
        match self {
            Self::Ok | Self::Wait => Role::Plain,
            Self::Run => Role::Running,
            Self::Warn => Role::Warn,
            Self::Fail => Role::Fail,
            Self::Skip | Self::Absent => Role::Muted,
        }
    }

    /// How soon it must be seen: what stands in the way first, then what is not known.
    pub(super) const fn urgency(self) -> u8 {
        match self {
            Self::Fail => 0,
            Self::Warn => 1,
            Self::Wait => 2,
            Self::Run => 3,
            Self::Ok | Self::Skip | Self::Absent => 4,
        }
    }

    /// It says these words.
    pub(super) fn because(self, why: impl Into<Cow<'static, str>>) -> Standing {
        Standing { word: self, why: why.into() }
    }
}

impl Standing {
    /// It is as it should be.
    pub(super) const OK: Self = Self { word: Word::Ok, why: Cow::Borrowed("") };

    /// Whether it stays under `only differences`.
    pub(super) const fn differs(&self) -> bool {
        matches!(self.word, Word::Warn | Word::Fail)
    }

    /// The word and why.
    pub(super) fn text(&self) -> Cow<'static, str> {
        if self.why.is_empty() {
            Cow::Borrowed(self.word.text())
        } else {
            format!("{} {}", self.word.text(), self.why).into()
        }
    }

    /// The same in a cell.
    pub(super) fn cell(&self) -> Cell {
        Cell::Text(self.text(), self.word.role())
    }
}

/// The side that is not there, where one is not.
pub(super) fn absent_side(ui: &UiState) -> Option<Side> {
    Side::BOTH.into_iter().find(|side| ui.observed.is_absent(&ui.runbook, *side))
}

/// A side that is not there: nothing is wrong, and there is nothing to compare.
pub(super) fn absent(ui: &UiState) -> Option<Standing> {
    absent_side(ui).map(|side| Word::Absent.because(side.word()))
}

/// Why nothing can be said of two readings: one is not known, or too old. None when both are fresh.
pub(super) fn unread<T, U>(
    ui: &UiState,
    blue: &Reading<T>,
    green: &Reading<U>,
) -> Option<Standing> {
    let lacks = |side: Side, known: bool, why: Option<&str>| {
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        (!known).then(|| Word::Wait.because(format!("{side} unknown{why}")))
    };
    let old = |side: Side, stale: bool| stale.then(|| Word::Wait.because(format!("{side} stale")));
    absent(ui)
        .or_else(|| lacks(Side::Blue, blue.value().is_some(), blue.why()))
        .or_else(|| lacks(Side::Green, green.value().is_some(), green.why()))
        .or_else(|| old(Side::Blue, blue.is_stale()))
        .or_else(|| old(Side::Green, green.is_stale()))
}

/// The age of the older of two readings; of the one that is known when the other is not.
pub(super) fn age<T, U>(blue: &Reading<T>, green: &Reading<U>) -> Cell {
    let at = blue.at().into_iter().chain(green.at()).min();
    Cell::age(at, blue.is_stale() || green.is_stale())
}

/// A reading's age in words, with the reason when there is none or no newer one.
pub(super) fn told_age<T>(reading: &Reading<T>, now: jiff::Timestamp) -> String {
    let age = crate::tui::view::words::age(reading.at(), now);
    let why = reading.why().map_or_else(String::new, |why| format!(": {why}"));
    match reading {
        Reading::Fresh { .. } => format!("read {age} ago"),
        Reading::Stale { .. } => format!("stale, read {age} ago{why}"),
        Reading::Unknown { .. } if why.is_empty() => "unknown: not read yet".to_owned(),
        Reading::Unknown { .. } => format!("unknown{why}"),
    }
}
