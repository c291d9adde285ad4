//! Cells as SVG: every run of cells of one look is a piece of text with a length, so that any monospaced font keeps the columns.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Modifier;

use super::colour::{DARK, LIGHT, Paper, Rgb, fainter, hex, rgb};
use super::lines::{Arms, Shape, shape};

const WIDTH: f32 = 8.0;
const HEIGHT: f32 = 17.0;
/// From the top of a cell to the line that letters stand on.
const BASE: f32 = 13.0;
const MARGIN: f32 = 10.0;
const FONT: &str = "ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace";

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    ink: Rgb,
    ground: Rgb,
    bold: bool,
    italic: bool,
    underlined: bool,
}

/// Cells of one look beside each other.
struct Run {
    x: u16,
    y: u16,
    cells: u16,
    look: Look,
    text: String,
}

/// A picture of cells, on light paper or on dark.
pub(in crate::tui) fn svg(buffer: &Buffer, title: &str, light: bool) -> String {
    let paper = if light { LIGHT } else { DARK };
    let size = |cells: u16, cell: f32| f32::from(cells) * cell + 2.0 * MARGIN;
    let (width, height) = (size(buffer.area.width, WIDTH), size(buffer.area.height, HEIGHT));
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"{FONT}\" font-size=\"13.2\" role=\"img\">\n<title>{}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{}\"/>\n",
        escaped(title),
        hex(paper.ground),
    );
    let runs: Vec<Run> = (0..buffer.area.height).flat_map(|y| runs(buffer, y, paper)).collect();
    for run in &runs {
        ground(&mut picture, run, paper);
    }
    for run in &runs {
        shapes(&mut picture, buffer, run);
        text(&mut picture, run);
    }
    picture.push_str("</svg>\n");
    picture
}

fn runs(buffer: &Buffer, y: u16, paper: Paper) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for x in 0..buffer.area.width {
        let Some(cell) = buffer.cell((buffer.area.x + x, buffer.area.y + y)) else { continue };
        let look = look(cell, paper);
        let symbol = if shape(cell.symbol()).is_some() { " " } else { cell.symbol() };
        // a letter that may be wider than others stands for itself
        let plain = symbol.is_ascii();
        match runs.last_mut() {
            Some(run) if plain && run.look == look && run.text.is_ascii() => {
                run.text.push_str(symbol);
                run.cells += 1;
            }
            _ => runs.push(Run { x, y, cells: 1, look, text: symbol.to_owned() }),
        }
    }
    runs
}

fn look(cell: &Cell, paper: Paper) -> Look {
    let has = |modifier| cell.modifier.contains(modifier);
    let mut ground = rgb(cell.bg).unwrap_or(paper.ground);
    let mut ink = rgb(cell.fg).unwrap_or(paper.ink);
    if has(Modifier::DIM) {
        ink = fainter(ink, ground);
    }
    if has(Modifier::REVERSED) {
        std::mem::swap(&mut ink, &mut ground);
    }
    Look {
        ink,
        ground,
        bold: has(Modifier::BOLD),
        italic: has(Modifier::ITALIC),
        underlined: has(Modifier::UNDERLINED),
    }
}

fn ground(picture: &mut String, run: &Run, paper: Paper) {
    if run.look.ground != paper.ground {
        let (x, y) = corner(run.x, run.y);
        let width = f32::from(run.cells) * WIDTH;
        rect(picture, (x, y, width, HEIGHT), &hex(run.look.ground), 1.0);
    }
}

/// The words of a run. A font's columns drift over a wide gap, so that what stands behind one gets a place of its own.
fn text(picture: &mut String, run: &Run) {
    let mut column = run.x;
    for piece in run.text.split_inclusive("  ") {
        let cells = if piece.is_ascii() { piece.len() } else { 1 };
        let text = piece.trim_start();
        let skipped = piece.len() - text.len();
        if !text.is_empty() {
            write(picture, run, column + u16::try_from(skipped).unwrap_or(0), text.trim_end());
        }
        column += u16::try_from(cells).unwrap_or(0);
    }
}

fn write(picture: &mut String, run: &Run, column: u16, text: &str) {
    let (x, y) = corner(column, run.y);
    let cells = if text.is_ascii() { text.len() } else { 1 };
    let width = f32::from(u16::try_from(cells).unwrap_or(1)) * WIDTH;
    let _ = write!(picture, "<text x=\"{x}\" y=\"{}\" fill=\"{}\"", y + BASE, hex(run.look.ink));
    if text.is_ascii() {
        let _ = write!(picture, " textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\"");
    }
    for (on, attribute) in
        [(run.look.bold, " font-weight=\"bold\""), (run.look.italic, " font-style=\"italic\"")]
    {
        picture.push_str(if on { attribute } else { "" });
    }
    let _ = writeln!(picture, " xml:space=\"preserve\">{}</text>", escaped(text));
    if run.look.underlined {
        rect(picture, (x, y + BASE + 2.0, width, 1.0), &hex(run.look.ink), 1.0);
    }
}

/// The frames and blocks of a run; all lines are one path.
fn shapes(picture: &mut String, buffer: &Buffer, run: &Run) {
    let (mut light, mut heavy) = (String::new(), String::new());
    for x in run.x..run.x + run.cells {
        let cell = buffer.cell((buffer.area.x + x, buffer.area.y + run.y));
        match cell.and_then(|cell| shape(cell.symbol())) {
            Some(Shape::Arms(arms)) => {
                line(if arms.heavy { &mut heavy } else { &mut light }, corner(x, run.y), arms);
            }
            Some(Shape::Block(width, height, solid)) => {
                let (x, y) = corner(x, run.y);
                let top = y + HEIGHT * (1.0 - height);
                let place = (x, top, WIDTH * width, HEIGHT * height);
                rect(picture, place, &hex(run.look.ink), solid);
            }
            None => {}
        }
    }
    for (path, width) in [(light, 1.0), (heavy, 2.0)] {
        if !path.is_empty() {
            let ink = hex(run.look.ink);
            let _ = writeln!(
                picture,
                "<path d=\"{path}\" stroke=\"{ink}\" stroke-width=\"{width}\" fill=\"none\"/>"
            );
        }
    }
}

fn line(path: &mut String, (x, y): (f32, f32), arms: Arms) {
    let (middle, centre) = (x + WIDTH / 2.0, y + (HEIGHT / 2.0).floor() + 0.5);
    let (left, right) = (
        if arms.reach('l') { x } else { middle },
        if arms.reach('r') { x + WIDTH } else { middle },
    );
    let (up, down) = (
        if arms.reach('u') { y } else { centre },
        if arms.reach('d') { y + HEIGHT } else { centre },
    );
    if left < right {
        if path.ends_with(&format!("H{left}")) {
            // it goes on where the one before ended
            path.truncate(path.rfind('H').unwrap_or_default());
        } else {
            let _ = write!(path, "M{left} {centre}");
        }
        let _ = write!(path, "H{right}");
    }
    if up < down {
        let _ = write!(path, "M{middle} {up}V{down}");
    }
}

fn rect(picture: &mut String, (x, y, width, height): (f32, f32, f32, f32), fill: &str, solid: f32) {
    let _ = write!(
        picture,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\""
    );
    if solid < 1.0 {
        let _ = write!(picture, " fill-opacity=\"{solid}\"");
    }
    picture.push_str("/>\n");
}

fn corner(x: u16, y: u16) -> (f32, f32) {
    (MARGIN + f32::from(x) * WIDTH, MARGIN + f32::from(y) * HEIGHT)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
