//! Frames, and lines in them.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::symbols::border;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Borders};

use super::words;
use super::wrap::wrap;
use crate::tui::layout::{Framed, framed};
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
pub(super) fn frame_of(ui: &UiState, title: &str, focus: bool) -> Block<'static> {
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

/// A frame as its place has one, with what is told at the end of its first or last line. No text runs into another.
pub(super) fn framed_block(
    ui: &UiState,
    area: Rect,
    title: &str,
    focus: bool,
    part: Option<String>,
) -> Block<'static> {
    match framed(ui, area) {
        Framed::Not => Block::new(),
        Framed::Above => {
            let part = part.map(|part| format!(" {part} ")).unwrap_or_default();
            let room = area.width.saturating_sub(u16::try_from(part.len()).unwrap_or(u16::MAX));
            let block = frame_of(ui, &title_in(ui, title, room, focus), focus);
            block.borders(Borders::TOP).title_top(Line::raw(part).right_aligned())
        }
        Framed::Around => block(ui, area, title, focus, part),
    }
}

/// A frame all around.
pub(super) fn block(
    ui: &UiState,
    area: Rect,
    title: &str,
    focus: bool,
    part: Option<String>,
) -> Block<'static> {
    let part = part.map(|part| format!(" {part} ")).unwrap_or_default();
    let title = title_in(ui, title, area.width, focus);
    frame_of(ui, &title, focus).title_bottom(Line::raw(part).right_aligned())
}

/// A title as far as there is room for it.
fn title_in(ui: &UiState, title: &str, width: u16, focus: bool) -> String {
    let taken = if focus { 6 } else { 4 };
    words::fit(title, usize::from(width).saturating_sub(taken), ui.theme)
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
    let block = framed_block(ui, area, title, false, None);
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

/// The spans of a line that there is room for. Where any text is left out, the last cell says so.
pub(super) fn fitted(theme: Theme, line: &Line<'_>, width: u16) -> Line<'static> {
    let mut room = usize::from(width);
    let mut fitted = Line::default();
    for (index, span) in line.spans.iter().enumerate() {
        let more = line.spans[index + 1..].iter().any(|span| !span.content.trim().is_empty());
        let text = if more { &*span.content } else { span.content.trim_end() };
        let wide = Span::raw(text).width();
        if wide + usize::from(more) > room {
            // wider than the room by what follows, so that it is cut
            let text = words::fit(&format!("{text}{}", " ".repeat(more.into())), room, theme);
            fitted.push_span(Span::styled(text, span.style));
            break;
        }
        let text = if span.width() > room { text } else { &*span.content };
        room -= Span::raw(text).width();
        fitted.push_span(Span::styled(text.to_owned(), span.style));
    }
    fitted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::Palette;

    #[test]
    fn no_span_is_left_out_without_a_mark() {
        let theme = Theme { palette: Palette::Mono, ascii: true };
        let line = || Line::from(vec![Span::raw("prepare"), Span::raw(" > "), Span::raw("sync ")]);
        let cut = |width| fitted(theme, &line(), width).to_string();
        assert_eq!(cut(15), "prepare > sync ");
        assert_eq!(cut(14), "prepare > sync");
        assert_eq!(cut(13), "prepare > sy~");
        assert_eq!(cut(10), "prepare >~");
        assert_eq!(cut(7), "prepar~");
        assert_eq!(cut(0), "");
    }
}
