//! The columns of a table: how wide they are, and which of them give way where there is no room for all.

use super::grid::{Cell, Row};
use crate::model::Side;

/// A column.
#[derive(Debug, Clone)]
pub(in crate::tui) struct Column {
    /// Its head; no column of a table without heads has one.
    pub(in crate::tui) title: &'static str,
    /// Its cells stand at its right edge.
    pub(in crate::tui) right: bool,
    /// The side that it shows.
    pub(in crate::tui) side: Option<Side>,
    /// Its cells are cut in their middle: names often differ at their ends.
    pub(in crate::tui) name: bool,
    /// It says how old the row is.
    pub(in crate::tui) age: bool,
    width: Width,
    most: u16,
    stays: Stays,
}

/// How wide a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    /// So many cells, which its values never exceed.
    Exactly(u16),
    /// As wide as its values, and never cut; at least so many cells.
    Values(u16),
    /// As wide as its texts, which are cut where there is no room. So many cells are worth having.
    Text(u16),
}

/// When a column is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stays {
    /// Whatever happens: without it a row cannot be told from another, judged or dated.
    Always,
    /// Unless it is scrolled away.
    Shown,
    /// Where no text of the others is cut for it.
    IfRoom,
}

impl Column {
    /// In so many cells there is room for a side's short head when it serves.
    const SIDE: u16 = 12;
    /// In so many for its long one.
    const LONG_SIDE: u16 = 15;
    /// A text that a side shows is cut beyond this; a number is not.
    const SIDE_TEXT: u16 = 14;
    /// For longer texts no other column gives way.
    const TEXT: u16 = 32;

    const fn of(title: &'static str, width: Width, right: bool) -> Self {
        Self {
            title,
            right,
            side: None,
            name: false,
            age: false,
            width,
            most: u16::MAX,
            stays: Stays::IfRoom,
        }
    }

    /// The column that says which row it is.
    pub(in crate::tui) const fn name(title: &'static str) -> Self {
        Self { name: true, ..Self::of(title, Width::Text(12), false).that_stays() }
    }

    /// A column of texts; so many cells are worth having.
    pub(in crate::tui) const fn text(title: &'static str, at_least: u16) -> Self {
        Self::of(title, Width::Text(at_least), false)
    }

    /// A column of words of known length.
    pub(in crate::tui) const fn word(title: &'static str, width: u16) -> Self {
        Self::of(title, Width::Exactly(width), false)
    }

    /// A column of numbers and times.
    pub(in crate::tui) const fn number(title: &'static str) -> Self {
        Self::of(title, Width::Values(0), true)
    }

    /// A column of a side. Blue comes first in every table.
    pub(in crate::tui) const fn side(side: Side) -> Self {
        let title = match side {
            Side::Blue => "BLUE",
            Side::Green => "GREEN",
        };
        let column = Self::of(title, Width::Values(Self::SIDE), true).that_is_shown();
        Self { side: Some(side), ..column }
    }

    /// The column of the ages.
    pub(in crate::tui) const fn age() -> Self {
        Self { age: true, ..Self::number("AGE").that_stays() }
    }

    /// The same, at most so wide as long as others need the room.
    pub(in crate::tui) const fn up_to(self, most: u16) -> Self {
        Self { most, ..self }
    }

    /// The same, seen whatever happens.
    pub(in crate::tui) const fn that_stays(self) -> Self {
        Self { stays: Stays::Always, ..self }
    }

    /// The same, seen unless it is scrolled away.
    pub(in crate::tui) const fn that_is_shown(self) -> Self {
        Self { stays: Stays::Shown, ..self }
    }

    /// It is seen however far the others are scrolled.
    pub(super) fn is_fixed(&self) -> bool {
        self.stays == Stays::Always
    }

    /// What its head takes, and the widest of its cells. One that is not always seen wants nothing while nothing stands in
    /// it.
    fn wants(&self, widest: Option<u16>) -> u16 {
        if self.stays == Stays::IfRoom && widest.is_none() {
            return 0;
        }
        let head = u16::try_from(self.title.len()).unwrap_or(u16::MAX);
        let all = widest.map_or(head, |widest| widest.max(head));
        match self.width {
            Width::Exactly(width) => width,
            Width::Values(least) => all.max(least),
            Width::Text(_) => all.min(self.most),
        }
    }

    /// What a cell takes; none when nothing stands in it.
    fn takes(&self, cell: &Cell) -> Option<u16> {
        match cell {
            cell if cell.is_empty() => None,
            Cell::Text(..) if self.side.is_some() => Some(cell.width().min(Self::SIDE_TEXT)),
            cell => Some(cell.width()),
        }
    }

    const fn is_text(&self) -> bool {
        matches!(self.width, Width::Text(_))
    }

    /// What it must have for others to be let in beside it.
    fn needs(&self, wants: u16) -> u16 {
        match (self.width, self.stays) {
            (Width::Text(least), Stays::IfRoom) => wants.min(least),
            (Width::Text(_), _) => wants.min(Self::TEXT),
            _ => wants,
        }
    }
}

/// What each column of a table wants.
pub(super) fn wants(columns: &[Column], rows: &[Row]) -> Vec<u16> {
    let mut widest = vec![None; columns.len()];
    for row in rows.iter().filter(|row| !row.heading) {
        for ((column, widest), cell) in columns.iter().zip(&mut widest).zip(row.cells().iter()) {
            *widest = column.takes(cell).max(*widest);
        }
    }
    columns.iter().zip(widest).map(|(column, widest)| column.wants(widest)).collect()
}

