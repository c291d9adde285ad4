//! Where things stand at each size. Blue is left and green right at all of them.

use ratatui::layout::{Constraint, Layout, Rect};

use super::page::Page;
use super::state::UiState;
use crate::model::Side;

/// Below this there is room for the state only.
pub(super) const SMALLEST: (u16, u16) = (60, 15);
/// From this on there is room for the tabs.
const PAGES: (u16, u16) = (80, 24);
/// From this on both sides stand beside each other.
const WIDE: (u16, u16) = (110, 30);
/// From this on everything is on one screen.
const WAR_ROOM: (u16, u16) = (160, 45);

/// What a part of the screen shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// A page's list.
    List(Page),
    /// What the step rests on.
    Evidence,
    /// One side's server.
    Side(Side),
    /// The way back from here.
    UndoPath,
    /// The run itself.
    Run,
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
    /// What was said last, while it stands.
    pub(super) toast: Rect,
    /// The last line.
    pub(super) foot: Rect,
}

impl Places {
    /// All lists that are seen.
    pub(super) fn seen(&self) -> impl Iterator<Item = (Page, Rect)> {
        self.slots.iter().filter_map(|(slot, area)| match slot {
            Slot::List(page) => Some((*page, *area)),
            _ => None,
        })
    }

    /// The lists that can have the focus, in the order of the tab key: those of a few lines are only looked at.
    pub(super) fn lists(&self) -> impl Iterator<Item = (Page, Rect)> {
        self.seen().filter(|(_, area)| area.height > 2)
    }
}

/// Where things stand in an area; nothing when it is too small.
pub(super) fn places(ui: &UiState, area: Rect) -> Option<Places> {
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        return None;
    }
    let tabs = u16::from(fits(area, PAGES));
    let said = u16::from(ui.toast.is_some());
    let [head, names, body, toast, foot] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Length(tabs),
        Constraint::Fill(1),
        Constraint::Length(said),
        Constraint::Length(1),
    ])
    .areas(area);
    let slots = match ui.page {
        _ if ui.zoomed => vec![(Slot::List(ui.focus), body)],
        Page::Overview if fits(area, WAR_ROOM) => war_room(body, said),
        Page::Overview if fits(area, WIDE) => wide(body, said),
        Page::Overview if tabs == 1 => page(body, said),
        Page::Overview => strip(body, said),
        Page::Steps if area.width >= PAGES.0 => {
            let [list, proof] =
                Layout::vertical([Constraint::Percentage(60), Constraint::Fill(1)]).areas(body);
            vec![(Slot::List(Page::Steps), list), (Slot::Evidence, proof)]
        }
        page => vec![(Slot::List(page), body)],
    };
    Some(Places { head, tabs: names, body, slots, toast, foot })
}

const fn fits(area: Rect, (width, height): (u16, u16)) -> bool {
    area.width >= width && area.height >= height
}

/// Checks and steps, and nothing between them. A toast's line comes from the steps, so that nothing moves.
fn strip(area: Rect, said: u16) -> Vec<(Slot, Rect)> {
    let checks = Constraint::Length((area.height + said) * 3 / 5);
    let [checks, list] = Layout::vertical([checks, Constraint::Fill(1)]).areas(area);
    vec![(Slot::List(Page::Overview), checks), (Slot::List(Page::Steps), list)]
}

/// Below each other, all over the width. What holds the step gets as many lines as the steps themselves. Here and below a
/// toast's line comes from the log, which says the same.
fn page(area: Rect, said: u16) -> Vec<(Slot, Rect)> {
    let spare = (area.height + said).saturating_sub(20);
    let rows = [
        Constraint::Length((8 + spare / 2).min(16)),
        Constraint::Fill(1),
        Constraint::Fill(1),
        Constraint::Length(1 + u16::from(spare > 4) - said),
    ];
    let [checks, list, proof, facts] = Layout::vertical(rows).areas(area);
    vec![
        (Slot::List(Page::Overview), checks),
        (Slot::List(Page::Steps), list),
        (Slot::Evidence, proof),
        (Slot::List(Page::Log), facts),
    ]
}

