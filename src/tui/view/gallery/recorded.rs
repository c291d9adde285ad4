//! Moments of the recorded runs in `tests/fixtures/journals`, with readings that were kept in a rehearsal.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::model::{Event, EventKind, Moment, Observed, RunId, Runbook};
use crate::session::{Playback, SessionMode};
use crate::tui::acts::Acts;
use crate::tui::msg::Msg;
use crate::tui::state::{Opening, UiState};
use crate::tui::theme::{Palette, Theme};
use crate::tui::update::update;

/// A run up to the first fact of a kind, four seconds later, with nothing read.
pub(super) fn run(journal: &str, until: impl Fn(&EventKind) -> bool) -> UiState {
    let (book, mut events) = read(journal);
    let end = events.iter().position(|event| until(&event.kind)).expect("the journal has it");
    events.truncate(end + 1);
    let now = events[end].at + Duration::from_secs(4);
    let mut ui = UiState::new(opening(book, events[0].at, SessionMode::Rehearsal, None));
    for event in events {
        update(&mut ui, Msg::Event(Box::new(event)));
    }
    update(&mut ui, Msg::Tick(now));
    ui
}

/// A run that is played again, in its middle.
pub(super) fn replay(journal: &str) -> UiState {
    let (book, events) = read(journal);
    let now = events[0].at;
    let playback =
        Playback { events, readings: Vec::new(), from: Moment::Share(0.001), speed: 4.0 };
    UiState::new(opening(book, now, SessionMode::Replay, Some(playback)))
}

fn opening(
    runbook: Runbook,
    now: Timestamp,
    mode: SessionMode,
    playback: Option<Playback>,
) -> Opening {
    Opening {
        playback,
        run: RunId::from("chronicle-20261121-031500"),
        mode,
        place: "prod-eu/dsm".to_owned(),
        controls: mode != SessionMode::Replay,
        protected: false,
        acts: Acts::default(),
        last: None,
        theme: Theme { palette: Palette::Default, ascii: false },
        runbook: Arc::new(runbook),
        now,
    }
}

fn read(journal: &str) -> (Runbook, Vec<Event>) {
    let text = fixture(&format!("journals/{journal}.jsonl"));
    let mut lines = text.lines();
    let mut header: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    let book = serde_json::from_value(header["runbook"].take()).unwrap();
    (book, lines.map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// The same with readings that are a second old.
pub(super) fn seen(mut ui: UiState, readings: &str) -> UiState {
    let observed = serde_json::from_value(at(&ui, readings)).unwrap();
    update(&mut ui, Msg::Observed(Box::new(observed)));
    ui
}

/// The same with readings of which none is fresh.
pub(super) fn silent(mut ui: UiState, readings: &str) -> UiState {
    let observed: Observed = serde_json::from_value(stale(at(&ui, readings))).unwrap();
    update(&mut ui, Msg::Observed(Box::new(observed)));
    ui
}

fn at(ui: &UiState, readings: &str) -> Value {
    let mut value = serde_json::from_str(&fixture(&format!("observed/{readings}.json"))).unwrap();
    let newest = newest(&value).expect("something was read");
    later(&mut value, ui.now - Duration::from_secs(1) - newest);
    value
}

fn newest(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Array(all) => all.iter().filter_map(newest).max(),
        Value::Object(all) => all.values().filter_map(newest).max(),
        _ => None,
    }
}

fn later(value: &mut Value, by: jiff::Span) {
    match value {
        Value::String(text) => {
            if let Ok(time) = text.parse::<Timestamp>() {
                let by = SignedDuration::try_from(by).unwrap();
                *text = (time + by).to_string();
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| later(one, by)),
        Value::Object(all) => all.values_mut().for_each(|one| later(one, by)),
        _ => {}
    }
}

/// Each fresh reading as one that came a while ago.
fn stale(value: Value) -> Value {
    match value {
        Value::Object(all) => all
            .into_iter()
            .map(|(key, value)| match (key.as_str(), stale(value)) {
                ("fresh", Value::Object(mut reading)) => {
                    reading.insert("why".into(), "the server does not answer".into());
                    ("stale".to_owned(), reading.into())
                }
                (_, value) => (key, value),
            })
            .collect(),
        Value::Array(all) => all.into_iter().map(stale).collect(),
        other => other,
    }
}

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
