//! The table of a page: heads, rows, the row that the keys are at. What does not fit is cut with a mark.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders};

use super::{pane, words};
use crate::model::Side;
use crate::tui::layout::{Framed, framed, rows_in};
use crate::tui::list::{Cell, Column, List, Row, Width};
use crate::tui::page::Page;
use crate::tui::state::UiState;
use crate::tui::theme::Role;

/// Draws the list of a page with its frame.
pub(in crate::tui) fn draw(frame: &mut Frame<'_>, ui: &UiState, page: Page, area: Rect) {
    let list = ui.list(page);
    let focus = ui.focus == page;
    let framed = framed(ui, area);
    let inner = self::frame(frame, ui, page, area);
    if inner.height == 0 {
        return;
    }
    let widths = widths(list, inner.width);
    let height = rows_in(ui, page, area);
    let mut lines = Vec::with_capacity(usize::from(inner.height));
    let headed = list.grid().columns.iter().any(|column| !column.title.is_empty());
    if headed && framed != Framed::Not {
        lines.push(heads(ui, list, &widths));
    }
    let first = list.first_within(height);
    for (index, row) in list.rows().enumerate().skip(first).take(height) {
        let line = line(ui, list, row, &widths, inner.width);
        let chosen = focus && index == list.at() && !list.follows();
        lines.push(if chosen { line.patch_style(ui.theme.style(Role::Focus)) } else { line });
    }
    if list.rows().len() == 0 {
        lines.push(Line::styled(nothing(list), ui.theme.style(Role::Muted)));
    }
    let used = lines.len();
    let body = Rect { height: inner.height.min(u16::try_from(used).unwrap_or(u16::MAX)), ..inner };
    frame.render_widget(ratatui::text::Text::from(lines), body);
    if let Some(sum) = page.face().sum(ui).filter(|_| area.height > 6) {
        let below = Rect { y: inner.bottom() - 1, height: 1, ..inner };
        frame.render_widget(sum, below);
    }
}

/// Draws the frame of a page's list, and gives the room in it.
pub(in crate::tui) fn frame(frame: &mut Frame<'_>, ui: &UiState, page: Page, area: Rect) -> Rect {
    let title = title(ui, page, ui.list(page));
    let focus = ui.focus == page;
    let list = ui.list(page);
    let around = |block| with_part(block, part(list, rows_in(ui, page, area)));
    let block = match framed(ui, area) {
        Framed::Not => Block::new(),
        Framed::Above => pane::frame_of(ui, &title, focus).borders(Borders::TOP),
        Framed::Around => around(pane::frame_of(ui, &title, focus)),
    };
    let inner = block.inner(area);
    frame.render_widget(block, area);
    inner
}

fn with_part(block: Block<'_>, part: Option<String>) -> Block<'_> {
    match part {
        Some(part) => block.title_bottom(Line::raw(part).right_aligned()),
        None => block,
    }
}

/// Which rows are seen, where that is not all of them.
fn part(list: &List, height: usize) -> Option<String> {
    let (first, all) = (list.first_within(height), list.rows().len());
    let end = (first + height).min(all);
    (end - first < all && height > 0).then(|| format!(" {}-{end} of {all} ", first + 1))
}

fn nothing(list: &List) -> String {
    match list.count() {
        (0, 0) => list.grid().empty.to_string(),
        (_, all) => format!("none of {all} rows; esc clears the filter, v shows all"),
    }
}

fn title(ui: &UiState, page: Page, list: &List) -> String {
    let mut parts = vec![format!("{} {}", page.number(), page.face().title(ui))];
    if !list.filter().is_empty() {
        parts.push(format!("/{}", list.filter()));
    }
    if list.only_differences() {
        parts.push("only differences".to_owned());
    }
    if let Some((column, backwards)) = list.sorted_by() {
        let way = if backwards { ", backwards" } else { "" };
        parts.push(format!("by {}{way}", column.to_lowercase()));
    }
    let (shown, all) = list.count();
    if shown < all {
        parts.push(format!("{shown} of {all}"));
    }
    parts.join("  ")
}

/// The columns that are shown, and how wide they are. The first stays; those that are scrolled away, and those for which
/// there is no room, have no width.
fn widths(list: &List, width: u16) -> Vec<u16> {
    let columns = &list.grid().columns;
    let mut room = width;
    let mut shown = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        let gone = index > 0 && index <= list.column();
        let needed = column.width.least() + u16::from(index > 0);
        if !gone && (index == 0 || needed <= room) {
            room = room.saturating_sub(needed);
            shown.push(index);
        } else if !gone {
            break;
        }
    }
    let mut widths = vec![0; columns.len()];
    for index in &shown {
        let width = columns[*index].width;
        let more = width.most().saturating_sub(width.least()).min(room);
        widths[*index] = width.least() + more;
        room -= more;
    }
    share(columns, &mut widths, room);
    widths
}

