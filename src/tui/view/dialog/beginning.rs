//! What a yes to the first step that changes something also is a yes to: the whole run, or the rest of it.

use ratatui::text::Line;

use super::Lines;
use crate::model::{Confirm, Connection, Side, Step, StepStatus};
use crate::tui::state::UiState;
use crate::tui::theme::Role;
use crate::tui::view::words;

pub(super) fn of(ui: &UiState, step: &Step) -> Lines {
    let (settled, all) = ui.settled();
    let said = if ui.has_changed() {
        "The run was taken up again, and goes on only from here."
    } else {
        "The run begins here: until now it took the lease and only looked."
    };
    let mut lines = vec![
        Line::styled(ui.runbook.title.clone(), ui.theme.style(Role::Title)),
        Line::styled(said, ui.theme.style(Role::Warn)),
        Line::raw(format!("Target   {}", ui.place)),
        Line::raw(format!("Blue     {}", store(ui, Side::Blue))),
        Line::raw(format!("Green    {}", store(ui, Side::Green))),
        Line::raw(format!("Run      {} of {all} steps are left{}", all - settled, alone(ui, step))),
        Line::raw(format!("Asks     {}", asking(ui, step))),
    ];
    if ui.state.step(&step.id).status == StepStatus::InDoubt {
        let text = "Doubt    it was being done when its console was left: whether it happened is looked at first";
        lines.push(Line::styled(text, ui.theme.style(Role::Warn)));
    }
    lines.push(Line::raw(""));
    lines
}

/// What a side is, and how it is seen now.
fn store(ui: &UiState, side: Side) -> String {
    let store = ui.runbook.store(side);
    let database = match &store.connection {
        Connection::Pod { database, .. } => format!("database {database}"),
        Connection::Uri { uri } => uri.clone(),
    };
    let view = ui.observed.side(side);
    let seen = if ui.observed.is_absent(&ui.runbook, side) {
        Some("not there yet".to_owned())
    } else {
        view.version.value().map(|version| format!("PostgreSQL {}", words::version(version)))
    };
    let serves = (ui.serving() == Some(side)).then(|| "serves".to_owned());
    let workload = store.workload.as_ref().map(ToString::to_string);
    let all = [workload, Some(database), seen, serves];
    all.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// How far it goes by itself.
fn alone(ui: &UiState, first: &Step) -> String {
    let next = later(ui, first).find(|step| step.confirm != Confirm::None);
    next.map_or_else(
        || "; all follow by themselves".to_owned(),
        |step| format!("; they follow by themselves up to {}", step.id),
    )
}

/// What will be asked later, and for what.
fn asking(ui: &UiState, first: &Step) -> String {
    let word = |confirm: &Confirm| match confirm {
        Confirm::None => None,
        Confirm::Enter => Some("enter"),
        Confirm::Yes => Some("yes"),
        Confirm::Name(_) => Some("its name"),
    };
    let told = |step: &Step| Some(format!("{} ({})", step.id, word(&step.confirm)?));
    let all: Vec<String> = later(ui, first).filter_map(told).collect();
    if all.is_empty() { "nothing more".to_owned() } else { all.join(", ") }
}

fn later<'a>(ui: &'a UiState, first: &'a Step) -> impl Iterator<Item = &'a Step> {
    let open = |step: &&Step| step.id != first.id && !ui.state.step(&step.id).is_settled();
    ui.runbook.steps().map(|(_, step)| step).filter(open)
}
