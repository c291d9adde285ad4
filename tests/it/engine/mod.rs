//! The engine against a world in memory, whose effects may apply or be lost when the console dies.

mod answers;
mod begin;
mod book;
mod bot;
mod budget;
mod crash;
mod drive;
mod look;
mod props;
mod stop;
mod world;

pub(crate) use book::cutover;
pub(crate) use bot::{TestClock, Trial, agreeable, decide_as};
pub(crate) use world::World;
