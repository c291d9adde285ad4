//! What keys, clicks and time do. The state is folded from events; the clock is a message.

mod dialogs;
mod failures;
mod keys;
mod last;
mod leaving;
mod lists;
mod look;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::draw;
use crate::model::sample::{events, runbook};
use crate::model::{
    Confirm, CountMethod, EventKind, Evidence, Fix, Judgement, Observed, Reading, RunId, Runbook,
    Side, SideView, TableView, Tables, When,
};
use crate::session::SessionMode;
use crate::tui::acts::Acts;
use crate::tui::msg::{Effect, Msg};
use crate::tui::state::{Opening, UiState};
use crate::tui::theme::{Palette, Theme};
use crate::tui::update::update;

pub(super) fn second(n: u64) -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::from_secs(n)
}

fn side(version: &str, rows: u64) -> SideView {
    let fresh = |at| move |value| Reading::Fresh { value, at };
    let tables = [("public.tasks", rows), ("public.sprints", 12)]
        .map(|(name, rows)| (name, TableView::counted(rows, CountMethod::Exact, second(9))));
    SideView {
        version: Reading::Fresh { value: version.to_owned(), at: second(8) },
        clients: fresh(second(8))(rows % 7),
        tables: Reading::Fresh { value: Tables::from_iter(tables).into(), at: second(9) },
        pods: Reading::Stale { value: (1, 1), at: second(1), why: Some("the watch ended".into()) },
        ..SideView::default()
    }
}

pub(super) fn state(done: &[&str], last: EventKind) -> UiState {
    state_of(&Arc::new(runbook()), done, last)
}

pub(super) fn state_of(book: &Arc<Runbook>, done: &[&str], last: EventKind) -> UiState {
    let mut ui = UiState::new(Opening {
        playback: None,
        run: RunId::from("orders-1"),
        mode: SessionMode::Rehearsal,
        place: "lab/orders".to_owned(),
        controls: true,
        protected: false,
        acts: Acts::default(),
        last: None,
        theme: Theme { palette: Palette::Mono, ascii: true },
        runbook: Arc::clone(book),
        now: second(0),
    });
    for event in events(book, done, last) {
        update(&mut ui, Msg::Event(Box::new(event)));
    }
    let observed = Observed {
        blue: side("16.14", 48_201),
        green: side("18.4", 48_150),
        serving: Reading::Fresh { value: Some(Side::Blue), at: second(9) },
        ..Observed::default()
    };
    update(&mut ui, Msg::Observed(Box::new(observed)));
    update(&mut ui, Msg::Tick(second(12)));
    ui
}

fn judgement(opening: crate::model::Opening) -> Judgement {
    Judgement {
        gate: "rows-equal".into(),
        opening,
        evidence: Evidence {
            summary: "public.tasks: blue 48,201, green 48,150".into(),
            source: "select count(*)".into(),
            at: second(10),
            details: Vec::new(),
        },
        fix: Some(Fix { title: "sync again".into(), command: None, mend: None }),
    }
}

pub(super) fn held() -> EventKind {
    let judgements = vec![judgement(crate::model::Opening::Held)];
    EventKind::GateHeld { step: "switch".into(), when: When::Before, judgements }
}

pub(super) fn asked(step: &str, confirm: Confirm) -> EventKind {
    EventKind::ConfirmationAsked { step: step.into(), confirm }
}

pub(super) fn screen(ui: &mut UiState, width: u16, height: u16) -> String {
    update(ui, Msg::Frame { width, height });
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, ui)).unwrap();
    let buffer = terminal.backend().buffer();
    (0..height).fold(String::new(), |mut text, y| {
        let row: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
        writeln!(text, "{}", row.trim_end()).unwrap();
        text
    })
}

pub(super) fn press(ui: &mut UiState, codes: &[KeyCode]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for code in codes {
        update(ui, Msg::Drawn);
        effects.extend(update(ui, Msg::Key(KeyEvent::new(*code, KeyModifiers::NONE))));
    }
    effects
}

pub(super) fn typed(text: &str) -> Vec<KeyCode> {
    text.chars().map(KeyCode::Char).collect()
}
