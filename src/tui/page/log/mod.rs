//! What happened: the facts, what the console said, and every statement and request with its time and its end.

mod lines;
mod wrapped;

use ratatui::Frame;
use ratatui::crossterm::event::KeyCode;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Face, Page};
use crate::tui::keymap::{Binding, on};
use crate::tui::list::{Column, Grid};
use crate::tui::msg::{Cmd, Effect};
use crate::tui::state::UiState;
use crate::tui::view::{self, words};

/// The page.
#[derive(Debug)]
pub(super) struct Log;

/// What the page has to itself.
#[derive(Debug, Default)]
pub(in crate::tui) struct View {
    errors_only: bool,
    wraps: bool,
    kinds: Kinds,
}

/// Which lines are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kinds {
    /// The facts, and what the run said to the world; not how it asked the cluster while it waited.
    #[default]
    Run,
    /// That, and what the observers ask all the time.
    All,
    /// The facts alone.
    Facts,
    /// Statements.
    Sql,
    /// Requests to the API server.
    Api,
}

impl Kinds {
    const fn next(self) -> Self {
        match self {
            Self::Run => Self::All,
            Self::All => Self::Facts,
            Self::Facts => Self::Sql,
            Self::Sql => Self::Api,
            Self::Api => Self::Run,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Run => "what the run did",
            Self::All => "everything",
            Self::Facts => "facts",
            Self::Sql => "statements",
            Self::Api => "API calls",
        }
    }
}

/// A key of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum Key {
    /// Goes with what happens.
    Follow,
    /// Shows only what went wrong.
    ErrorsOnly,
    /// Shows the next kind of lines.
    Kinds,
    /// Breaks long lines.
    Wrap,
}

const KEYS: &[Binding] = &[
    on(Page::Log, "f", &[KeyCode::Char('f')], Cmd::Log(Key::Follow), "go with what happens")
        .hint("follow"),
    on(
        Page::Log,
        "e",
        &[KeyCode::Char('e')],
        Cmd::Log(Key::ErrorsOnly),
        "only what went wrong, or everything",
    )
    .hint("errors"),
    on(
        Page::Log,
        "t",
        &[KeyCode::Char('t')],
        Cmd::Log(Key::Kinds),
        "the next kind: what the run did, everything, facts, statements, API calls",
    )
    .hint("kind"),
    on(Page::Log, "w", &[KeyCode::Char('w')], Cmd::Log(Key::Wrap), "break long lines, or cut them")
        .hint("wrap"),
];

impl Face for Log {
    fn title(&self, ui: &UiState) -> String {
        let (view, alone) = (&ui.log_view, ui.page == Page::Log);
        let dropped = words::grouped(ui.calls_dropped);
        let parts = [
            Some("Log (UTC)".to_owned()),
            alone.then(|| view.kinds.word().to_owned()),
            ui.list(Page::Log).follows().then(|| "follows".to_owned()),
            (alone && view.errors_only).then(|| "errors only".to_owned()),
            (alone && ui.calls_dropped > 0).then(|| format!("{dropped} older in the tool's log")),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("  ")
    }

    fn grid(&self, ui: &UiState) -> Grid {
        // beside other panes there is room for the facts only
        let (columns, kinds) = if ui.page == Page::Log {
            (columns(), ui.log_view.kinds)
        } else {
            (
                vec![Column::word("", 8).that_stays(), Column::text("", 40).that_stays()],
                Kinds::Facts,
            )
        };
        let whole = ui.page == Page::Log;
        let rows = lines::rows(ui, kinds, whole && ui.log_view.errors_only, whole);
        let last = rows.len().saturating_sub(1);
        let grid = Grid::of(columns).with(rows).or_says("nothing has happened yet");
        Grid { follows: Some(last), ordered: true, tail: !whole, ..grid }
    }

    fn narrowed(&self, ui: &UiState) -> Vec<String> {
        let view = &ui.log_view;
        let errors = view.errors_only.then(|| "e shows more than errors".to_owned());
        let kind = view.kinds.word();
        let kinds =
            (view.kinds != Kinds::default()).then(|| format!("t changes the kind ({kind})"));
        errors.into_iter().chain(kinds).collect()
    }

    fn disabled(&self, ui: &UiState, cmd: Cmd) -> Option<String> {
        let narrows = matches!(cmd, Cmd::Filter | Cmd::Differences)
            || matches!(cmd, Cmd::Log(Key::ErrorsOnly | Key::Kinds));
        (narrows && ui.page != Page::Log)
            .then(|| "these last lines are never filtered; 7 shows the whole log".to_owned())
    }

    fn details(&self, ui: &UiState, row: &str) -> Vec<Line<'static>> {
        lines::details(ui, row)
    }

    fn copies(&self, ui: &UiState, row: &str) -> String {
        lines::copies(ui, row)
    }

    fn keys(&self) -> &'static [Binding] {
        KEYS
    }

    fn act(&self, ui: &mut UiState, cmd: Cmd) -> Vec<Effect> {
        match cmd {
            Cmd::Log(Key::Follow) => ui.list_mut(Page::Log).bottom(),
            Cmd::Log(Key::ErrorsOnly) => ui.log_view.errors_only = !ui.log_view.errors_only,
            Cmd::Log(Key::Kinds) => ui.log_view.kinds = ui.log_view.kinds.next(),
            Cmd::Log(Key::Wrap) => ui.log_view.wraps = !ui.log_view.wraps,
            _ => {}
        }
        ui.outdated = true;
        Vec::new()
    }

    fn draw(&self, frame: &mut Frame<'_>, ui: &UiState, page: Page, area: Rect) {
        if ui.log_view.wraps {
            wrapped::draw(frame, ui, page, area);
        } else {
            view::table(frame, ui, page, area);
        }
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::word("TIME", 8).that_stays(),
        Column::word("KIND", 5).that_is_shown(),
        Column::word("TO", 5).that_is_shown(),
        Column::text("WHAT", 34).that_stays(),
        Column::number("TOOK"),
        Column::text("OUTCOME", 10),
    ]
}
