//! Where things stand at each size. Blue is left and green right at all of them.

use ratatui::layout::{Constraint, Layout, Rect};

use super::page::Page;
use super::state::UiState;

/// Below this there is room for the state only.
pub(super) const SMALLEST: (u16, u16) = (60, 15);
/// From this on there is room for the tabs.
const PAGES: (u16, u16) = (80, 24);
const WIDE: u16 = 110;

/// What a part of the screen shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// A page's list.
    List(Page),
    /// What the step rests on.
    Evidence,
}

/// Where things stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Places {
    /// The two lines that never hide.
    pub(super) head: Rect,
    /// The pages' names; it has no height where there is no room.
    pub(super) tabs: Rect,
    /// What lies between.
    pub(super) body: Rect,
    /// The parts of the page.
    pub(super) slots: Vec<(Slot, Rect)>,
    /// The last line.
    pub(super) foot: Rect,
}

impl Places {
    /// The lists, in the order of the tab key.
    pub(super) fn lists(&self) -> impl Iterator<Item = (Page, Rect)> {
        self.slots.iter().filter_map(|(slot, area)| match slot {
            Slot::List(page) if area.height > 2 => Some((*page, *area)),
            _ => None,
        })
    }
}

/// Where things stand in an area; nothing when it is too small.
pub(super) fn places(ui: &UiState, area: Rect) -> Option<Places> {
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return None;
    }
    let tabs = u16::from(area.width >= PAGES.0 && area.height >= PAGES.1);
    let [head, tabs, body, foot] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Length(tabs),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(area);
    let slots = match ui.page {
        _ if ui.zoomed => vec![(Slot::List(ui.focus), body)],
        Page::Overview if area.width >= WIDE => wide(body),
        Page::Overview => narrow(body),
        Page::Steps if area.width >= PAGES.0 => {
            let [list, proof] =
                Layout::vertical([Constraint::Percentage(60), Constraint::Fill(1)]).areas(body);
            vec![(Slot::List(Page::Steps), list), (Slot::Evidence, proof)]
        }
        page => vec![(Slot::List(page), body)],
    };
    Some(Places { head, tabs, body, slots, foot })
}

fn wide(area: Rect) -> Vec<(Slot, Rect)> {
    let [left, right] =
        Layout::horizontal([Constraint::Percentage(40), Constraint::Fill(1)]).areas(area);
    let [list, proof] =
        Layout::vertical([Constraint::Percentage(55), Constraint::Fill(1)]).areas(left);
    let [checks, rows, facts] =
        Layout::vertical([Constraint::Length(10), Constraint::Fill(1), Constraint::Percentage(33)])
            .areas(right);
    vec![
        (Slot::List(Page::Steps), list),
        (Slot::List(Page::Overview), checks),
        (Slot::List(Page::Rows), rows),
        (Slot::Evidence, proof),
        (Slot::List(Page::Log), facts),
    ]
}

fn narrow(area: Rect) -> Vec<(Slot, Rect)> {
    let rows =
        [Constraint::Length(9), Constraint::Fill(3), Constraint::Fill(2), Constraint::Fill(2)];
    let short =
        [Constraint::Length(6), Constraint::Fill(1), Constraint::Length(0), Constraint::Length(0)];
    let [checks, list, proof, facts] =
        Layout::vertical(if area.height < 16 { short } else { rows }).areas(area);
    vec![
        (Slot::List(Page::Overview), checks),
        (Slot::List(Page::Steps), list),
        (Slot::Evidence, proof),
        (Slot::List(Page::Log), facts),
    ]
}

/// How many rows of a list are seen in an area: without its frame, its heads and its sum.
pub(super) fn rows_in(ui: &UiState, page: Page, area: Rect) -> usize {
    let heads = ui.list(page).grid().columns.iter().any(|column| !column.title.is_empty());
    let sum = page.face().sum(ui).is_some();
    usize::from(area.height.saturating_sub(2))
        .saturating_sub(usize::from(heads))
        .saturating_sub(usize::from(sum && area.height > 6))
}
