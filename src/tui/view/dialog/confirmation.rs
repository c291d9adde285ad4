//! The confirmation of a step: target, effect, undo, gates with their age, and last what is said to the world.

use ratatui::text::Line;

use super::{Lines, beginning, effect};
use crate::model::{Confirm, Opening, Side, Step, StepStatus, Verb};
use crate::tui::acts::{Act, Call};
use crate::tui::state::UiState;
use crate::tui::theme::Role;
use crate::tui::view::words;

pub(super) fn of(ui: &UiState, step: &Step, confirm: &Confirm, whole: bool) -> Lines {
    let title = Line::styled(step.title.clone(), ui.theme.style(Role::Title));
    let mut lines = if ui.state.begins_with(step) {
        [beginning::of(ui, step), vec![title]].concat()
    } else {
        vec![title, Line::raw(format!("Target   {}", ui.place))]
    };
    lines.extend(effects(ui, step));
    lines.push(Line::raw(format!("Undo     {}", effect::undo_now(ui, step))));
    lines.extend(backup(ui, step));
    lines.extend(gates(ui, step));
    if *confirm == Confirm::Enter {
        let does = if ui.state.begins_with(step) { "begins" } else { "goes on" };
        lines.push(Line::raw(format!("Answer   y, or tab and enter, {does}")));
    }
    lines.extend(ui.last_time_of_run(&step.id).map(|last| Line::raw(format!("Time     {last}"))));
    lines.extend(step.because.as_ref().map(|why| Line::raw(format!("Because  {why}"))));
    let none = Act::default();
    let act = ui.acts.get(&step.id).unwrap_or(&none);
    lines.extend(numbered("Runs", &act.runs, whole));
    if whole && effect::can_be_undone(ui, step) {
        lines.extend(numbered("Undoes", &act.undoes, whole));
    }
    lines
}

fn effects(ui: &UiState, step: &Step) -> Lines {
    let role = match step.verb {
        Verb::Fence { .. } | Verb::Delete { .. } => Role::Warn,
        _ => Role::Plain,
    };
    let text = format!("Effect   {}", effect::sentence(&ui.runbook, step));
    let mut lines = vec![Line::styled(text, ui.theme.style(role))];
    if step.stops_writes {
        let budget = words::short(ui.runbook.window.budget);
        let text = format!(
            "         WRITES FAIL from now on, until a step lets them flow; after {budget} everything is undone"
        );
        lines.push(Line::styled(text, ui.theme.style(Role::Warn)));
    }
    if step.resumes_writes {
        lines.push(Line::raw("         writes flow again when it is done"));
    }
    if step.point_of_no_return {
        let text = "         POINT OF NO RETURN: a failure from here on is finished forward";
        lines.push(Line::styled(text, ui.theme.style(Role::Fail)));
    }
    lines
}

/// Before something is deleted: the last proven backup of blue in this run.
fn backup(ui: &UiState, step: &Step) -> Option<Line<'static>> {
    if !matches!(step.verb, Verb::Delete { .. }) {
        return None;
    }
    let made = ui.runbook.steps().filter_map(|(_, step)| {
        let known = ui.state.step(&step.id);
        let blue = matches!(step.verb, Verb::Backup { side: Side::Blue, .. });
        let outcome =
            known.outcome.as_ref().filter(|_| blue && known.status == StepStatus::Done)?;
        Some((known.ended_at, outcome.summary.clone()))
    });
    Some(match made.max_by_key(|(at, _)| *at) {
        Some((at, summary)) => {
            Line::raw(format!("Backup   {summary}; {} ago", words::age(at, ui.now)))
        }
        None => Line::styled("Backup   none was proven in this run", ui.theme.style(Role::Warn)),
    })
}

/// What does not hold in lines of its own, then what does, in few. Of a step in doubt the world is asked, and not the gates.
fn gates(ui: &UiState, step: &Step) -> Lines {
    if ui.state.step(&step.id).status == StepStatus::InDoubt {
        return Lines::new();
    }
    let judged = &ui.state.step(&step.id).judgements;
    let stale = ui.stale_look(&step.id);
    let age = |at| words::age(Some(at), ui.now);
    let mut lines: Lines = Vec::new();
    for gate in judged.iter().filter(|gate| !gate.is_open()) {
        let (told, role) = match gate.opening {
            Opening::Held => ("FAIL", Role::Fail),
            Opening::Open | Opening::Unknown => ("wait", Role::Warn),
        };
        let seen = &gate.evidence;
        let text = format!("{told}  {}: {}  {} ago", gate.gate, seen.summary, age(seen.at));
        lines.push(Line::styled(text, ui.theme.style(role)));
    }
    let open = || judged.iter().filter(|gate| gate.is_open());
    if let Some(oldest) = open().map(|gate| gate.evidence.at).min() {
        let (told, role) = if stale.is_some() { ("old", Role::Warn) } else { ("ok", Role::Plain) };
        let names: Vec<&str> = open().map(|gate| gate.gate.as_str()).collect();
        let text = format!("{told}  {}; seen within {}", names.join(", "), age(oldest));
        lines.push(Line::styled(text, ui.theme.style(role)));
    }
    if !step.gates.is_empty() {
        let (text, role) = match stale {
            None => (format!("looked at again {} and on Enter", next_look(ui, step)), Role::Muted),
            Some(age) => (
                format!(
                    "last looked at {} ago: too old to confirm; being looked at again",
                    words::short(age)
                ),
                Role::Warn,
            ),
        };
        lines.push(Line::styled(text, ui.theme.style(role)));
    }
    let labelled = lines.into_iter().enumerate().map(|(index, line)| {
        let label = if index == 0 { "Gates    " } else { "         " };
        let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
        Line::styled(format!("{label}{text}"), line.style)
    });
    labelled.collect()
}

/// When the gates are looked at again, while the dialog is open.
fn next_look(ui: &UiState, step: &Step) -> String {
    match ui.next_look(&step.id) {
        Some(left) => format!("in {}s", left.as_millis().div_ceil(1000)),
        None => "now".to_owned(),
    }
}

fn numbered(word: &str, calls: &[Call], whole: bool) -> Lines {
    let mut lines = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        let word = if index == 0 { word } else { "" };
        lines.push(Line::raw(format!("{word:<8} {}  {}", index + 1, call.line)));
        if whole && call.whole != call.line {
            lines.push(Line::raw(format!("            {}", call.whole)));
        }
    }
    lines
}
