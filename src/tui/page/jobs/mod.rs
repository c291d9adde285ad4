//! What the cluster does: workloads, Jobs, pods, the Service's endpoints, claims and the namespace's last events.

mod details;

use ratatui::crossterm::event::KeyCode;
use ratatui::text::Line;

use super::{Face, Page};
use crate::model::{
    ClaimView, EndpointView, EventView, Focus, JobStatus, JobView, LogOf, PodView, Reading,
    WorkloadView,
};
use crate::tui::keymap::{Binding, on};
use crate::tui::list::{Cell, Column, Grid, Row};
use crate::tui::msg::Cmd;
use crate::tui::state::UiState;
use crate::tui::theme::Role;
use crate::tui::view::words;

/// The page.
#[derive(Debug)]
pub(super) struct Jobs;

/// What a row is about; its key is the kind, a slash and the name.
const JOB: &str = "job";
const POD: &str = "pod";
const CLAIM: &str = "claim";
const ENDPOINT: &str = "endpoint";
const EVENT: &str = "event";

const KEYS: &[Binding] = &[on(
    Page::Jobs,
    "f",
    &[KeyCode::Char('f')],
    Cmd::FollowLog,
    "open the row's log at its end, and go with it",
)
.hint("follow log")];

impl Face for Jobs {
    fn title(&self, _ui: &UiState) -> String {
        "Jobs and workloads".to_owned()
    }

    fn grid(&self, ui: &UiState) -> Grid {
        let columns = vec![
            Column::name("NAME"),
            Column::text("STATE", 10).up_to(16).that_is_shown(),
            Column::number("READY").that_is_shown(),
            Column::number("SINCE"),
            Column::text("REASON", 20).that_stays(),
            Column::age(),
        ];
        let cluster = &ui.observed.cluster;
        let mut rows = workloads(ui);
        rows.extend(group("Jobs", &cluster.jobs, |jobs, age| {
            jobs.iter().map(|(name, view)| job(ui, name, view, age)).collect()
        }));
        rows.extend(group("Pods", &cluster.pods, |pods, age| {
            pods.iter().map(|(name, view)| pod(name, view, age)).collect()
        }));
        rows.extend(group("Endpoints of the Service", &cluster.endpoints, |all, age| {
            all.iter().map(|view| endpoint(view, age)).collect()
        }));
        rows.extend(group("Claims", &cluster.claims, |claims, age| {
            claims.iter().map(|(name, view)| claim(name, view, age)).collect()
        }));
        rows.extend(group("Events, newest first", &cluster.events, |events, age| {
            events.iter().enumerate().map(|(index, view)| event(index, view, age)).collect()
        }));
        let grid = Grid::of(columns).with(rows).or_says("nothing of the namespace was read yet");
        Grid { ordered: true, ..grid }
    }

    fn details(&self, ui: &UiState, row: &str) -> Vec<Line<'static>> {
        details::of(ui, row)
    }

    fn keys(&self) -> &'static [Binding] {
        KEYS
    }

    fn disabled(&self, ui: &UiState, cmd: Cmd) -> Option<String> {
        let chosen = ui.list(Page::Jobs).selected();
        let log = chosen.and_then(|row| log_of(ui, &row.key));
        (cmd == Cmd::FollowLog && log.is_none()).then(|| "this row has no log".to_owned())
    }

    fn looks_at(&self, ui: &UiState, row: &str) -> Focus {
        Focus { log: log_of(ui, row), ..Focus::default() }
    }
}

