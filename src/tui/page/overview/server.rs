//! What the servers say of themselves: version, clients, flow, positions, settings.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::check::Check;
use crate::model::{Connections, Flow, OpenTransactions, Rate, SettingView, Shared, Side};
use crate::tui::list::Cell;
use crate::tui::page::standing::{Standing, Word};
use crate::tui::state::UiState;
use crate::tui::trend::Trend;
use crate::tui::view::words;

/// From this part of its connections on, in percent, a server is short of them.
const CROWDED: u64 = 80;

/// A transaction that is open for longer holds the cutover up.
const LONG: Duration = Duration::from_secs(60);

pub(super) fn version(ui: &UiState) -> Check {
    let judge = |blue: &String, green: &String| {
        let [from, to] = [blue, green].map(|version| number(version));
        Some(match from.zip(to) {
            Some((from, to)) if to < from => Word::Warn.because("green is older"),
            Some((from, to)) if from[0] == to[0] => Standing::OK,
            Some((from, to)) => Word::Ok.because(format!("{} to {}", from[0], to[0])),
            None => Word::Wait.because("not a version"),
        })
    };
    Check::of(ui, "version", |view| &view.version, |version| Cell::plain(short(version)), judge)
}

/// The number in `16.4 (Debian 16.4-1)`.
fn short(version: &str) -> String {
    version.split_whitespace().next().unwrap_or(version).to_owned()
}

fn number(version: &str) -> Option<Vec<u32>> {
    let digits = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>();
    let parts: Vec<u32> =
        short(version).split('.').map_while(|part| digits(part).parse().ok()).collect();
    (!parts.is_empty()).then_some(parts)
}

/// The side that should be left alone: the one that does not serve.
fn idle(ui: &UiState) -> Result<Side, Standing> {
    ui.serving().map(Side::other).ok_or_else(|| Word::Wait.because("who serves is unknown"))
}

pub(super) fn clients(ui: &UiState) -> Check {
    let judge = |blue: &u64, green: &u64| {
        Some(match idle(ui) {
            Err(unknown) => unknown,
            Ok(Side::Green) if *blue > 0 && since(ui, ui.observed.blue.clients.at()) => {
                Word::Warn.because(format!("{} still on blue", words::grouped(*blue)))
            }
            Ok(side) => match if side == Side::Blue { *blue } else { *green } {
                0 => Word::Ok.because(format!("none on {side}")),
                some if works(ui, side) => {
                    Word::Run.because(format!("{} on {side}, filled", words::grouped(some)))
                }
                some => Word::Warn.because(format!("{} on {side}", words::grouped(some))),
            },
        })
    };
    let check = Check::of(ui, "clients", |view| &view.clients, |n| Cell::Count(Some(*n)), judge);
    check.with_trend(trend(ui, ui.trends.clients()))
}

pub(super) fn writes(ui: &UiState) -> Check {
    // a rate over a time that began while writes flowed says nothing of the time since
    let stopped = ui.state.writes_stopped_at;
    let before = |flow: &Flow| {
        let read = ui.observed.blue.flow.at().zip(stopped);
        read.is_some_and(|(read, stopped)| read - flow.over < stopped)
    };
    let judge = |blue: &Flow, green: &Flow| {
        Some(match idle(ui) {
            Err(unknown) => unknown,
            Ok(side) => {
                let flow = if side == Side::Blue { blue } else { green };
                if ui.still_written().is_some() {
                    Word::Warn.because("blue is written")
                } else if before(flow) {
                    Word::Wait.because("since the stop")
                } else if flow.writes.is_zero() {
                    Word::Ok.because(format!("{side} idle"))
                } else if works(ui, side) {
                    Word::Run.because(format!("{side} is filled"))
                } else {
                    Word::Warn.because(format!("{side} is written"))
                }
            }
        })
    };
    let show = |flow: &Flow| Cell::Rate((!before(flow)).then_some(flow.writes));
    Check::of(ui, "writes/s", |view| &view.flow, show, judge)
        .with_trend(trend(ui, ui.trends.writes()))
}

/// Something was read since writes were stopped.
fn since(ui: &UiState, read: Option<Timestamp>) -> bool {
    read.zip(ui.state.writes_stopped_at).is_some_and(|(read, stopped)| read >= stopped)
}

fn works(ui: &UiState, side: Side) -> bool {
    ui.observed.side(side).work.fresh().is_some_and(|work| !work.is_empty())
}

