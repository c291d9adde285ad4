//! The dialogs: target, effect, undo, gates with their age, and what must be answered.

use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Constraint, Rect};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Clear, Paragraph, Wrap};

use super::{pane, words};
use crate::model::{Confirm, Failure, Step, StepStatus, Undo};
use crate::tui::dialog::{Dialog, Kind};
use crate::tui::state::UiState;
use crate::tui::theme::Role;
use crate::tui::update::EXPIRES;

const WIDTH: u16 = 76;

pub(super) fn draw(frame: &mut Frame<'_>, ui: &UiState, open: &Dialog, body: Rect) {
    let mut lines = match &open.kind {
        Kind::Confirm { step, confirm, .. } => {
            ui.runbook.step(step).map_or_else(Vec::new, |step| confirmation(ui, step, confirm))
        }
        Kind::Decide { step, .. } => decision(ui, step),
        Kind::Abort => abort(ui),
        Kind::Quit => quit(ui),
    };
    lines.push(Line::raw(""));
    lines.extend(answer(ui, open));
    let wanted: u16 = lines.iter().map(|line| rows(line, WIDTH - 4)).sum::<u16>() + 2;
    let area = body.centered(Constraint::Max(WIDTH), Constraint::Length(wanted.min(body.height)));
    let title = title(open);
    let block = pane::frame_of(ui.theme, &title, true);
    frame.render_widget(Clear, area);
    let inner = block.inner(area).inner(ratatui::layout::Margin::new(1, 0));
    frame.render_widget(block, area);
    let overflow = wanted.saturating_sub(area.height);
    frame.render_widget(
        Paragraph::new(Text::from(lines)).wrap(Wrap { trim: false }).scroll((overflow, 0)),
        inner,
    );
}

/// The same in two lines, for a terminal that is too small.
pub(super) fn brief(open: &Dialog) -> Vec<String> {
    let typed = match open.wanted() {
        Some(wanted) => format!("type `{wanted}`: {}_", open.typed),
        None => open
            .buttons()
            .get(open.focus)
            .map_or_else(String::new, |button| format!("[{button}] tab enter")),
    };
    [Some(title(open)), Some(typed), open.note.clone()].into_iter().flatten().collect()
}

fn title(open: &Dialog) -> String {
    match &open.kind {
        Kind::Confirm { step, .. } => format!("Next step: {step}"),
        Kind::Decide { step, .. } => format!("What about {step}?"),
        Kind::Abort => "Abort".to_owned(),
        Kind::Quit => "Leave".to_owned(),
    }
}

fn rows(line: &Line<'_>, width: u16) -> u16 {
    u16::try_from(line.width()).unwrap_or(u16::MAX).div_ceil(width).max(1)
}

fn confirmation<'a>(ui: &'a UiState, step: &'a Step, confirm: &Confirm) -> Vec<Line<'a>> {
    let mut lines = vec![
        Line::styled(step.title.as_str(), ui.theme.style(Role::Title)),
        Line::raw(""),
        Line::raw(format!("Target   {}", ui.place)),
        Line::raw(format!("Does     {}", step.verb)),
    ];
    lines.extend(step.because.as_ref().map(|because| Line::raw(format!("Because  {because}"))));
    if step.stops_writes {
        let budget = words::short(ui.runbook.window.budget);
        lines.push(Line::styled(
            format!("Effect   writes FAIL from now on; after {budget} everything is undone"),
            ui.theme.style(Role::Warn),
        ));
    }
    lines.push(Line::raw(format!("Undo     {}", undo(step))));
    if step.point_of_no_return {
        let text = "         POINT OF NO RETURN: from here on a failure is finished forward";
        lines.push(Line::styled(text, ui.theme.style(Role::Fail)));
    }
    for (index, gate) in ui.state.step(&step.id).judgements.iter().enumerate() {
        let word = if index == 0 { "Gates" } else { "" };
        let age = words::age(Some(gate.evidence.at), ui.now);
        lines.push(Line::raw(format!(
            "{word:<8} ok  {}: {}  {age}",
            gate.gate, gate.evidence.summary
        )));
    }
    if !step.gates.is_empty() {
        lines.push(Line::styled(
            "         they are looked at again on Enter",
            ui.theme.style(Role::Muted),
        ));
    }
    if *confirm == Confirm::Enter {
        lines.push(Line::raw("         y, or tab and enter, goes on"));
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
fn decision<'a>(ui: &'a UiState, step: &crate::model::StepId) -> Vec<Line<'a>> {
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
        _ => lines.extend(known.failure.iter().flat_map(|failure| why(ui, failure))),
    }
    lines.push(Line::raw(format!("attempt {}", known.attempt)));
    lines
}

