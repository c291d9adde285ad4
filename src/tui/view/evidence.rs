//! What the step rests on: its gates with their evidence, its progress, its failure and how to mend it.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{pane, words};
use crate::model::{Fix, Judgement, Opening, Progress, Step, StepState, StepStatus};
use crate::tui::state::UiState;
use crate::tui::theme::Role;

pub(super) fn draw(frame: &mut Frame<'_>, ui: &UiState, area: Rect) {
    let (title, lines) = match ui.shown_step() {
        Some(step) => {
            let width = usize::from(area.width.saturating_sub(2));
            (format!("Evidence: {}", step.id), lines(ui, step, width))
        }
        None => ("Evidence".to_owned(), vec![Line::raw(ui.runbook.title.clone())]),
    };
    pane::lines(frame, ui, area, &title, lines);
}

/// What a step rests on, in lines for a room of this width.
pub(in crate::tui) fn lines(ui: &UiState, step: &Step, width: usize) -> Vec<Line<'static>> {
    let known = ui.state.step(&step.id);
    let mut lines = Vec::new();
    if let Some(because) = &step.because {
        lines.push(Line::styled(because.clone(), ui.theme.style(Role::Muted)));
    }
    let last = ui.last_time_of_run(&step.id).filter(|_| !known.is_settled());
    lines.extend(last.map(|last| Line::styled(last, ui.theme.style(Role::Muted))));
    lines.extend(progress(ui, step, known, width));
    if let Some(failure) = &known.failure {
        if known.status == StepStatus::Skipped {
            let text = "it did not pass, and the run goes on without it:";
            lines.push(Line::styled(text, ui.theme.style(Role::Title)));
        }
        if is_tried_again(known) {
            let text = format!("the try before: {failure}");
            lines.push(Line::styled(text, ui.theme.style(Role::Muted)));
        } else {
            lines.push(Line::styled(failure.to_string(), ui.theme.style(Role::Fail)));
            lines.extend(fix(ui, failure.fix.as_ref()));
        }
    }
    for gate in &known.judgements {
        lines.push(judged(ui, gate));
        lines.extend(fix(ui, gate.fix.as_ref()));
    }
    if known.judgements.is_empty() && known.status == StepStatus::Pending {
        lines.extend(step.gates.iter().map(|gate| Line::raw(format!("gate  {gate}"))));
    }
    if known.started_at.is_none() {
        lines.extend(ahead(ui, step));
    }
    if let Some(outcome) = known.outcome.as_ref().filter(|outcome| !outcome.summary.is_empty()) {
        lines.push(Line::raw(format!("did   {}", outcome.summary)));
    }
    lines
}

/// What is known of a failure is of an earlier try.
const fn is_tried_again(known: &StepState) -> bool {
    matches!(
        known.status,
        StepStatus::Pending | StepStatus::Held | StepStatus::Ready | StepStatus::Running
    )
}

/// What a step that has not begun will say to the world.
fn ahead(ui: &UiState, step: &Step) -> Vec<Line<'static>> {
    let told = ui.acts.get(&step.id);
    let runs = told.into_iter().flat_map(|act| act.runs.iter().map(|call| ("runs", call)));
    let undone = !step.point_of_no_return && !ui.state.past_return;
    let undoes = told.into_iter().filter(|_| undone);
    let undoes = undoes.flat_map(|act| act.undoes.iter().map(|call| ("undo", call)));
    runs.chain(undoes).map(|(word, call)| Line::raw(format!("{word}  {}", call.line))).collect()
}

fn judged(ui: &UiState, gate: &Judgement) -> Line<'static> {
    let (word, role) = match gate.opening {
        Opening::Open => ("ok  ", Role::Plain),
        Opening::Held => ("FAIL", Role::Fail),
        Opening::Unknown => ("wait", Role::Warn),
    };
    let age = words::age(Some(gate.evidence.at), ui.now);
    Line::from(vec![
        Span::styled(word, ui.theme.style(role)),
        Span::raw(format!(" {}: {}  {age}", gate.gate, gate.evidence.summary)),
    ])
}

fn fix(ui: &UiState, fix: Option<&Fix>) -> Vec<Line<'static>> {
    let Some(fix) = fix else { return Vec::new() };
    let style = ui.theme.style(Role::Warn);
    let mut lines =
        vec![Line::from(vec![Span::styled("fix ", style), Span::raw(format!(" {}", fix.title))])];
    lines.extend(fix.command.as_ref().map(|command| Line::raw(format!("     {command}"))));
    lines
}

/// How far it is, with the age of that behind the bar, or behind the text where nothing is counted.
fn progress(ui: &UiState, step: &Step, known: &StepState, width: usize) -> Vec<Line<'static>> {
    let acts = [StepStatus::Running, StepStatus::InDoubt, StepStatus::Undoing];
    let goes_on = known.ended_at.is_none() || acts.contains(&known.status);
    let Some(progress) = known.progress.as_ref().filter(|_| goes_on) else { return Vec::new() };
    let style = ui.theme.style(Role::Running);
    let age = format!("  {}", words::age(known.progress_at, ui.now));
    let left = progress.total.and_then(|total| ui.pace.left(&step.id, total));
    let eta = left.map_or_else(String::new, |left| format!("  eta {}", words::short(left)));
    let text = |width| words::fit(&progress.to_string(), width, ui.theme);
    let lines = match bar(progress, width.saturating_sub(eta.len() + age.len()).min(50)) {
        Some(bar) => vec![text(width), format!("{bar}{eta}{age}")],
        None => vec![text(width.saturating_sub(age.len())) + &age],
    };
    lines.into_iter().map(|line| Line::styled(line, style)).collect()
}

/// A bar, where the units can be counted.
fn bar(progress: &Progress, width: usize) -> Option<String> {
    let (done, total) = (progress.done?, progress.total.filter(|total| *total > 0)?);
    let room = width.saturating_sub(2);
    let full = usize::try_from(done.min(total) * room as u64 / total).ok()?;
    Some(format!("[{}{}]", "#".repeat(full), ".".repeat(room - full)))
}
