//! What a dialog is about: target, effect, statements and requests, undo, gates with their age.

use ratatui::text::Line;

use super::{Lines, leave};
use crate::model::{Confirm, Failure, Opening, Step, StepId, StepStatus, Undo, UndoTurn};
use crate::tui::acts::Act;
use crate::tui::dialog::{Dialog, Kind};
use crate::tui::state::UiState;
use crate::tui::theme::Role;
use crate::tui::view::words;

pub(super) fn of(ui: &UiState, open: &Dialog) -> Lines {
    match &open.kind {
        Kind::Confirm { step, confirm, .. } => {
            ui.runbook.step(step).map_or_else(Vec::new, |step| confirmation(ui, step, confirm))
        }
        Kind::Decide { step, .. } => decision(ui, step),
        Kind::Undo { step } => [failure(ui, step), preview(ui)].concat(),
        Kind::Abort { .. } => abort(ui),
        Kind::Arm => arm(ui),
        Kind::Quit { way, .. } => leave::of(ui, *way),
    }
}

fn confirmation(ui: &UiState, step: &Step, confirm: &Confirm) -> Lines {
    let mut lines = vec![
        Line::styled(step.title.clone(), ui.theme.style(Role::Title)),
        Line::raw(format!("Target   {}  {}", ui.place, step.verb)),
    ];
    lines.extend(effect(ui, step));
    lines.extend(step.because.as_ref().map(|why| Line::raw(format!("Because  {why}"))));
    lines.extend(gates(ui, step));
    let none = Act::default();
    let act = ui.acts.get(&step.id).unwrap_or(&none);
    lines.extend(numbered("Runs", &act.runs));
    lines.push(Line::raw(format!("Undo     {}", undo(step))));
    lines.extend(act.undoes.iter().map(|call| Line::raw(format!("         {call}"))));
    if *confirm == Confirm::Enter {
        lines.push(Line::raw("         y, or tab and enter, goes on"));
    }
    lines
}

fn effect(ui: &UiState, step: &Step) -> Lines {
    let mut lines = Vec::new();
    if step.stops_writes {
        let budget = words::short(ui.runbook.window.budget);
        let text = format!(
            "Effect   WRITES FAIL from now on, until a step lets them flow; after {budget} everything is undone"
        );
        lines.push(Line::styled(text, ui.theme.style(Role::Warn)));
    }
    if step.resumes_writes {
        lines.push(Line::raw("Effect   writes flow again when it is done"));
    }
    if step.point_of_no_return {
        let text = "Effect   POINT OF NO RETURN: from its start on nothing is undone; a failure is finished forward";
        lines.push(Line::styled(text, ui.theme.style(Role::Fail)));
    }
    lines
}

fn numbered(word: &str, calls: &[String]) -> Lines {
    let line = |(index, call): (usize, &String)| {
        let word = if index == 0 { word } else { "" };
        Line::raw(format!("{word:<8} {}  {call}", index + 1))
    };
    calls.iter().enumerate().map(line).collect()
}

fn gates(ui: &UiState, step: &Step) -> Lines {
    let mut lines = Vec::new();
    let stale = ui.stale_look(&step.id);
    for (index, gate) in ui.state.step(&step.id).judgements.iter().enumerate() {
        let word = if index == 0 { "Gates" } else { "" };
        let age = words::age(Some(gate.evidence.at), ui.now);
        let (told, role) = match gate.opening {
            Opening::Open if stale.is_some() => ("old ", Role::Warn),
            Opening::Open => ("ok  ", Role::Plain),
            Opening::Held => ("FAIL", Role::Fail),
            Opening::Unknown => ("wait", Role::Warn),
        };
        let text = format!("{word:<8} {told}  {}: {}  {age} ago", gate.gate, gate.evidence.summary);
        lines.push(Line::styled(text, ui.theme.style(role)));
    }
    if !step.gates.is_empty() {
        let (text, role) = match stale {
            None => ("they are looked at again on Enter".to_owned(), Role::Muted),
            Some(age) => {
                let age = words::short(age);
                (
                    format!("last looked at {age} ago: too old to confirm; being looked at again"),
                    Role::Warn,
                )
            }
        };
        lines.push(Line::styled(format!("         {text}"), ui.theme.style(role)));
    }
    lines
}

fn undo(step: &Step) -> String {
    match &step.undo {
        Undo::Nothing => "nothing to undo".to_owned(),
        Undo::Former => {
            format!("the opposite of `{}`, from what was recorded before", step.verb.word())
        }
        Undo::Verb(verb) => verb.to_string(),
    }
}

/// What stands in the way: the failure, or what holds a step that has not failed.
fn decision(ui: &UiState, step: &StepId) -> Lines {
    let known = ui.state.step(step);
    let mut lines = Vec::new();
    match known.status {
        StepStatus::Running => {
            lines.extend(known.progress.as_ref().map(|progress| Line::raw(progress.to_string())));
        }
        StepStatus::Held => lines.extend(
            known
                .judgements
                .iter()
                .filter(|gate| !gate.is_open())
                .map(|gate| Line::raw(format!("{}: {}", gate.gate, gate.evidence.summary))),
        ),
        _ => lines.extend(failure(ui, step)),
    }
    lines.push(Line::raw(format!("attempt {}", known.attempt)));
    if known.mend().is_some() {
        lines.push(Line::raw("Mend     applies the fix above, then goes on"));
    }
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
fn abort(ui: &UiState) -> Lines {
    if !ui.state.past_return {
        return preview(ui);
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
pub(super) fn preview(ui: &UiState) -> Lines {
    let none = Act::default();
    let order = ui.to_undo();
    if order.is_empty() {
        return vec![Line::raw("Nothing has been changed: there is nothing to undo.")];
    }
    let all =
        format!("EVERYTHING is undone, back to the start of the run: {}.", counted(order.len()));
    let mut lines = vec![Line::raw(all)];
    let mut before = None;
    for (index, (turn, step)) in order.into_iter().enumerate() {
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
        lines.push(Line::raw(format!("  {}  {}: {}", index + 1, step.id, undo(step))));
        let act = ui.acts.get(&step.id).unwrap_or(&none);
        lines.extend(act.undoes.iter().map(|call| Line::raw(format!("     {call}"))));
    }
    lines
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
