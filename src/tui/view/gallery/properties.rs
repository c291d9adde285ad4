//! What holds of every scene at every size and in every theme, so that nobody has to look for it.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use ratatui::text::Span;

use super::frames::{SIZES, drawn, is_border, lines, look, looks, plainly};
use super::orders::under_way;
use super::scenes::SCENES;
use crate::model::Observed;
use crate::tui::layout::{Framed, Slot, framed, places, rows_in};
use crate::tui::msg::Msg;
use crate::tui::page::Page;
use crate::tui::state::UiState;
use crate::tui::theme::{Palette, Theme};
use crate::tui::update::update;

/// Each scene at each size, in the first theme.
fn each(check: impl Fn(&str, &UiState, &Buffer)) {
    for (name, scene) in SCENES {
        let mut ui = scene();
        ui.theme.ascii = false;
        for size in SIZES {
            let buffer = plainly(&mut ui, size);
            check(&format!("{name} at {}x{}", size.0, size.1), &ui, &buffer);
        }
    }
}

fn is_layered(ui: &UiState) -> bool {
    ui.dialog.is_some() || ui.details.is_some() || ui.help.is_some()
}

/// The place of a scene's parts; none where it is too small for them.
fn slots(ui: &UiState) -> Vec<(Slot, Rect)> {
    let screen = Rect::new(0, 0, ui.size.0, ui.size.1);
    places(ui, screen).map(|places| places.slots).unwrap_or_default()
}

#[test]
fn every_look_has_a_meaning_and_themes_change_nothing_else() {
    for (name, scene) in SCENES {
        let mut ui = scene();
        let ascii = ui.theme.ascii;
        for size in SIZES {
            let said = lines(&plainly(&mut ui, size));
            for palette in Palette::ALL {
                let theme = Theme { palette, ascii };
                let buffer = drawn(&mut ui, size, theme);
                let place = format!("{name} at {size:?} in {}", palette.word());
                assert_eq!(lines(&buffer), said, "{place}");
                let known: Vec<_> = looks(theme).into_iter().map(|(look, _)| look).collect();
                for (x, y) in buffer.area.positions().map(|at| (at.x, at.y)) {
                    let look = look(&buffer, x, y);
                    assert!(known.contains(&look), "{place}: {look:?} at {x},{y} has no meaning");
                    let (fore, back, _) = look;
                    let plain = (fore, back) == (Color::Reset, Color::Reset);
                    assert!(palette != Palette::Mono || plain, "{place}: a colour at {x},{y}");
                    for dark in [Color::Blue, Color::Indexed(4)] {
                        assert!(fore != dark && back != dark, "{place}: dark blue at {x},{y}");
                    }
                }
            }
        }
    }
}

#[test]
fn ok_never_has_a_colour() {
    each(|place, _, buffer| {
        for (y, line) in lines(buffer).iter().enumerate() {
            let found = line.match_indices("ok").filter(|(at, _)| {
                let beside = |letter: Option<char>| letter.is_none_or(|c| !c.is_alphanumeric());
                beside(line[..*at].chars().next_back()) && beside(line[at + 2..].chars().next())
            });
            for (at, _) in found {
                let x = u16::try_from(Span::raw(&line[..at]).width()).unwrap();
                let (fore, ..) = look(buffer, x, u16::try_from(y).unwrap());
                assert_eq!(fore, Color::Reset, "{place}: {line}");
            }
        }
    });
}

