//! What a dialog is about.

use ratatui::text::Line;

use super::{Lines, confirmation, leave};
use crate::model::{
    Decision, Failure, HELD_LOOK, Opening, Step, StepId, StepStatus, UndoTurn, choices,
};
use crate::tui::acts::Call;
use crate::tui::dialog::{Dialog, Kind, WayOut};
use crate::tui::state::UiState;
use crate::tui::theme::Role;
use crate::tui::view::{undoing, words};

pub(super) fn of(ui: &UiState, open: &Dialog) -> Lines {
    match &open.kind {
        Kind::Confirm { step, confirm, .. } => ui
            .runbook
            .step(step)
            .map_or_else(Vec::new, |step| confirmation::of(ui, step, confirm, open.whole)),
        Kind::Decide { step, .. } => decision(ui, step),
        Kind::Held { step } => held(ui, step),
        Kind::Undo { step } => [preview(ui, open.whole), failure(ui, step)].concat(),
        Kind::Abort { .. } => abort(ui, open.whole),
        Kind::Arm => arm(ui),
        Kind::Quit { way, .. } => leave::of(ui, *way, open.whole),
    }
}

/// Whether something in it is said to the world.
pub(in crate::tui::view) fn has_calls(ui: &UiState, open: &Dialog) -> bool {
    let act = |step: &StepId| ui.acts.get(step);
    match &open.kind {
        Kind::Confirm { step, .. } => act(step).is_some_and(|act| !act.runs.is_empty()),
        Kind::Undo { .. } | Kind::Abort { .. } | Kind::Quit { way: WayOut::UndoAll, .. } => {
            !ui.state.past_return
                && ui
                    .to_undo()
                    .iter()
                    .any(|(_, step)| act(&step.id).is_some_and(|act| !act.undoes.is_empty()))
        }
        Kind::Decide { .. } | Kind::Held { .. } | Kind::Arm | Kind::Quit { .. } => false,
    }
}

/// What stands in the way: the failure, or what holds a step that has not failed.
fn decision(ui: &UiState, step: &StepId) -> Lines {
    let known = ui.state.step(step);
    let mut lines = Vec::new();
    match known.status {
        StepStatus::Running => {
            let age = words::age(known.progress_at, ui.now);
            let told = known.progress.as_ref();
            lines.extend(told.map(|progress| Line::raw(format!("{progress}  {age} ago"))));
        }
        StepStatus::Held => lines.extend(held(ui, step)),
        _ => lines.extend(failure(ui, step)),
    }
    if known.attempt > 0 {
        lines.push(Line::raw(format!("Attempt  {}", known.attempt)));
    }
    let step = ui.runbook.step(step);
    let offered = step.map(|step| choices(step, &ui.state)).unwrap_or_default();
    lines.extend(offered.into_iter().map(|choice| Line::raw(does(choice))));
    lines
}

/// What a button does.
const fn does(choice: Decision) -> &'static str {
    match choice {
        Decision::Mend => "Mend     applies the fix above, then goes on",
        Decision::Retry => "Retry    does the step once more, behind its gates",
        Decision::Skip => "Skip     goes on without this step",
        Decision::Happened => "Happened takes your word for it, and checks what the step expects",
        Decision::Undo => "Undo all shows what would be undone, and asks for yes",
    }
}

/// The gates that hold a step: what was seen and when, and what opens them.
fn held(ui: &UiState, step: &StepId) -> Lines {
    let mut lines = Vec::new();
    for gate in ui.state.step(step).judgements.iter().filter(|gate| !gate.is_open()) {
        let (word, role) = match gate.opening {
            Opening::Unknown => ("unknown", Role::Warn),
            Opening::Held | Opening::Open => ("FAIL", Role::Fail),
        };
        let seen = &gate.evidence;
        let text = format!("{word:<8} {}: {}", gate.gate, seen.summary);
        lines.push(Line::styled(text, ui.theme.style(role)));
        lines.extend(seen.details.iter().map(|more| Line::raw(format!("         {more}"))));
        let age = words::age(Some(seen.at), ui.now);
        lines.push(Line::raw(format!(
            "Seen     {age} ago by {}; told anew when it changes",
            seen.source
        )));
        if let Some(fix) = &gate.fix {
            lines.push(Line::raw(format!("Fix      {}", fix.title)));
            let command = fix.command.iter();
            lines.extend(command.map(|command| Line::raw(format!("         {command}"))));
        }
    }
    let every = words::short(HELD_LOOK);
    let told = if ui.drives() {
        format!("Looked at again every {every}; when it opens, the run goes on by itself.")
    } else {
        "Whoever drives the run looks again; when it opens, it goes on by itself.".to_owned()
    };
    lines.push(Line::raw(told));
    lines
}