/// Whose log belongs to a row: a Job's, a pod's, or that of a workload's newest pod.
fn log_of(ui: &UiState, row: &str) -> Option<LogOf> {
    let (kind, name) = row.split_once('/')?;
    let pod = |name: &str| LogOf::Pod { name: name.to_owned(), container: None };
    match kind {
        JOB => Some(LogOf::Job(name.to_owned())),
        POD => Some(pod(name)),
        ENDPOINT => {
            let all = ui.observed.cluster.endpoints.value()?;
            let its = all.iter().find(|endpoint| endpoint.address == name)?;
            its.pod.as_deref().map(pod)
        }
        CLAIM | EVENT => None,
        _ => {
            let pods = ui.observed.cluster.pods.value()?;
            let made = |pod: &PodView| pod.owner.as_ref().is_some_and(|own| own.to_string() == row);
            let its = pods.iter().filter(|(_, view)| made(view));
            its.max_by_key(|(_, view)| view.created).map(|(name, _)| pod(name))
        }
    }
}

/// A heading, and what was read under it; what was not says why not.
fn group<T>(
    title: &str,
    reading: &Reading<T>,
    rows: impl FnOnce(&T, &Cell) -> Vec<Row>,
) -> Vec<Row> {
    let mut all = vec![Row::heading(title, title.to_owned())];
    let Some(value) = reading.value() else {
        all.push(unknown(title, reading));
        return all;
    };
    let age = Cell::age_of(reading);
    let under = rows(value, &age);
    if under.is_empty() {
        let none = vec![Cell::none(), none(), none(), none(), none(), age];
        all.push(Row::new(format!("{title} none"), none));
    }
    all.extend(under);
    all
}

fn unknown<T>(name: &str, reading: &Reading<T>) -> Row {
    let why = reading.why().unwrap_or("it has not been read yet").to_owned();
    let why = Cell::Text(why.into(), Role::Muted);
    let age = Cell::Age(None);
    let cells = vec![Cell::plain(words::object(name)), Cell::unknown(), none(), none(), why, age];
    Row::new(name, cells).that_differs(true)
}

const fn none() -> Cell {
    Cell::none()
}

fn worded(text: impl Into<String>, role: Role) -> Cell {
    Cell::Text(text.into().into(), role)
}

/// A sentence, or nothing.
fn said(text: Option<&str>, role: Role) -> Cell {
    text.map_or_else(none, |text| worded(text, role))
}

fn ready(ready: u32, wanted: u32) -> Cell {
    Cell::plain(format!("{ready}/{wanted}"))
}

fn workloads(ui: &UiState) -> Vec<Row> {
    let mut rows = vec![Row::heading("Workloads", "Workloads".to_owned())];
    rows.extend(ui.observed.cluster.workloads.iter().map(
        |(name, reading)| match reading.value() {
            None => unknown(name, reading),
            Some(None) => not_there(name, Cell::age_of(reading)),
            Some(Some(view)) => workload(name, view, &Cell::age_of(reading)),
        },
    ));
    if rows.len() == 1 {
        let none = vec![Cell::unknown(), none(), none(), none(), none(), none()];
        rows.push(Row::new("Workloads none", none));
    }
    rows
}

fn not_there(name: &str, age: Cell) -> Row {
    let state = worded("not there", Role::Muted);
    Row::new(name, vec![Cell::plain(words::object(name)), state, none(), none(), none(), age])
}

fn workload(name: &str, view: &WorkloadView, age: &Cell) -> Row {
    let settled = !view.behind && view.ready >= view.wanted && view.replicas == view.wanted;
    let (state, role) = match () {
        () if view.behind => ("spec not seen", Role::Running),
        () if view.wanted == 0 && view.replicas == 0 => ("scaled to 0", Role::Muted),
        () if settled => ("ready", Role::Plain),
        () if view.replicas > view.wanted => ("scaling down", Role::Running),
        () => ("not ready", Role::Warn),
    };
    let cells = vec![
        Cell::plain(words::object(name)),
        worded(state, role),
        ready(view.ready, view.wanted),
        none(),
        said(view.reason.as_deref(), Role::Warn),
        age.clone(),
    ];
    Row::new(name, cells).that_differs(!settled)
}

