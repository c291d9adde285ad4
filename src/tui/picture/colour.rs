//! Colours as a terminal shows them, which a picture has to say in numbers.

use ratatui::style::Color;

/// Red, green and blue.
pub(super) type Rgb = (u8, u8, u8);

/// The paper and the ink of a picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paper {
    pub(super) ground: Rgb,
    pub(super) ink: Rgb,
}

pub(super) const DARK: Paper = Paper { ground: (0x12, 0x16, 0x1c), ink: (0xd6, 0xda, 0xe0) };
pub(super) const LIGHT: Paper = Paper { ground: (0xfb, 0xfb, 0xf8), ink: (0x24, 0x29, 0x2f) };

/// The sixteen that a terminal chooses itself, in their usual shades.
const NAMED: [Rgb; 16] = [
    (0x2b, 0x30, 0x38),
    (0xc8, 0x4b, 0x4b),
    (0x4f, 0x9d, 0x57),
    (0xd0, 0xa0, 0x3c),
    (0x3b, 0x78, 0xc9),
    (0xa5, 0x5f, 0xb8),
    (0x35, 0xa3, 0xab),
    (0xb4, 0xba, 0xc2),
    (0x6b, 0x73, 0x7e),
    (0xff, 0x6b, 0x66),
    (0x7b, 0xc9, 0x7f),
    (0xf0, 0xc6, 0x60),
    (0x6c, 0xab, 0xff),
    (0xd3, 0x8b, 0xe6),
    (0x62, 0xd3, 0xdb),
    (0xff, 0xff, 0xff),
];

/// A colour in numbers; none where it is the terminal's own.
pub(super) fn rgb(colour: Color) -> Option<Rgb> {
    let index = match colour {
        Color::Reset => return None,
        Color::Rgb(red, green, blue) => return Some((red, green, blue)),
        Color::Indexed(index) => index,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    Some(indexed(index))
}

/// xterm's table: sixteen names, a cube of six shades, and greys.
fn indexed(index: u8) -> Rgb {
    let shade = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
    match index {
        0..16 => NAMED[usize::from(index)],
        16..232 => {
            let cube = index - 16;
            (shade(cube / 36), shade(cube / 6 % 6), shade(cube % 6))
        }
        232.. => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
    }
}

/// Something between two colours, nearer to the first.
pub(super) fn fainter(colour: Rgb, ground: Rgb) -> Rgb {
    let mix = |of: u8, to: u8| {
        let mixed = (u16::from(of) * 6 + u16::from(to) * 4) / 10;
        u8::try_from(mixed).unwrap_or(u8::MAX)
    };
    (mix(colour.0, ground.0), mix(colour.1, ground.1), mix(colour.2, ground.2))
}

/// As a style sheet writes it.
pub(super) fn hex((red, green, blue): Rgb) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}