fn failure(ui: &UiState, step: &StepId) -> Lines {
    ui.state.step(step).failure.iter().flat_map(|failure| why(ui, failure)).collect()
}

fn why(ui: &UiState, failure: &Failure) -> Lines {
    let mut lines = vec![Line::styled(failure.message.clone(), ui.theme.style(Role::Fail))];
    lines.extend(failure.causes.iter().map(|cause| Line::raw(format!("because  {cause}"))));
    if let Some(fix) = &failure.fix {
        lines.push(Line::raw(format!("fix      {}", fix.title)));
        lines.extend(fix.command.as_ref().map(|command| Line::raw(format!("         {command}"))));
    }
    lines
}

/// Everything is undone, or past the point of no return the run ends as it stands.
fn abort(ui: &UiState, whole: bool) -> Lines {
    if !ui.state.past_return {
        return preview(ui, whole);
    }
    let fail = "Past the point of no return nothing can be undone: this ends the run as it stands.";
    let left: Vec<&str> = ui
        .runbook
        .steps()
        .filter(|(_, step)| !ui.state.step(&step.id).is_settled())
        .map(|(_, step)| step.id.as_str())
        .collect();
    let mut lines = vec![
        Line::styled(fail, ui.theme.style(Role::Fail)),
        Line::raw(format!("By hand  a person then does what is left: {}", left.join(", "))),
        Line::raw(format!("Instead  {}", ui.instead_of_undo())),
    ];
    if ui.state.writes_stopped_at.is_some() {
        let text = "Writes   ARE STOPPED, and stay so until that person lets them flow";
        lines.insert(1, Line::styled(text, ui.theme.style(Role::Warn)));
    }
    lines
}

/// What will be undone, in the order in which it is, and when writes flow again.
pub(super) fn preview(ui: &UiState, whole: bool) -> Lines {
    let order = ui.to_undo();
    if order.is_empty() {
        return vec![Line::raw("Nothing has been changed: there is nothing to undo.")];
    }
    let all =
        format!("EVERYTHING is undone, back to the start of the run: {}.", counted(order.len()));
    let mut lines = vec![Line::raw(all)];
    let mut before = None;
    for (index, (turn, step)) in order.iter().enumerate() {
        if before != Some(turn) {
            lines.push(Line::raw(match (turn, before) {
                (UndoTurn::Writes, _) => "First, in this order, so that blue takes writes:",
                (UndoTurn::Cleanup, Some(_)) => "Then, while blue serves and takes writes:",
                (UndoTurn::Cleanup, None) => {
                    "In this order; blue serves and takes writes all the while:"
                }
            }));
            before = Some(turn);
        }
        let way = undoing::brief(ui, step);
        lines.push(Line::raw(format!("  {}  {}: {way}", index + 1, step.id)));
    }
    if whole {
        lines.extend(order.iter().enumerate().flat_map(|(index, (_, step))| {
            let calls = ui.acts.get(&step.id).map_or(&[][..], |act| act.undoes.as_slice());
            said(ui, index + 1, step, calls)
        }));
    }
    lines
}

/// With what a step is undone, below all of their names.
fn said(ui: &UiState, number: usize, step: &Step, calls: &[Call]) -> Lines {
    if calls.is_empty() {
        return Vec::new();
    }
    let title = format!("{number}  {}: {}", step.id, undoing::sentence(ui, step));
    let calls = calls.iter().map(|call| Line::raw(format!("     {}", call.whole)));
    let title = Line::styled(title, ui.theme.style(Role::Title));
    [Line::raw(""), title].into_iter().chain(calls).collect()
}

fn counted(steps: usize) -> String {
    if steps == 1 { "1 step".to_owned() } else { format!("{steps} steps") }
}

fn arm(ui: &UiState) -> Lines {
    let left = std::time::Duration::try_from(ui.armed_until().duration_since(ui.now));
    let until = words::time(ui.armed_until());
    let mut lines = vec![
        Line::raw(format!("Target   {}", ui.place)),
        Line::raw("Effect   the dialogs of `n`, `A` and `u` change things; each still asks"),
        Line::raw(format!(
            "Until    {until} UTC, {} from now; while writes are stopped it does not end",
            words::short(left.unwrap_or_default())
        )),
        Line::raw("Undo     `:disarm`"),
    ];
    if ui.protected {
        let text = "PROTECTED: this context is one where a mistake costs more";
        lines.push(Line::styled(text, ui.theme.style(Role::Protected)));
    }
    lines
}
