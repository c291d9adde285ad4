//! The console without a terminal: what it would draw, as cells and as a picture.

mod colour;
mod lines;
mod svg;

pub(super) use svg::svg;

#[cfg(test)]
mod tests;