fn job(ui: &UiState, name: &str, view: &JobView, age: &Cell) -> Row {
    let trouble = ui.observed.trouble_of("Job", name).map(|(_, pod)| pod);
    let role = match view.status {
        JobStatus::Failed => Role::Fail,
        JobStatus::Running if trouble.is_some() => Role::Warn,
        JobStatus::Running => Role::Running,
        JobStatus::Complete | JobStatus::Suspended => Role::Plain,
    };
    let because = trouble.and_then(|pod| pod.reason.clone());
    let reason =
        if view.status == JobStatus::Complete { None } else { view.reason.clone().or(because) };
    let took = view.started.map_or_else(none, |from| Cell::time(from, view.finished));
    let cells = vec![
        Cell::plain(name.to_owned()),
        worded(view.status.word(), role),
        Cell::plain(format!("{} done", view.succeeded)),
        took,
        said(reason.as_deref(), role),
        age.clone(),
    ];
    Row::new(format!("{JOB}/{name}"), cells).that_differs(role == Role::Fail || role == Role::Warn)
}

fn pod(name: &str, view: &PodView, age: &Cell) -> Row {
    let ended = view.phase == "Succeeded";
    let role = match () {
        () if view.phase == "Failed" => Role::Fail,
        () if view.reason.is_some() && !ended => Role::Warn,
        () if view.phase == "Terminating" || (!ended && !view.is_ready()) => Role::Running,
        () => Role::Plain,
    };
    let restarts = match view.restarts {
        0 => String::new(),
        1 => " 1 restart".to_owned(),
        count => format!(" {count} restarts"),
    };
    let reason = view.reason.as_deref().map(|reason| format!("{reason}{restarts}"));
    let reason = reason.or_else(|| (view.restarts > 0).then(|| restarts.trim().to_owned()));
    let cells = vec![
        Cell::plain(name.to_owned()),
        worded(view.phase.clone(), role),
        ready(view.ready.0, view.ready.1),
        view.created.map_or_else(none, Cell::Since),
        said(reason.as_deref(), role),
        age.clone(),
    ];
    Row::new(format!("{POD}/{name}"), cells).that_differs(matches!(role, Role::Fail | Role::Warn))
}

fn endpoint(view: &EndpointView, age: &Cell) -> Row {
    let (state, role) = match (view.ready, view.terminating) {
        (_, true) => ("terminating", Role::Running),
        (true, false) => ("gets connections", Role::Plain),
        (false, false) => ("not ready", Role::Warn),
    };
    let cells = vec![
        Cell::plain(view.address.clone()),
        worded(state, role),
        none(),
        none(),
        said(view.pod.as_deref(), Role::Plain),
        age.clone(),
    ];
    Row::new(format!("{ENDPOINT}/{}", view.address), cells).that_differs(role == Role::Warn)
}

fn claim(name: &str, view: &ClaimView, age: &Cell) -> Row {
    let bound = view.phase == "Bound";
    let role = match view.phase.as_str() {
        "Bound" => Role::Plain,
        "Lost" => Role::Fail,
        _ => Role::Warn,
    };
    let of: Vec<&str> =
        [&view.size, &view.class].into_iter().flatten().map(String::as_str).collect();
    let of = (!of.is_empty()).then(|| of.join(" "));
    let cells = vec![
        Cell::plain(name.to_owned()),
        worded(view.phase.clone(), role),
        none(),
        none(),
        said(of.as_deref(), Role::Plain),
        age.clone(),
    ];
    Row::new(format!("{CLAIM}/{name}"), cells).that_differs(!bound)
}

fn event(index: usize, view: &EventView, age: &Cell) -> Row {
    let role = if view.warning { Role::Warn } else { Role::Plain };
    let times = if view.count > 1 { format!(" ({}x)", view.count) } else { String::new() };
    let cells = vec![
        Cell::plain(words::object(&view.object)),
        worded(view.reason.clone(), role),
        none(),
        view.at.map_or_else(none, Cell::Since),
        worded(format!("{}{times}", view.message), role),
        age.clone(),
    ];
    Row::new(format!("{EVENT}/{index}"), cells).that_differs(view.warning)
}
