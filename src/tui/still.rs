//! The console without a terminal: for pictures of it, for measuring it, and for holding one frame against another.

use std::sync::Arc;

use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyEvent};

use super::acts::Acts;
use super::msg::Msg;
use super::picture;
use super::state::{Opening, UiState};
use super::theme::{Palette, Theme};
use super::update::update;
use super::view::draw;
use crate::model::{Event, Observed, RunId, Runbook};
use crate::session::{Playback, SessionMode};

/// What is shown.
#[derive(Debug)]
pub struct Scene {
    /// Which run it is.
    pub run: RunId,
    /// What kind of session it is.
    pub mode: SessionMode,
    /// Where it is: context and namespace.
    pub place: String,
    /// The plan.
    pub runbook: Arc<Runbook>,
    /// A recorded run, where it is one.
    pub playback: Option<Playback>,
    /// What time it is.
    pub now: Timestamp,
    /// Columns and lines.
    pub size: (u16, u16),
    /// The colours.
    pub palette: Palette,
    /// Only ASCII characters are drawn.
    pub ascii: bool,
}

/// A console that nobody sits at.
#[derive(Debug)]
pub struct Still {
    ui: UiState,
    terminal: Terminal<TestBackend>,
}

impl Still {
    /// Opens it.
    #[must_use]
    pub fn new(scene: Scene) -> Self {
        let (columns, lines) = scene.size;
        let mut ui = UiState::new(Opening {
            run: scene.run,
            mode: scene.mode,
            place: scene.place,
            controls: matches!(scene.mode, SessionMode::Run | SessionMode::Rehearsal),
            protected: false,
            acts: Acts::default(),
            last: None,
            theme: Theme { palette: scene.palette, ascii: scene.ascii },
            runbook: scene.runbook,
            now: scene.now,
            playback: scene.playback,
        });
        update(&mut ui, Msg::Tick(scene.now));
        let Ok(terminal) = Terminal::new(TestBackend::new(columns, lines));
        Self { ui, terminal }
    }

    /// Tells it a fact.
    pub fn tell(&mut self, event: Event) {
        update(&mut self.ui, Msg::Event(Box::new(event)));
    }

    /// Gives it newer readings.
    pub fn observe(&mut self, observed: Observed) {
        update(&mut self.ui, Msg::Observed(Box::new(observed)));
    }

    /// Lets time pass.
    pub fn pass(&mut self, now: Timestamp) {
        update(&mut self.ui, Msg::Tick(now));
    }

    /// Presses the key of a letter.
    pub fn press(&mut self, letter: char) {
        self.press_key(KeyCode::Char(letter));
    }

    /// Presses a key.
    pub fn press_key(&mut self, key: KeyCode) {
        update(&mut self.ui, Msg::Key(KeyEvent::from(key)));
    }

    /// Draws a frame.
    pub fn draw(&mut self) -> &Buffer {
        let area = self.terminal.backend().buffer().area;
        update(&mut self.ui, Msg::Frame { width: area.width, height: area.height });
        let Ok(_) = self.terminal.draw(|frame| draw(frame, &self.ui));
        update(&mut self.ui, Msg::Drawn);
        self.terminal.backend().buffer()
    }

    /// Draws a frame as a picture (SVG).
    #[must_use]
    pub fn picture(&mut self) -> String {
        let title = format!("pgcutover {}", self.ui.runbook.name);
        let light = self.ui.theme.palette == Palette::Light;
        picture::svg(self.draw(), &title, light)
    }
}
