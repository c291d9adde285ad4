//! Frames, and lines in them.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::symbols::border;
use ratatui::text::{Line, Text};
use ratatui::widgets::Block;

use super::wrap::wrap;
use crate::tui::state::UiState;
use crate::tui::theme::{Role, Theme};

const ASCII: border::Set<'_> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

const HEAVY_ASCII: border::Set<'_> = border::Set {
    horizontal_top: "=",
    horizontal_bottom: "=",
    vertical_left: "#",
    vertical_right: "#",
    ..ASCII
};

/// A frame with a title; the one with the focus says so by its border.
pub(super) fn frame_of<'a>(ui: &UiState, title: &'a str, focus: bool) -> Block<'a> {
    let theme = ui.theme;
    let style = theme.style(if focus { Role::Title } else { Role::Muted });
    let mark = if focus { "> " } else { "" };
    Block::bordered()
        .border_set(border(ui))
        .border_style(style)
        .title(Line::styled(format!(" {mark}{title} "), theme.style(Role::Title)))
}

/// Frames are heavy where the context is protected.
const fn border(ui: &UiState) -> border::Set<'static> {
    match (ui.protected, ui.theme.ascii) {
        (false, false) => border::PLAIN,
        (true, false) => border::THICK,
        (false, true) => ASCII,
        (true, true) => HEAVY_ASCII,
    }
}

/// Draws lines into a frame. Lines that do not fit are wrapped; when there are too many the last one says how many more.
pub(super) fn lines(
    frame: &mut Frame<'_>,
    ui: &UiState,
    area: Rect,
    title: &str,
    lines: Vec<Line<'static>>,
) {
    if area.height < 3 {
        return;
    }
    let block = frame_of(ui, title, false);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let lines = wrap(lines, inner.width.into());
    frame.render_widget(Text::from(fitting(ui.theme, lines, inner.height.into())), inner);
}

/// As many lines as there is room for; the last one says how many are missing.
pub(super) fn fitting(
    theme: Theme,
    mut lines: Vec<Line<'static>>,
    height: usize,
) -> Vec<Line<'static>> {
    if lines.len() > height && height > 0 {
        let more = lines.len() - height + 1;
        lines.truncate(height - 1);
        lines.push(Line::styled(
            format!("{} {more} more lines", theme.cut()),
            theme.style(Role::Muted),
        ));
    }
    lines
}
