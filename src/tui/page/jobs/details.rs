//! What is known of one object of the cluster: its state, the events about it, and its log.

use ratatui::text::Line;

use super::{CLAIM, ENDPOINT, EVENT, JOB, POD, log_of};
use crate::model::{ClaimView, ContainerView, EventView, JobView, PodView, Reading, WorkloadView};
use crate::tui::page::standing::told_age;
use crate::tui::state::UiState;
use crate::tui::theme::Role;
use crate::tui::view::words;

/// The lines about a row.
pub(super) fn of(ui: &UiState, row: &str) -> Vec<Line<'static>> {
    let (kind, name) = row.split_once('/').unwrap_or((row, ""));
    let cluster = &ui.observed.cluster;
    let known = match kind {
        JOB => known(ui, &cluster.jobs, |all| all.get(name).map(|view| job(ui, name, view))),
        POD => known(ui, &cluster.pods, |all| all.get(name).map(|view| pod(ui, view))),
        CLAIM => known(ui, &cluster.claims, |all| all.get(name).map(claim)),
        EVENT => return event(ui, name),
        ENDPOINT => known(ui, &cluster.endpoints, |all| {
            let found = all.iter().find(|one| one.address == name)?;
            Some(vec![format!("pod        {}", found.pod.as_deref().unwrap_or("none"))])
        }),
        _ => {
            let reading = cluster.workloads.get(row);
            reading.and_then(|reading| {
                let not_there = || vec!["it is not there".to_owned()];
                known(ui, reading, |view| Some(view.as_ref().map_or_else(not_there, workload)))
            })
        }
    };
    let Some(mut lines) = known else {
        return vec![muted(ui, "it is gone, or was not read yet")];
    };
    lines.extend(events(ui, row));
    if log_of(ui, row).is_some() {
        lines.extend(log(ui, row));
    }
    lines
}

/// What was read of it, and when.
fn known<T>(
    ui: &UiState,
    reading: &Reading<T>,
    find: impl FnOnce(&T) -> Option<Vec<String>>,
) -> Option<Vec<Line<'static>>> {
    let mut lines: Vec<Line<'static>> =
        find(reading.value()?)?.into_iter().map(Line::raw).collect();
    lines.push(muted(ui, format!("age        {}", told_age(reading, ui.now))));
    Some(lines)
}

fn muted(ui: &UiState, text: impl Into<String>) -> Line<'static> {
    Line::styled(text.into(), ui.theme.style(Role::Muted))
}

fn title(ui: &UiState, text: impl Into<String>) -> Line<'static> {
    Line::styled(text.into(), ui.theme.style(Role::Title))
}

fn workload(view: &WorkloadView) -> Vec<String> {
    let mut lines = vec![format!(
        "pods       {} wanted, {} ready, {} updated, {} in all",
        view.wanted, view.ready, view.updated, view.replicas
    )];
    lines.extend(view.images.iter().map(|image| format!("image      {image}")));
    if view.behind {
        lines.push("behind     the controller has not seen the newest spec yet".to_owned());
    }
    lines.extend(view.reason.iter().map(|reason| format!("reason     {reason}")));
    lines
}

fn job(ui: &UiState, name: &str, view: &JobView) -> Vec<String> {
    let mut lines = vec![
        format!("status     {}", view.status.word()),
        format!(
            "pods       {} active, {} succeeded, {} failed",
            view.active, view.succeeded, view.failed
        ),
    ];
    lines.extend(view.started.map(|at| format!("started    {}", words::time(at))));
    lines.extend(view.finished.map(|at| format!("finished   {}", words::time(at))));
    lines.extend(view.reason.iter().map(|reason| format!("reason     {reason}")));
    if let Some((pod, trouble)) = ui.observed.trouble_of("Job", name) {
        lines.push(format!("pod        {pod}: {}", trouble.reason.as_deref().unwrap_or_default()));
        lines.extend(trouble.message.iter().map(|message| format!("says       {message}")));
    }
    lines
}