fn why<'a>(ui: &UiState, failure: &'a Failure) -> Vec<Line<'a>> {
    let mut lines = vec![Line::styled(failure.message.as_str(), ui.theme.style(Role::Fail))];
    lines.extend(failure.causes.iter().map(|cause| Line::raw(format!("because: {cause}"))));
    if let Some(fix) = &failure.fix {
        lines.push(Line::raw(format!("fix: {}", fix.title)));
        lines.extend(fix.command.as_ref().map(|command| Line::raw(format!("  {command}"))));
    }
    lines
}

fn abort(ui: &UiState) -> Vec<Line<'_>> {
    if ui.state.past_return {
        return vec![
            Line::styled(
                "The point of no return has passed: nothing is undone.",
                ui.theme.style(Role::Fail),
            ),
            Line::raw("The run ends with a verdict that says what a human must do."),
        ];
    }
    let mut lines =
        vec![Line::raw("These steps are undone, last first; then blue serves and takes writes:")];
    let touched = ui.runbook.steps().rev().map(|(_, step)| step);
    let undone =
        touched.filter(|step| step.undo != Undo::Nothing && ui.state.step(&step.id).touched);
    lines.extend(undone.map(|step| Line::raw(format!("  {}: {}", step.id, undo(step)))));
    if lines.len() == 1 {
        lines.push(Line::raw("  none"));
    }
    lines
}

fn quit(ui: &UiState) -> Vec<Line<'static>> {
    vec![
        Line::raw("A run is driven from here."),
        Line::raw(format!("Detach   stops it where it is; `pgcutover resume {}` goes on", ui.run)),
        Line::raw("Abort    undoes everything that was done"),
    ]
}

fn answer<'a>(ui: &UiState, open: &'a Dialog) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    if let Some(wanted) = open.wanted() {
        let left = wanted.chars().count().saturating_sub(open.typed.chars().count());
        let state = match () {
            () if open.typed == wanted => "enter sends it".to_owned(),
            () if wanted.starts_with(&open.typed) => format!("{left} letters left"),
            () => "the text differs".to_owned(),
        };
        lines.push(Line::raw(format!("Type `{wanted}` to confirm; esc cancels")));
        lines.push(Line::from(vec![
            Span::styled(format!("> {}_", open.typed), ui.theme.style(Role::Title)),
            Span::styled(format!("   {state}"), ui.theme.style(Role::Muted)),
        ]));
    } else {
        let buttons = open.buttons().into_iter().enumerate().flat_map(|(index, button)| {
            let role = if index == open.focus { Role::Focus } else { Role::Plain };
            [Span::styled(format!("[ {button} ]"), ui.theme.style(role)), Span::raw("  ")]
        });
        lines.push(Line::from(buttons.collect::<Vec<_>>()));
    }
    let age = Duration::try_from(ui.now.duration_since(open.opened)).unwrap_or_default();
    let left = EXPIRES.saturating_sub(age);
    lines.push(Line::styled(
        format!("expires in {}", words::short(left)),
        ui.theme.style(Role::Muted),
    ));
    lines.extend(
        open.note.as_ref().map(|note| Line::styled(note.as_str(), ui.theme.style(Role::Fail))),
    );
    lines
}
