//! Frames, and lines in them.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::symbols::border;
use ratatui::text::{Line, Text};
use ratatui::widgets::Block;

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

/// A frame with a title; the one with the focus says so by its border.
pub(super) fn frame_of(theme: Theme, title: &str, focus: bool) -> Block<'_> {
    let style = theme.style(if focus { Role::Title } else { Role::Muted });
    let mark = if focus { "> " } else { "" };
    Block::bordered()
        .border_set(if theme.ascii { ASCII } else { border::PLAIN })
        .border_style(style)
        .title(Line::styled(format!(" {mark}{title} "), theme.style(Role::Title)))
}

/// Draws lines into a frame, from `first` on.
pub(super) fn lines(
    frame: &mut Frame<'_>,
    ui: &UiState,
    area: Rect,
    title: &str,
    focus: bool,
    lines: Vec<Line<'_>>,
) {
    if area.height < 2 {
        return;
    }
    let block = frame_of(ui.theme, title, focus);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    frame.render_widget(Text::from(lines), inner);
}

/// The first line to show, so that line `at` of `all` is seen in `height` lines, two lines from the edge.
pub(super) fn first_line(at: usize, all: usize, height: usize) -> usize {
    let last = all.saturating_sub(height);
    (at + 3).saturating_sub(height).min(last).min(at)
}
