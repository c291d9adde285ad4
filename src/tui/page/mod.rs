//! The pages. Each is a file of its own: its rows, its details, its own keys and how it is drawn.
//!
//! To add one: a variant of [`Page`], and a file with a [`Face`]. To change one: its file alone, and a variant of
//! [`Cmd`] for each key that it has to itself.

pub(super) mod extensions;
pub(super) mod jobs;
pub(super) mod log;
pub(super) mod overview;
pub(super) mod rows;
mod schema;
pub(super) mod sessions;
mod standing;
pub(super) mod steps;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::keymap::Binding;
use super::list::Grid;
use super::msg::{Cmd, Effect};
use super::state::UiState;
use super::view;
use crate::model::Focus;

/// A page, by its number. Its list can stand beside others on the overview.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Page {
    /// Blue beside green, the steps, the last facts.
    #[default]
    Overview,
    /// Every table.
    Rows,
    /// Extensions.
    Extensions,
    /// Jobs and workloads.
    Jobs,
    /// Who is connected.
    Sessions,
    /// Phases and steps.
    Steps,
    /// The facts.
    Log,
}

impl Page {
    /// All pages, by their numbers.
    pub(super) const ALL: [Self; 7] = [
        Self::Overview,
        Self::Rows,
        Self::Extensions,
        Self::Jobs,
        Self::Sessions,
        Self::Steps,
        Self::Log,
    ];

    /// Its number.
    pub(super) const fn number(self) -> usize {
        self as usize + 1
    }

    /// Its name.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Rows => "Rows",
            Self::Extensions => "Extensions",
            Self::Jobs => "Jobs",
            Self::Sessions => "Sessions",
            Self::Steps => "Steps",
            Self::Log => "Log",
        }
    }

    /// Its rows, details, keys and drawing.
    pub(super) fn face(self) -> &'static dyn Face {
        match self {
            Self::Overview => &overview::Overview,
            Self::Rows => &rows::Rows,
            Self::Extensions => &extensions::Extensions,
            Self::Jobs => &jobs::Jobs,
            Self::Sessions => &sessions::Sessions,
            Self::Steps => &steps::Steps,
            Self::Log => &log::Log,
        }
    }

    /// The page after it.
    pub(super) const fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }

    /// The page before it.
    pub(super) const fn before(self) -> Self {
        Self::ALL[(self as usize + Self::ALL.len() - 1) % Self::ALL.len()]
    }
}

/// What a page shows and does. Selection, scrolling, filter, order and `only differences` are the list's, and the same
/// everywhere.
pub(super) trait Face: Sync {
    /// The title of its pane.
    fn title(&self, ui: &UiState) -> String;

    /// Its rows, as they stand now. It is asked again when facts or readings come, not for each frame.
    fn grid(&self, ui: &UiState) -> Grid;

    /// What is known of a row; it is asked for each frame while it is open.
    fn details(&self, ui: &UiState, row: &str) -> Vec<Line<'static>>;

    /// What of a row is read closely while its details are open.
    fn looks_at(&self, _ui: &UiState, _row: &str) -> Focus {
        Focus::default()
    }

    /// What is copied of a row.
    fn copies(&self, _ui: &UiState, row: &str) -> String {
        row.to_owned()
    }

    /// The line below its rows: what they come to.
    fn sum(&self, _ui: &UiState) -> Option<Line<'static>> {
        None
    }

    /// What of its own keeps rows out of sight, each with the key that takes it back.
    fn narrowed(&self, _ui: &UiState) -> Vec<String> {
        Vec::new()
    }

    /// The keys that it has to itself.
    fn keys(&self) -> &'static [Binding] {
        &[]
    }

    /// Why one of its own keys does nothing now.
    fn disabled(&self, _ui: &UiState, _cmd: Cmd) -> Option<String> {
        None
    }

    /// Does what one of its own keys means.
    fn act(&self, _ui: &mut UiState, _cmd: Cmd) -> Vec<Effect> {
        Vec::new()
    }

    /// Draws its pane.
    fn draw(&self, frame: &mut Frame<'_>, ui: &UiState, page: Page, area: Rect) {
        view::table(frame, ui, page, area);
    }
}
