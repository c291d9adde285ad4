//! Breaks lines at their spaces, so that it is known how many there are.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// The same lines, none wider than `width`; what follows a break is indented by the spaces and the first word's column of
/// its line where it has one.
pub(in crate::tui) fn wrap(lines: Vec<Line<'static>>, width: usize) -> Vec<Line<'static>> {
    lines.into_iter().flat_map(|line| broken(line, width.max(1))).collect()
}

fn broken(line: Line<'static>, width: usize) -> Vec<Line<'static>> {
    if line.width() <= width {
        return vec![line];
    }
    let whole = line.style;
    let letters: Vec<(char, Style)> = line
        .spans
        .iter()
        .flat_map(|span| span.content.chars().map(|letter| (letter, span.style)))
        .collect();
    let indent = indent(&letters).min(width / 2);
    let mut lines = Vec::new();
    let mut rest = letters.as_slice();
    while !rest.is_empty() {
        let margin = if lines.is_empty() { 0 } else { indent };
        let (head, tail) = rest.split_at(cut(rest, width - margin));
        lines.push(joined(head, margin).style(whole));
        rest = tail.iter().position(|(letter, _)| *letter != ' ').map_or(&[], |at| &tail[at..]);
    }
    lines
}

/// Where a line's text begins behind its label: after two spaces or more, or after its leading spaces.
fn indent(letters: &[(char, Style)]) -> usize {
    let text: String = letters.iter().take(24).map(|(letter, _)| *letter).collect();
    let lead = text.len() - text.trim_start().len();
    match text.trim_start().find("  ") {
        Some(at) => {
            let label = lead + at;
            label + text[label..].len() - text[label..].trim_start().len()
        }
        None => lead,
    }
}

/// How many letters go into a room of this width, up to the last space where there is one.
fn cut(letters: &[(char, Style)], width: usize) -> usize {
    let mut used = 0;
    let mut space = None;
    for (index, (letter, _)) in letters.iter().enumerate() {
        used += Span::raw(letter.to_string()).width();
        if used > width {
            return space.unwrap_or(index).max(1);
        }
        if *letter == ' ' && index > 0 {
            space = Some(index);
        }
    }
    letters.len()
}

fn joined(letters: &[(char, Style)], margin: usize) -> Line<'static> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    if margin > 0 {
        spans.push(Span::raw(" ".repeat(margin)));
    }
    for part in letters.chunk_by(|one, two| one.1 == two.1) {
        let text: String = part.iter().map(|(letter, _)| *letter).collect();
        spans.push(Span::styled(text, part[0].1));
    }
    Line::from(spans)
}
