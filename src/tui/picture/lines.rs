//! Frames and blocks as shapes: a font would leave gaps between its own.

/// Where the lines of a frame's character go from the middle of its cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arms {
    sides: &'static str,
    /// The lines are thick.
    pub(super) heavy: bool,
}

impl Arms {
    /// True when a line goes there: `l`, `r`, `u` or `d`.
    pub(super) fn reach(self, side: char) -> bool {
        self.sides.contains(side)
    }
}

/// What a character is drawn as.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Shape {
    /// Lines from the middle.
    Arms(Arms),
    /// A part of the cell, from its lower left corner: width, height, and how solid.
    Block(f32, f32, f32),
}

/// The shape of a character, where it has one.
pub(super) fn shape(symbol: &str) -> Option<Shape> {
    let mut letters = symbol.chars();
    let (Some(letter), None) = (letters.next(), letters.next()) else { return None };
    arms(letter).map(Shape::Arms).or_else(|| block(letter))
}

fn arms(letter: char) -> Option<Arms> {
    let (sides, heavy) = match letter {
        '─' | '╌' | '┄' => ("lr", false),
        '━' => ("lr", true),
        '│' | '╎' | '┆' => ("ud", false),
        '┃' => ("ud", true),
        '┌' | '╭' => ("rd", false),
        '┏' => ("rd", true),
        '┐' | '╮' => ("ld", false),
        '┓' => ("ld", true),
        '└' | '╰' => ("ru", false),
        '┗' => ("ru", true),
        '┘' | '╯' => ("lu", false),
        '┛' => ("lu", true),
        '├' => ("rud", false),
        '┤' => ("lud", false),
        '┬' => ("lrd", false),
        '┴' => ("lru", false),
        '┼' => ("lrud", false),
        _ => return None,
    };
    Some(Arms { sides, heavy })
}

#[expect(clippy::cast_precision_loss, reason = "eighths")]
fn block(letter: char) -> Option<Shape> {
    let code = u32::from(letter);
    let eighths = |part: u32| part as f32 / 8.0;
    match code {
        0x2581..=0x2588 => Some(Shape::Block(1.0, eighths(code - 0x2580), 1.0)),
        0x2589..=0x258f => Some(Shape::Block(eighths(0x2590 - code), 1.0, 1.0)),
        0x2591..=0x2593 => Some(Shape::Block(1.0, 1.0, (code - 0x2590) as f32 / 4.0)),
        _ => None,
    }
}
