//! Phases and steps: where each stands, how long it took, what it will ask.

use ratatui::text::Line;

use super::Face;
use crate::model::{Confirm, Mode, Phase, Step, StepId, StepState, StepStatus};
use crate::tui::list::{Cell, Column, Grid, Row};
use crate::tui::state::UiState;
use crate::tui::theme::Role;
use crate::tui::view;

/// The page.
#[derive(Debug)]
pub(super) struct Steps;

impl Face for Steps {
    fn title(&self, ui: &UiState) -> String {
        let (settled, all) = ui.settled();
        format!("Steps {settled}/{all}")
    }

    fn grid(&self, ui: &UiState) -> Grid {
        let mut columns = vec![
            Column::word("", 4).that_stays(),
            Column::text("", 20).that_stays(),
            Column::number("").that_stays(),
        ];
        if ui.last.is_some() {
            columns.push(Column::number(""));
        }
        let current = ui.current();
        let mut rows = Vec::new();
        // where no step is the current one, the last that anything happened to
        let (mut follows, mut reached) = (None, 0);
        for phase in &ui.runbook.phases {
            rows.push(heading(phase));
            for step in &phase.steps {
                if Some(&step.id) == current.as_ref() {
                    follows = Some(rows.len());
                }
                if ui.state.step(&step.id).status != StepStatus::Pending {
                    reached = rows.len();
                }
                rows.push(row(ui, step));
            }
        }
        let grid = Grid::of(columns).with(rows);
        Grid { follows: Some(follows.unwrap_or(reached)), ordered: true, ..grid }
    }

    fn details(&self, ui: &UiState, row: &str) -> Vec<Line<'static>> {
        match ui.runbook.step(&StepId::from(row)) {
            Some(step) => {
                let title = Line::styled(step.title.clone(), ui.theme.style(Role::Title));
                std::iter::once(title).chain(view::evidence(ui, step, 76)).collect()
            }
            None => Vec::new(),
        }
    }
}

fn heading(phase: &Phase) -> Row {
    let window = if phase.window { "  (window)" } else { "" };
    Row::heading(format!("phase {}", phase.id), format!("{}{window}", phase.title))
}

fn row(ui: &UiState, step: &Step) -> Row {
    let known = ui.state.step(&step.id);
    // a question is open only as long as the run goes forward
    let asks = known.asked.is_some() && *ui.state.mode() == Mode::Forward;
    let (status, role) = if asks { ("ask", Role::Title) } else { word(known.status) };
    let text = if role == Role::Muted { Role::Muted } else { Role::Plain };
    let ended = known.ended_at.filter(|_| !acts(known.status));
    let took = match known.tried_at {
        // from its start to the end of its undo is no time that anything took
        Some(_) if known.status == StepStatus::Undone => Cell::none(),
        Some(from) => Cell::time(from, ended),
        None => Cell::Text(mark(ui, step).into(), Role::Muted),
    };
    let name = Cell::Text(format!("{}  {}", step.id, told(known, step)).into(), text);
    let troubled = matches!(role, Role::Warn | Role::Fail | Role::Title | Role::Running);
    let last = ui.last_time(&step.id).filter(|_| !known.is_settled()).unwrap_or_default();
    let last = Cell::Text(last.into(), Role::Muted);
    Row::new(step.id.as_str(), vec![Cell::Text(status.into(), role), name, took, last])
        .that_differs(troubled)
}

const fn acts(status: StepStatus) -> bool {
    matches!(status, StepStatus::Running | StepStatus::InDoubt)
}

/// What it is for; of one that the run went on without, first why.
fn told(known: &StepState, step: &Step) -> String {
    let failure = known.failure.as_ref().filter(|_| known.status == StepStatus::Skipped);
    match failure {
        Some(failure) => format!("did not pass: {}; {}", failure.message, step.title),
        None => step.title.clone(),
    }
}

/// What a step that has not begun will ask, and whether it is the last that can be undone.
fn mark(ui: &UiState, step: &Step) -> String {
    let asked = ui.state.step(&step.id).asked.map(|_| ui.state.asks(step));
    let asks = match asked.as_ref().unwrap_or(&step.confirm) {
        Confirm::None => "",
        Confirm::Enter => "enter",
        Confirm::Yes => "yes",
        Confirm::Name(_) => "name",
    };
    if step.point_of_no_return { format!("{asks} no return") } else { asks.to_owned() }
}

/// The word of a status, and what it means.
const fn word(status: StepStatus) -> (&'static str, Role) {
    match status {
        StepStatus::Pending | StepStatus::Asked => ("", Role::Muted),
        StepStatus::Held => ("wait", Role::Warn),
        StepStatus::Ready | StepStatus::Confirmed => ("wait", Role::Plain),
        StepStatus::Running | StepStatus::Undoing => ("run", Role::Running),
        StepStatus::InDoubt | StepStatus::Doubtful => ("WARN", Role::Warn),
        StepStatus::Done => ("ok", Role::Plain),
        StepStatus::Failed | StepStatus::UndoFailed => ("FAIL", Role::Fail),
        StepStatus::Skipped => ("skip", Role::Muted),
        StepStatus::Undone => ("back", Role::Muted),
    }
}

impl UiState {
    /// The step whose evidence is shown: the one that the keys are at, or the current one.
    pub(in crate::tui) fn shown_step(&self) -> Option<&Step> {
        let row = self.list(super::Page::Steps).selected().map(|row| StepId::from(&*row.key));
        let id = row.filter(|id| self.runbook.step(id).is_some()).or_else(|| self.current())?;
        self.runbook.step(&id)
    }

    /// How many steps are settled, and how many there are.
    pub(in crate::tui) fn settled(&self) -> (usize, usize) {
        let all = self.runbook.steps().count();
        let settled =
            self.runbook.steps().filter(|(_, step)| self.state.step(&step.id).is_settled());
        (settled.count(), all)
    }
}
