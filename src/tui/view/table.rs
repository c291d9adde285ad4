//! The table of a page: heads, rows, the row that the keys are at. What does not fit is cut with a mark.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{pane, words};
use crate::model::Side;
use crate::tui::layout::{Framed, framed, rows_in};
use crate::tui::list::{Cell, Column, List, Row};
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
    let (widths, more) = list.widths(inner.width);
    let height = rows_in(ui, page, area);
    let mut lines = Vec::with_capacity(usize::from(inner.height));
    let headed = list.grid().columns.iter().any(|column| !column.title.is_empty());
    if headed && framed != Framed::Not {
        lines.push(heads(ui, list, &widths, more));
    }
    let first = list.first_within(height);
    for (index, row) in list.rows().enumerate().skip(first).take(height) {
        let line = line(ui, list, row, &widths, inner.width);
        let chosen = focus && index == list.at() && !list.follows();
        lines.push(if chosen { line.patch_style(ui.theme.style(Role::Focus)) } else { line });
    }
    if list.rows().len() == 0 {
        let text = words::fit(&nothing(ui, page), inner.width.into(), ui.theme);
        lines.push(Line::styled(text, ui.theme.style(Role::Muted)));
    }
    let used = lines.len();
    let body = Rect { height: inner.height.min(u16::try_from(used).unwrap_or(u16::MAX)), ..inner };
    frame.render_widget(ratatui::text::Text::from(lines), body);
    if let Some(sum) = page.face().sum(ui).filter(|_| area.height > 6) {
        let below = Rect { y: inner.bottom() - 1, height: 1, ..inner };
        frame.render_widget(pane::fitted(ui.theme, &sum, below.width), below);
    }
}

/// Draws the frame of a page's list, and gives the room in it.
pub(in crate::tui) fn frame(frame: &mut Frame<'_>, ui: &UiState, page: Page, area: Rect) -> Rect {
    let title = title(ui, page, ui.list(page));
    let focus = ui.focus == page;
    let part = part(ui.list(page), rows_in(ui, page, area));
    let block = pane::framed_block(ui, area, &title, focus, part);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    inner
}

/// Which rows are seen, where that is not all of them, and what stands in the way among the others.
fn part(list: &List, height: usize) -> Option<String> {
    let (first, all) = (list.first_within(height), list.rows().len());
    let end = (first + height).min(all);
    if end - first == all || height == 0 {
        return None;
    }
    let mut part = format!("{}-{end} of {all}", first + 1);
    if list.grid().follows.is_none() {
        let beyond = || list.rows().take(first).chain(list.rows().skip(end));
        let count = |role| beyond().filter(|row| row.is_of(role)).count();
        let found = [(count(Role::Fail), "FAIL"), (count(Role::Warn), "WARN")];
        let found = found.iter().filter(|(count, _)| *count > 0);
        let told: Vec<String> = found.map(|(count, word)| format!("{count} {word}")).collect();
        if !told.is_empty() {
            part = format!("{part}, not seen: {}", told.join(" "));
        }
    }
    Some(part)
}

/// Why there is no row: nothing is there, or what keeps them out of sight, and the key that takes each back.
pub(in crate::tui) fn nothing(ui: &UiState, page: Page) -> String {
    let list = ui.list(page);
    let mut narrowed = page.face().narrowed(ui);
    let all = list.count().1;
    if all > 0 && list.only_differences() {
        narrowed.insert(0, "v shows what is not known to differ, too".to_owned());
    }
    if all > 0 && !list.filter().is_empty() {
        narrowed.insert(0, format!("esc clears the filter `{}`", list.filter()));
    }
    if narrowed.is_empty() {
        return list.grid().empty.to_string();
    }
    let of = if all > 0 { format!(" of {all} rows") } else { String::new() };
    format!("none{of} is shown: {}", narrowed.join(", "))
}