/// How wide the columns are in a room of this width; one that is not seen has no width. `gone` of those that can be are
/// scrolled away. Also whether one is missing for want of room.
pub(super) fn fitted(
    columns: &[Column],
    wants: &[u16],
    gone: usize,
    width: u16,
) -> (Vec<u16>, bool) {
    let all = candidates(columns, wants, gone);
    let wanted =
        if gone > 0 { all.iter().find(|index| !columns[**index].is_fixed()) } else { None };
    let seen = admitted(columns, wants, &all, wanted, width);
    if seen.len() == all.len() {
        return (shared(columns, wants, &seen, width), false);
    }
    // the mark that there are more columns takes a cell
    let width = width.saturating_sub(1);
    let seen = admitted(columns, wants, &all, wanted, width);
    (shared(columns, wants, &seen, width), true)
}

/// The columns that have something to show and are not scrolled away.
fn candidates(columns: &[Column], wants: &[u16], gone: usize) -> Vec<usize> {
    let mut left = gone;
    let stays = |column: &Column| {
        let goes = !column.is_fixed() && left > 0;
        left -= usize::from(goes);
        !goes
    };
    let kept: Vec<bool> = columns.iter().map(stays).collect();
    (0..columns.len()).filter(|index| kept[*index] && wants[*index] > 0).collect()
}

/// Those for which there is room: from the left, as long as no text of those that stay is cut for them. The one that was
/// scrolled to is seen in any case.
fn admitted(
    columns: &[Column],
    wants: &[u16],
    all: &[usize],
    wanted: Option<&usize>,
    width: u16,
) -> Vec<usize> {
    let needs = |index: &usize| columns[*index].needs(wants[*index]) + 1;
    let (must, may): (Vec<usize>, Vec<usize>) = all
        .iter()
        .partition(|index| columns[**index].stays != Stays::IfRoom || Some(*index) == wanted);
    let mut room = (width + 1).saturating_sub(must.iter().map(needs).sum());
    let mut seen = must;
    for index in may {
        let Some(left) = room.checked_sub(needs(&index)) else { break };
        room = left;
        seen.push(index);
    }
    seen.sort_unstable();
    seen
}

/// Gives the columns that are seen their widths: values what they want, and texts what is left.
fn shared(columns: &[Column], wants: &[u16], seen: &[usize], width: u16) -> Vec<u16> {
    let mut widths = vec![0; columns.len()];
    let gaps = u16::try_from(seen.len().saturating_sub(1)).unwrap_or(u16::MAX);
    let mut room = width.saturating_sub(gaps);
    for index in seen.iter().filter(|index| !columns[**index].is_text()) {
        widths[*index] = wants[*index].min(room);
        room -= widths[*index];
    }
    let mut texts: Vec<usize> =
        seen.iter().copied().filter(|index| columns[*index].is_text()).collect();
    texts.sort_by_key(|index| wants[*index]);
    for (at, index) in texts.iter().enumerate() {
        let rest = u16::try_from(texts.len() - at).unwrap_or(u16::MAX);
        widths[*index] = wants[*index].min(room / rest);
        room -= widths[*index];
    }
    for index in seen.iter().filter(|index| columns[**index].side.is_some()) {
        let more = Column::LONG_SIDE.saturating_sub(widths[*index]).min(room);
        widths[*index] += more;
        room -= more;
    }
    for (at, index) in texts.iter().enumerate() {
        let part = room / u16::try_from(texts.len() - at).unwrap_or(u16::MAX);
        widths[*index] += part;
        room -= part;
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column> {
        vec![
            Column::name("TABLE"),
            Column::side(Side::Blue),
            Column::side(Side::Green),
            Column::text("VERDICT", 8).that_stays(),
            Column::age(),
            Column::number("DELTA"),
            Column::word("METHOD", 7),
        ]
    }

    const WANTS: [u16; 7] = [30, 12, 12, 20, 6, 6, 7];

    #[test]
    fn what_is_worth_least_gives_way_before_a_name_is_cut() {
        let seen = |width| fitted(&columns(), &WANTS, 0, width);
        assert_eq!(seen(110).0, [33, 15, 15, 22, 6, 6, 7]);
        assert_eq!(seen(92), (vec![30, 12, 12, 20, 6, 6, 0], true));
        assert_eq!(seen(85), (vec![30, 12, 12, 20, 6, 0, 0], true));
        assert_eq!(seen(60), (vec![13, 12, 12, 12, 6, 0, 0], true));
    }

    #[test]
    fn a_row_can_be_told_judged_and_dated_however_far_one_scrolls() {
        let seen = |gone| fitted(&columns(), &WANTS, gone, 60).0;
        assert_eq!(seen(1), [19, 0, 12, 19, 6, 0, 0]);
        assert_eq!(seen(2), [24, 0, 0, 20, 6, 6, 0]);
        assert_eq!(seen(3), [24, 0, 0, 20, 6, 0, 7]);
    }

    #[test]
    fn a_side_cuts_texts_but_not_numbers() {
        let number = Cell::Count(Some(9_223_372_036_854_775_807));
        let text = Cell::plain("a setting of more than fourteen letters");
        let column = Column::side(Side::Blue);
        let wanted = |cell: &Cell| column.wants(column.takes(cell));
        assert_eq!((wanted(&number), wanted(&text)), (25, 14));
    }
}
