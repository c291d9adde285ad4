use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::svg::svg;

fn cells() -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 4));
    let style = Style::new();
    buffer.set_string(0, 0, "┌──────────┐", style);
    buffer.set_string(0, 1, "│a<b  ", style);
    buffer.set_string(6, 1, "&é\"", style.fg(Color::LightRed).add_modifier(Modifier::BOLD));
    buffer.set_string(11, 1, "│", style);
    buffer.set_string(1, 2, "ok", style.add_modifier(Modifier::REVERSED));
    buffer.set_string(4, 2, "so", style.add_modifier(Modifier::UNDERLINED | Modifier::DIM));
    buffer.set_string(7, 2, "▂▄█░", style.fg(Color::Indexed(208)));
    buffer.set_string(0, 3, "━━", style);
    buffer
}

#[test]
fn a_picture_says_what_the_cells_say() {
    insta::with_settings!({ snapshot_path => "../../../tests/fixtures/screens", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("picture", svg(&cells(), "cells & more", false));
    });
}

#[test]
fn paper_can_be_light() {
    assert!(svg(&cells(), "", true).contains("fill=\"#fbfbf8\""));
}