fn pod(ui: &UiState, view: &PodView) -> Vec<String> {
    let mut lines = vec![format!("phase      {}", view.phase)];
    lines.extend(view.owner.iter().map(|owner| format!("made by    {owner}")));
    lines.extend(view.node.iter().map(|node| format!("node       {node}")));
    if !view.addresses.is_empty() {
        lines.push(format!("address    {}", view.addresses.join(", ")));
    }
    lines.extend(view.created.map(|at| {
        format!("created    {} ({} ago)", words::time(at), words::age(Some(at), ui.now))
    }));
    lines.extend(view.reason.iter().map(|reason| format!("reason     {reason}")));
    lines.extend(view.message.iter().map(|message| format!("says       {message}")));
    let container = |one: &ContainerView| {
        let init = if one.init { " (init)" } else { "" };
        format!("container  {}{init}: {}", one.name, one.state)
    };
    lines.extend(view.containers.iter().map(container));
    lines
}

fn claim(view: &ClaimView) -> Vec<String> {
    let mut lines = vec![format!("phase      {}", view.phase)];
    lines.extend(view.size.iter().map(|size| format!("size       {size}")));
    lines.extend(view.class.iter().map(|class| format!("class      {class}")));
    lines.extend(view.volume.iter().map(|volume| format!("volume     {volume}")));
    lines
}

fn event(ui: &UiState, index: &str) -> Vec<Line<'static>> {
    let all = ui.observed.cluster.events.value();
    let found = index.parse::<usize>().ok().and_then(|index| all?.get(index));
    let Some(view) = found else { return vec![muted(ui, "newer events have taken its place")] };
    vec![
        Line::raw(format!("about      {}", view.object)),
        Line::raw(format!("reason     {}", view.reason)),
        Line::raw(format!(
            "seen       {}, {} times",
            view.at.map_or_else(|| "it is not known when".to_owned(), words::time),
            view.count
        )),
        Line::raw(format!("says       {}", view.message)),
    ]
}

/// The events about an object and about the pods that it made.
fn events(ui: &UiState, row: &str) -> Vec<Line<'static>> {
    let cluster = &ui.observed.cluster;
    let Some(all) = cluster.events.value() else { return Vec::new() };
    let made = |object: &str| {
        let pod = object.strip_prefix("pod/").unwrap_or_default();
        let owner = cluster.pods.value().and_then(|pods| pods.get(pod)?.owner.as_ref());
        owner.is_some_and(|owner| owner.to_string() == row)
    };
    let about = |view: &&EventView| view.object == row || made(&view.object);
    let found: Vec<&EventView> = all.iter().filter(about).collect();
    if found.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![Line::raw(""), title(ui, "Events, newest first")];
    lines.extend(found.into_iter().map(|view| {
        let role = if view.warning { Role::Warn } else { Role::Plain };
        let time = view.at.map_or_else(|| "--:--:--".to_owned(), words::time);
        let text = format!("{time}  {} {}: {}", view.object, view.reason, view.message);
        Line::styled(text, ui.theme.style(role))
    }));
    lines
}

/// The end of the log, newest last: it is read while these lines are looked at.
fn log(ui: &UiState, row: &str) -> Vec<Line<'static>> {
    let reading = &ui.observed.log;
    let asked = log_of(ui, row);
    let Some(view) = reading.value().filter(|view| Some(&view.of) == asked.as_ref()) else {
        let why = reading.why().unwrap_or("it is being opened");
        return vec![Line::raw(""), title(ui, "Log"), muted(ui, why)];
    };
    let state = if view.ended { "ended" } else { "follows" };
    let age = words::age(reading.at(), ui.now);
    let heading = format!("Log of {} ({}), {state}, read {age} ago", view.pod, view.container);
    let mut lines = vec![Line::raw(""), title(ui, heading)];
    if let Some(why) = reading.why() {
        lines.push(Line::styled(format!("stale: {why}"), ui.theme.style(Role::Warn)));
    }
    if view.before > 0 {
        lines.push(muted(ui, format!("{} older lines are not kept", view.before)));
    }
    lines.extend(view.lines.iter().map(|line| Line::raw(line.to_string())));
    if view.lines.is_empty() {
        lines.push(muted(ui, "nothing has been written yet"));
    }
    lines
}