/// Gives what is left over to the columns that take a share of it, by what they need at least.
fn share(columns: &[Column], widths: &mut [u16], mut room: u16) {
    let takes_part =
        |index: &usize| matches!(columns[*index].width, Width::AtLeast(_)) && widths[*index] > 0;
    let takers: Vec<usize> = (0..columns.len()).filter(takes_part).collect();
    let mut needs: u16 = takers.iter().map(|index| widths[*index]).sum();
    for index in takers {
        let part = u32::from(room) * u32::from(widths[index]) / u32::from(needs.max(1));
        let part = u16::try_from(part).unwrap_or(room);
        (needs, room) = (needs - widths[index], room - part);
        widths[index] += part;
    }
}

fn heads(ui: &UiState, list: &List, widths: &[u16]) -> Line<'static> {
    let columns = &list.grid().columns;
    let end = widths.iter().rposition(|width| *width > 0);
    let hidden = end.is_some_and(|end| end + 1 < columns.len());
    let cells = columns.iter().zip(widths).enumerate().filter(|(_, (_, width))| **width > 0);
    let spans = cells.map(|(index, (column, width))| {
        let (title, style) = head(ui, column, *width);
        let more = hidden && Some(index) == end;
        let room = usize::from(width.saturating_sub(u16::from(more)));
        let mut text = words::pad(&title, room, column.right, ui.theme);
        if more {
            text.push('>');
        }
        Span::styled(text, style)
    });
    join(spans)
}

fn head(ui: &UiState, column: &Column, width: u16) -> (String, Style) {
    let serving = ui.serving();
    match column.side {
        Some(side) if serving == Some(side) => {
            let long = format!("{} *serving*", column.title);
            let fits = long.len() <= usize::from(width);
            let title = if fits { long } else { format!("{} serves", column.title) };
            (title, ui.theme.side(side, serving))
        }
        Some(side) => (column.title.to_owned(), ui.theme.side(side, serving)),
        None => (column.title.to_owned(), ui.theme.style(Role::Title)),
    }
}

fn line(ui: &UiState, list: &List, row: &Row, widths: &[u16], width: u16) -> Line<'static> {
    if row.heading {
        let (text, style) =
            row.cells.first().map(|cell| written(ui, cell, None)).unwrap_or_default();
        return Line::styled(words::pad(&text, width.into(), false, ui.theme), style);
    }
    let cells = row.cells.iter().zip(&list.grid().columns).zip(widths);
    join(cells.filter(|(_, width)| **width > 0).map(|((cell, column), width)| {
        let (text, style) = written(ui, cell, column.side);
        Span::styled(words::pad(&text, (*width).into(), column.right, ui.theme), style)
    }))
}

fn join(spans: impl Iterator<Item = Span<'static>>) -> Line<'static> {
    let mut joined = Vec::new();
    for span in spans {
        if !joined.is_empty() {
            joined.push(Span::raw(" "));
        }
        joined.push(span);
    }
    Line::from(joined)
}

/// A cell in words, and how they look.
fn written(ui: &UiState, cell: &Cell, side: Option<Side>) -> (String, Style) {
    let style = |role| ui.theme.style(role);
    let plain = side.map_or(style(Role::Plain), |side| ui.theme.side(side, ui.serving()));
    match cell {
        Cell::Text(text, Role::Plain) => (text.to_string(), plain),
        Cell::Text(text, role) => (text.to_string(), style(*role)),
        Cell::Count(Some(count)) => (words::grouped(*count), plain),
        Cell::Estimate(count) => (format!("~{}", words::grouped(*count)), plain),
        Cell::About(0) => ("~equal".to_owned(), plain),
        Cell::About(delta) => (format!("~{}", signed(*delta)), style(Role::Warn)),
        Cell::Delta(0) => ("equal".to_owned(), plain),
        Cell::Delta(delta) => (signed(*delta), style(Role::Warn)),
        Cell::Rate(Some(rate)) => (rate.to_string(), plain),
        Cell::Bytes(Some(bytes)) => (words::size(*bytes), plain),
        Cell::Count(None) | Cell::Rate(None) | Cell::Bytes(None) => {
            ("unknown".to_owned(), style(Role::Muted))
        }
        Cell::Stale(at) => (format!("{} stale", words::coarse_age(*at, ui.now)), style(Role::Warn)),
        Cell::Age(at) => (words::age(*at, ui.now), style(Role::Muted)),
        Cell::Since(from) => (words::age(Some(*from), ui.now), plain),
        Cell::Took(time) => (words::took(*time), plain),
    }
}

fn signed(delta: i64) -> String {
    let sign = if delta < 0 { "-" } else { "+" };
    format!("{sign}{}", words::grouped(delta.unsigned_abs()))
}