fn title(ui: &UiState, page: Page, list: &List) -> String {
    let mut parts = vec![format!("{} {}", page.number(), page.face().title(ui))];
    if !list.filter().is_empty() && !list.grid().tail {
        parts.push(format!("/{}", list.filter()));
    }
    if list.only_differences() && !list.grid().tail {
        parts.push("only differences".to_owned());
    }
    if let Some((column, backwards)) = list.sorted_by() {
        let way = if backwards { ", backwards" } else { "" };
        parts.push(format!("by {}{way}", column.to_lowercase()));
    }
    if list.columns_gone() > 0 {
        parts.push(format!("< {} gone: h", words::counted(list.columns_gone() as u64, "column")));
    }
    if list.stays() && page != Page::Log {
        parts.push("does not follow: G".to_owned());
    }
    let (shown, all) = list.count();
    if shown < all {
        parts.push(format!("{shown} of {all}"));
    }
    parts.join("  ")
}

fn heads(ui: &UiState, list: &List, widths: &[u16], more: bool) -> Line<'static> {
    let columns = list.grid().columns.iter().zip(widths).filter(|(_, width)| **width > 0);
    let mut line = join(columns.map(|(column, width)| {
        let (title, style) = head(ui, column, *width);
        Span::styled(words::pad(&title, (*width).into(), column.right, ui.theme), style)
    }));
    if more {
        line.push_span(Span::styled(">", ui.theme.style(Role::Title)));
    }
    line
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
        return heading(ui, list, row, widths, width);
    }
    let cells = row.cells();
    let cells = cells.iter().zip(&list.grid().columns).zip(widths);
    let mut seen = cells.filter(|(_, width)| **width > 0).peekable();
    let mut spans = Vec::new();
    while let Some(((cell, column), width)) = seen.next() {
        let mut width = usize::from(*width);
        // a text goes on over the empty cells beside it
        while !column.right
            && let Some((_, more)) = seen.next_if(|((beside, _), _)| beside.is_empty())
        {
            width += 1 + usize::from(*more);
        }
        let (text, style) = written(ui, cell, column.side);
        let text = if column.name {
            words::pad_name(&text, width, ui.theme)
        } else {
            words::pad(&text, width, column.right, ui.theme)
        };
        spans.push(Span::styled(text, style));
    }
    join(spans.into_iter())
}

/// A heading goes over the whole width; its age, where it has one, stands below the other ages.
fn heading(ui: &UiState, list: &List, row: &Row, widths: &[u16], width: u16) -> Line<'static> {
    let cells = row.cells();
    let mut cells = cells.iter().map(|cell| written(ui, cell, None));
    let (text, style) = cells.next().unwrap_or_default();
    let age = cells.next().zip(list.grid().columns.iter().position(|column| column.age));
    let Some(((age, age_style), at)) = age else {
        return Line::styled(words::pad(&text, width.into(), false, ui.theme), style);
    };
    let before: u16 = widths[..at].iter().filter(|width| **width > 0).map(|width| width + 1).sum();
    let room = usize::from(before + widths[at]).saturating_sub(age.len() + 1);
    let text = words::pad(&text, room, false, ui.theme);
    Line::from_iter([Span::styled(text, style), Span::styled(format!(" {age}"), age_style)])
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

/// A cell in words.
pub(in crate::tui) fn in_words(ui: &UiState, cell: &Cell) -> String {
    written(ui, cell, None).0
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;
    use crate::model::Rate;
    use crate::tui::view::tests::{asked, state};

    #[test]
    fn no_cell_is_wider_than_its_column_was_made_for() {
        let ui = state(&["prepare"], asked("stop", crate::model::Confirm::Yes));
        let old = Some(Timestamp::UNIX_EPOCH - Duration::from_secs(86_399));
        let cells = [
            Cell::Count(Some(1_234_567)),
            Cell::Count(None),
            Cell::Estimate(999),
            Cell::Delta(-3312),
            Cell::Delta(0),
            Cell::About(0),
            Cell::About(1000),
            Cell::Rate(Rate::over(19, Duration::from_secs(2))),
            Cell::Rate(Rate::over(24_079, Duration::from_secs(2))),
            Cell::Rate(None),
            Cell::Bytes(Some(1_073_741_000)),
            Cell::Age(old),
            Cell::Stale(old),
            Cell::Age(None),
            Cell::Took(Duration::from_millis(9999)),
            Cell::Took(Duration::from_secs(86_399)),
        ];
        for cell in cells {
            let (text, _) = written(&ui, &cell, None);
            assert!(text.len() <= usize::from(cell.width()), "{text} of {cell:?}");
        }
    }
}