fn trend(ui: &UiState, [blue, green]: &[Trend; 2]) -> String {
    let line = |trend: &Trend| {
        let line = trend.line(12, ui.theme.ascii);
        format!("{line:<12}")
    };
    let [blue, green] = [line(blue), line(green)];
    if blue.trim().is_empty() && green.trim().is_empty() {
        return String::new();
    }
    format!("{blue} {}", green.trim_end())
}

pub(super) fn connections(ui: &UiState) -> Check {
    let show = |all: &Shared<Connections>| Cell::plain(format!("{}/{}", all.used, all.max));
    let crowded = |all: &Connections| {
        let room = all.max.saturating_sub(all.reserved).max(1);
        (all.used * 100 / room >= CROWDED).then_some(all.used * 100 / room)
    };
    let judge = |blue: &Shared<Connections>, green: &Shared<Connections>| {
        let found = [(Side::Blue, crowded(blue)), (Side::Green, crowded(green))];
        let worst = found.into_iter().find_map(|(side, part)| Some((side, part?)));
        Some(worst.map_or(Standing::OK, |(side, part)| {
            Word::Warn.because(format!("{part}% of {side}'s"))
        }))
    };
    Check::of(ui, "connections", |view| &view.connections, show, judge)
}

pub(super) fn transactions(ui: &UiState) -> Check {
    let show = |all: &OpenTransactions| {
        Cell::plain(match all.longest {
            Some(longest) => format!("{}, {}", all.open, words::short(longest)),
            None => all.open.to_string(),
        })
    };
    let judge = |blue: &OpenTransactions, green: &OpenTransactions| {
        let long = [(Side::Blue, blue), (Side::Green, green)]
            .into_iter()
            .find(|(_, all)| all.longest.is_some_and(|longest| longest > LONG));
        Some(match long {
            Some((side, all)) if all.longest_idle.is_some_and(|idle| idle > LONG) => {
                Word::Warn.because(format!("{side}: one is idle in it"))
            }
            Some((side, _)) => Word::Warn.because(format!("{side}: a long one")),
            None => Standing::OK,
        })
    };
    Check::of(ui, "open tx", |view| &view.transactions, show, judge)
}

pub(super) fn wal(ui: &UiState) -> Check {
    // two servers that were made apart: their positions say nothing of each other
    let check =
        Check::of(ui, "WAL", |view| &view.wal, |wal| Cell::plain(wal.lsn.clone()), |_, _| None);
    let rates =
        Side::BOTH.map(|side| ui.observed.side(side).flow.fresh().and_then(|flow| flow.wal));
    let told = |rate: Option<Rate>| {
        rate.map_or_else(|| "?".to_owned(), |rate| words::size(rate.thousandths() / 1000))
    };
    let trend = if rates.iter().all(Option::is_none) {
        String::new()
    } else {
        format!("{}/s {}/s", told(rates[0]), told(rates[1]))
    };
    check.with_trend(trend)
}

pub(super) fn size(ui: &UiState) -> Check {
    Check::of(ui, "size", |view| &view.size, |bytes| Cell::Bytes(Some(*bytes)), |_, _| None)
}

pub(super) fn pods(ui: &UiState) -> Check {
    let show = |(ready, wanted): &(u32, u32)| Cell::plain(format!("{ready}/{wanted}"));
    let judge = |blue: &(u32, u32), green: &(u32, u32)| {
        let short = [(Side::Blue, blue), (Side::Green, green)]
            .into_iter()
            .find(|(_, (ready, wanted))| ready < wanted);
        Some(short.map_or(Standing::OK, |(side, (ready, wanted))| {
            Word::Warn.because(format!("{side} {ready}/{wanted}"))
        }))
    };
    Check::of(ui, "pods ready", |view| &view.pods, show, judge)
}

pub(super) fn settings(ui: &UiState) -> Check {
    let rows = ui.observed.setting_rows();
    let matter = rows.iter().filter(|row| row.matters).count();
    let judge = |_: &_, _: &_| {
        Some(match (matter, rows.len()) {
            (0, 0) => Standing::OK,
            (0, some) => Word::Ok.because(format!("{some} differ")),
            (matter, some) => Word::Warn.because(format!("{matter} of {some} matter")),
        })
    };
    let show = |all: &Shared<BTreeMap<_, SettingView>>| Cell::Count(Some(all.len() as u64));
    Check::of(ui, "settings", |view| &view.settings, show, judge)
}