fn wide(area: Rect, said: u16) -> Vec<(Slot, Rect)> {
    let facts = Constraint::Length(8 - said);
    let [main, facts] = Layout::vertical([Constraint::Fill(1), facts]).areas(area);
    let [left, right] =
        Layout::horizontal([Constraint::Percentage(38), Constraint::Fill(1)]).areas(main);
    let [list, proof, back] =
        Layout::vertical([Constraint::Fill(3), Constraint::Fill(2), Constraint::Length(7)])
            .areas(left);
    // all checks where there is room for them
    let checks = if main.height > 40 { 17 } else { 10 };
    let [checks, rows] =
        Layout::vertical([Constraint::Length(checks), Constraint::Fill(1)]).areas(right);
    vec![
        (Slot::List(Page::Steps), list),
        (Slot::List(Page::Overview), checks),
        (Slot::List(Page::Rows), rows),
        (Slot::Evidence, proof),
        (Slot::UndoPath, back),
        (Slot::List(Page::Log), facts),
    ]
}

fn war_room(area: Rect, said: u16) -> Vec<(Slot, Rect)> {
    let facts = Constraint::Length(12 - said);
    let [main, facts] = Layout::vertical([Constraint::Fill(1), facts]).areas(area);
    let [left, middle, right] = Layout::horizontal([
        Constraint::Length(52),
        Constraint::Fill(1),
        Constraint::Percentage(25),
    ])
    .areas(main);
    let [list, back] = Layout::vertical([Constraint::Fill(1), Constraint::Length(8)]).areas(left);
    let [sides, checks, rows] =
        Layout::vertical([Constraint::Length(12), Constraint::Length(10), Constraint::Fill(1)])
            .areas(middle);
    let [blue, green] = Layout::horizontal([Constraint::Fill(1); 2]).areas(sides);
    let [proof, run] = Layout::vertical([Constraint::Fill(1), Constraint::Length(9)]).areas(right);
    vec![
        (Slot::List(Page::Steps), list),
        (Slot::UndoPath, back),
        (Slot::Side(Side::Blue), blue),
        (Slot::Side(Side::Green), green),
        (Slot::List(Page::Overview), checks),
        (Slot::List(Page::Rows), rows),
        (Slot::Evidence, proof),
        (Slot::Run, run),
        (Slot::List(Page::Log), facts),
    ]
}

/// What the frame of a pane takes: all around it, above it only where lines are dear, or nothing where there are two.
pub(super) fn framed(ui: &UiState, area: Rect) -> Framed {
    let screen = Rect::new(0, 0, ui.size.0, ui.size.1);
    let below_each_other = ui.page == Page::Overview && !ui.zoomed && !fits(screen, WIDE);
    match area.height {
        0..=2 => Framed::Not,
        _ if is_strip(ui) || below_each_other => Framed::Above,
        _ => Framed::Around,
    }
}

/// There is room for a few lines of each pane only.
pub(super) const fn is_strip(ui: &UiState) -> bool {
    ui.size.1 < PAGES.1 || ui.size.0 < PAGES.0
}

/// How a pane is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framed {
    /// Not at all, and without heads.
    Not,
    /// By a line above it.
    Above,
    /// All around.
    Around,
}

/// How many rows of a list are seen in an area: without its frame, its heads and its sum.
pub(super) fn rows_in(ui: &UiState, page: Page, area: Rect) -> usize {
    let frame = match framed(ui, area) {
        Framed::Not => return area.height.into(),
        Framed::Above => 1,
        Framed::Around => 2,
    };
    let heads = ui.list(page).grid().columns.iter().any(|column| !column.title.is_empty());
    let sum = page.face().sum(ui).is_some();
    usize::from(area.height.saturating_sub(frame))
        .saturating_sub(usize::from(heads))
        .saturating_sub(usize::from(sum && area.height > 6))
}