#[test]
fn the_row_that_the_keys_are_at_is_seen_in_every_theme() {
    let mut seen = 0;
    for (name, scene) in SCENES {
        let mut ui = scene();
        if is_layered(&ui) {
            continue;
        }
        for size in SIZES.into_iter().skip(1) {
            for palette in Palette::ALL {
                let buffer = drawn(&mut ui, size, Theme { palette, ascii: false });
                let list = ui.list(ui.focus);
                let area = slots(&ui).into_iter().find_map(|(slot, area)| {
                    (slot == Slot::List(ui.focus) && area.height > 2).then_some(area)
                });
                let (Some(area), false) = (area, list.follows() || list.rows().len() == 0) else {
                    continue;
                };
                let middle = area.x + 1;
                let reversed: Vec<u16> = (area.y..area.bottom())
                    .filter(|y| look(&buffer, middle, *y).2.contains(Modifier::REVERSED))
                    .collect();
                let wrapped = name.contains("wrapped");
                let right = if wrapped { !reversed.is_empty() } else { reversed.len() == 1 };
                assert!(right, "{name} at {size:?} in {}: {reversed:?}", palette.word());
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "only {seen} were looked at");
}

#[test]
fn frames_are_whole() {
    each(|place, ui, buffer| {
        if is_layered(ui) {
            let boxes = corners(buffer).filter_map(|corner| whole(buffer, corner)).count();
            assert!(ui.size.1 < 15 || boxes > 0, "{place}\n{}", lines(buffer).join("\n"));
            return;
        }
        for corner in corners(buffer) {
            let whole = whole(buffer, corner).is_some();
            assert!(whole, "{place} at {corner:?}\n{}", lines(buffer).join("\n"));
        }
        for (slot, area) in slots(ui) {
            let framed = matches!(slot, Slot::List(_)) && framed(ui, area) == Framed::Around;
            let corner = buffer[(area.x, area.y)].symbol();
            assert!(!framed || ["┌", "┏", "+"].contains(&corner), "{place}: no frame at {area}");
        }
    });
}

/// The upper left corners.
fn corners(buffer: &Buffer) -> impl Iterator<Item = (u16, u16)> {
    let cells = buffer.area.positions().map(|at| (at.x, at.y));
    cells.filter(|at| ["┌", "┏"].contains(&buffer[*at].symbol()))
}

/// A frame that comes back to the corner where it began: its sides stand in their columns and are not broken.
fn whole(buffer: &Buffer, (left, top): (u16, u16)) -> Option<Rect> {
    let is = |x: u16, y: u16, marks: [&str; 2]| marks.contains(&buffer[(x, y)].symbol());
    let area = buffer.area;
    let right = (left + 1..area.right()).find(|x| is(*x, top, ["┐", "┓"]))?;
    let bottom = (top + 1..area.bottom()).find(|y| is(left, *y, ["└", "┗"]))?;
    let whole = is(right, bottom, ["┘", "┛"])
        && (top + 1..bottom).all(|y| is(left, y, ["│", "┃"]) && is(right, y, ["│", "┃"]));
    whole.then(|| Rect::new(left, top, right - left + 1, bottom - top + 1))
}

#[test]
fn no_letter_covers_another() {
    each(|place, _, buffer| {
        for (x, y) in buffer.area.positions().map(|at| (at.x, at.y)) {
            if Span::raw(buffer[(x, y)].symbol()).width() == 2 {
                assert!(x + 1 < buffer.area.right(), "{place}: cut in half at {x},{y}");
                let beside = buffer[(x + 1, y)].symbol();
                assert!(beside.trim().is_empty(), "{place}: covers {beside} at {x},{y}");
            }
        }
        for line in lines(buffer) {
            let width = Span::raw(line.as_str()).width();
            assert!(width <= buffer.area.width.into(), "{place}: {line}");
        }
    });
}

#[test]
fn ascii_is_all_that_is_drawn_where_it_is_asked_for() {
    for (name, scene) in SCENES {
        let mut ui = scene();
        if *name == "rows-wide-letters" {
            continue;
        }
        for size in SIZES {
            let theme = Theme { palette: Palette::Mono, ascii: true };
            let text = lines(&drawn(&mut ui, size, theme)).join("\n");
            let other: BTreeSet<char> = text.chars().filter(|c| !c.is_ascii()).collect();
            // the lines of a trend are made when a reading comes
            let other: Vec<char> =
                other.into_iter().filter(|c| !('\u{2581}'..='\u{2588}').contains(c)).collect();
            assert!(other.is_empty(), "{name} at {size:?}: {other:?}\n{text}");
        }
    }
}

/// A word at the end of a pane's line that goes on where there is more room was cut, and must say so.
#[test]
fn what_is_cut_says_so() {
    for (name, scene) in SCENES {
        let mut ui = scene();
        ui.theme.ascii = false;
        let mut whole: BTreeSet<String> = BTreeSet::new();
        for size in [(300, 60), (200, 50)] {
            whole.extend(lines(&plainly(&mut ui, size)).iter().flat_map(|line| words(line)));
        }
        for size in SIZES.into_iter().skip(1).take(3) {
            let buffer = plainly(&mut ui, size);
            let area = top_box(&ui, &buffer).unwrap_or(buffer.area);
            for line in lines_in(&buffer, area) {
                for piece in line.split(is_border) {
                    let Some(last) = words(piece).pop() else { continue };
                    let at_edge = !line.ends_with(piece)
                        || Span::raw(line.as_str()).width() == usize::from(area.width);
                    let ends = at_edge && piece.trim_end().len() == piece.len();
                    let goes_on = || {
                        let longer = |word: &&String| word.starts_with(&last) && **word != last;
                        whole.iter().find(longer).filter(|_| !whole.contains(&last))
                    };
                    let cut = ends.then(goes_on).flatten();
                    assert_eq!(cut, None, "{name} at {size:?} cuts `{last}`: {line}");
                }
            }
        }
    }
}

/// The place of a dialog: what it covers is not cut.
fn top_box(ui: &UiState, buffer: &Buffer) -> Option<Rect> {
    ui.dialog.as_ref()?;
    let middle = (buffer.area.width / 2, buffer.area.height / 2);
    let boxes = corners(buffer).filter_map(|corner| whole(buffer, corner));
    boxes.filter(|found| found.contains(middle.into())).min_by_key(|found| found.area())
}

fn words(text: &str) -> Vec<String> {
    let parts = text.split(|letter: char| letter.is_whitespace() || is_border(letter));
    let bare = parts.map(|word| word.trim_matches([',', ';', ':', '.', '(', ')', '`']));
    bare.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Where a list has a column of ages, a row that has a number has an age.
#[test]
fn no_number_lacks_its_age() {
    let mut seen = 0;
    for (name, scene) in SCENES {
        let mut ui = scene();
        if is_layered(&ui) {
            continue;
        }
        for size in SIZES.into_iter().skip(1) {
            let buffer = plainly(&mut ui, size);
            for (slot, area) in slots(&ui) {
                let Slot::List(page) = slot else { continue };
                let columns = &ui.list(page).grid().columns;
                let lasting = [Page::Steps, Page::Log].contains(&page);
                assert!(lasting || columns.iter().any(|column| column.age), "{page:?}");
                if lasting || area.height < 3 {
                    continue;
                }
                let text = lines_in(&buffer, area);
                let head = text.iter().position(|line| line.contains(" AGE")).unwrap();
                let end = Span::raw(&text[head][..text[head].find(" AGE").unwrap() + 4]).width();
                let list = ui.list(page);
                let height = rows_in(&ui, page, area);
                let seen_rows = list.rows().skip(list.first_within(height)).take(height);
                for (row, line) in seen_rows.zip(&text[head + 1..]) {
                    let cells: String = cell_text(line, end);
                    let has_number =
                        row.cells().iter().skip(1).any(crate::tui::list::Cell::is_number);
                    let age = cells.split_whitespace().next_back().unwrap_or_default();
                    let dated = age == "stale"
                        || age.ends_with(['s', 'm', 'h', 'd'])
                            && age.starts_with(|c: char| c.is_ascii_digit());
                    assert!(!has_number || row.heading || dated, "{name} at {size:?}: {line}");
                    seen += usize::from(has_number);
                }
            }
        }
    }
    assert!(seen > 500, "only {seen} were looked at");
}

/// The beginning of a line, so many cells wide.
fn cell_text(line: &str, width: usize) -> String {
    let mut used = 0;
    line.chars()
        .take_while(|letter| {
            used += Span::raw(letter.to_string()).width();
            used <= width
        })
        .collect()
}

fn lines_in(buffer: &Buffer, area: Rect) -> Vec<String> {
    let mut part = Buffer::empty(Rect::new(0, 0, area.width, area.height));
    for at in area.positions() {
        part[(at.x - area.x, at.y - area.y)] = buffer[(at.x, at.y)].clone();
    }
    lines(&part)
}

#[test]
fn nothing_that_is_unknown_is_drawn_as_0() {
    let mut ui = under_way();
    update(&mut ui, Msg::Observed(Box::<Observed>::default()));
    for page in [Page::Overview, Page::Rows, Page::Extensions, Page::Jobs, Page::Sessions] {
        ui.show(page);
        ui.zoomed = true;
        let text = lines(&plainly(&mut ui, (120, 36)));
        let body = &text[3..35];
        let zero = |line: &String| line.split_whitespace().any(|word| word == "0");
        assert!(!body.iter().any(zero), "{}", text.join("\n"));
    }
}
