//! A frame as text, and as what each piece of its text means.

use std::fmt::Write as _;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Span;

use crate::tui::msg::Msg;
use crate::tui::state::UiState;
use crate::tui::theme::{Palette, Role, Theme};
use crate::tui::update::update;
use crate::tui::view::draw;

/// The sizes that have a layout of their own.
pub(super) const SIZES: [(u16, u16); 5] = [(48, 10), (60, 15), (80, 24), (120, 36), (200, 50)];

/// All meanings.
pub(super) const ROLES: [(Role, &str); 11] = [
    (Role::Plain, "plain"),
    (Role::Serving, "serving"),
    (Role::Candidate, "candidate"),
    (Role::Warn, "warn"),
    (Role::Fail, "fail"),
    (Role::Running, "running"),
    (Role::Muted, "muted"),
    (Role::Focus, "focus"),
    (Role::Title, "title"),
    (Role::Armed, "armed"),
    (Role::Protected, "protected"),
];

/// A look: a colour before and behind, and how the letters are.
pub(super) type Look = (Color, Color, Modifier);

/// A scene in a size and a theme.
pub(super) fn drawn(ui: &mut UiState, (width, height): (u16, u16), theme: Theme) -> Buffer {
    ui.theme = theme;
    update(ui, Msg::Frame { width, height });
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, ui)).unwrap();
    terminal.backend().buffer().clone()
}

/// In the first theme.
pub(super) fn plainly(ui: &mut UiState, size: (u16, u16)) -> Buffer {
    let ascii = ui.theme.ascii;
    drawn(ui, size, Theme { palette: Palette::Default, ascii })
}

/// The lines of a frame.
pub(super) fn lines(buffer: &Buffer) -> Vec<String> {
    let area = buffer.area;
    (0..area.height)
        .map(|y| {
            let mut line = String::new();
            let mut x = 0;
            while x < area.width {
                let symbol = buffer[(x, y)].symbol();
                line.push_str(symbol);
                x += u16::try_from(Span::raw(symbol).width().max(1)).unwrap();
            }
            line.trim_end().to_owned()
        })
        .collect()
}

/// The lines of a frame for a reader: those that are as they are without the layer on top, and those that repeat the one
/// before, are counted only.
pub(super) fn written(buffer: &Buffer, below: Option<&Buffer>) -> String {
    let under = below.map(lines);
    let mut text = String::new();
    let (mut covered, mut repeated) = (0, 0);
    let mut before: Option<String> = None;
    for (y, line) in lines(buffer).into_iter().enumerate() {
        let same = under.as_ref().is_some_and(|under| under[y] == line);
        let again = !same && before.as_ref() == Some(&line);
        if !same {
            tell(&mut text, &mut covered, "as below it");
        }
        if !again {
            tell(&mut text, &mut repeated, "more like it");
        }
        covered += usize::from(same);
        repeated += usize::from(again);
        if !same && !again {
            writeln!(text, "{line}").unwrap();
        }
        before = (!same).then_some(line);
    }
    tell(&mut text, &mut covered, "as below it");
    tell(&mut text, &mut repeated, "more like it");
    text
}

fn tell(text: &mut String, count: &mut usize, what: &str) {
    if *count > 0 {
        writeln!(text, "  ({} {what})", std::mem::take(count)).unwrap();
    }
}

/// The look of a cell.
pub(super) fn look(buffer: &Buffer, x: u16, y: u16) -> Look {
    let cell = &buffer[(x, y)];
    (cell.fg, cell.bg, cell.modifier)
}

fn look_of(style: Style) -> Look {
    (
        style.fg.unwrap_or_default(),
        style.bg.unwrap_or_default(),
        style.add_modifier.difference(style.sub_modifier),
    )
}

/// The looks that there are in a theme, with the meaning of each; a row that the keys are at has both.
pub(super) fn looks(theme: Theme) -> Vec<(Look, String)> {
    let alone = ROLES.iter().map(|(role, name)| (theme.style(*role), (*name).to_owned()));
    let focus = theme.style(Role::Focus);
    let at =
        ROLES.iter().map(|(role, name)| (theme.style(*role).patch(focus), format!("{name}+focus")));
    // a title stands in its frame's line
    let title = theme.style(Role::Muted).patch(theme.style(Role::Title));
    let title = std::iter::once((title, "title".to_owned()));
    let mut looks: Vec<(Look, String)> = Vec::new();
    for (style, name) in alone.chain(at).chain(title) {
        let look = look_of(style);
        if looks.iter().all(|(known, _)| *known != look) {
            looks.push((look, name));
        }
    }
    looks
}

/// What the text of a frame means: the pieces of each line that are not plain, with their meaning. A long piece is told by
/// its beginning, and lines of frames are left out.
pub(super) fn meanings(buffer: &Buffer, below: Option<&Buffer>, theme: Theme) -> String {
    let looks = looks(theme);
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let same = below
            .is_some_and(|below| (0..buffer.area.width).all(|x| below[(x, y)] == buffer[(x, y)]));
        let pieces = if same { String::new() } else { pieces(buffer, y, &looks) };
        if !pieces.is_empty() {
            writeln!(text, "{y:>2}{pieces}").unwrap();
        }
    }
    text
}

fn pieces(buffer: &Buffer, y: u16, looks: &[(Look, String)]) -> String {
    let columns: Vec<u16> = (0..buffer.area.width).collect();
    let mut text = String::new();
    for run in columns.chunk_by(|one, two| look(buffer, *one, y) == look(buffer, *two, y)) {
        let look = look(buffer, run[0], y);
        let name = looks.iter().find(|(known, _)| *known == look).map(|(_, name)| name.as_str());
        let name = name.unwrap_or("UNKNOWN");
        let letters: String = run.iter().map(|x| buffer[(*x, y)].symbol()).collect();
        let is_line = |letter: char| letter.is_whitespace() || is_border(letter);
        if name == "plain" || (name == "muted" || name == "title") && letters.chars().all(is_line) {
            continue;
        }
        let words: Vec<&str> = letters.split_whitespace().collect();
        let told: String = words.join(" ").chars().take(24).collect();
        write!(text, "  {name}[{told}]").unwrap();
    }
    text
}

/// A piece of a frame's line.
pub(super) const fn is_border(letter: char) -> bool {
    matches!(letter, '\u{2500}'..='\u{257f}')
}
