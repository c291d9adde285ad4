//! A client's session: whose it is, and what is to be seen in it.

use std::time::Duration;

use jiff::Timestamp;
use ratatui::text::Line;

use crate::model::{ClientView, Observed, PodView, Side};
use crate::tui::list::{Cell, Row};
use crate::tui::page::standing::{Standing, Word, told_age};
use crate::tui::state::UiState;
use crate::tui::view::words;

/// A transaction that is open for longer holds the cutover up.
const LONG: Duration = Duration::from_secs(60);

/// Whose session it is: the workload, else the pod, else the address.
fn client(observed: &Observed, view: &ClientView) -> String {
    match (&view.address, pod(observed, view)) {
        (None, _) => "hidden".to_owned(),
        (Some(_), Some((_, PodView { owner: Some(owner), .. }))) => {
            words::object(&owner.to_string())
        }
        (Some(_), Some((name, _))) => format!("pod/{name}"),
        (Some(address), None) if address.is_empty() => "local socket".to_owned(),
        (Some(address), None) => address.clone(),
    }
}

fn pod<'a>(observed: &'a Observed, view: &ClientView) -> Option<(&'a str, &'a PodView)> {
    observed.pod_at(view.address.as_deref()?)
}

fn open_for(view: &ClientView, now: Timestamp) -> Option<Duration> {
    Duration::try_from(now.duration_since(view.transaction?)).ok()
}

/// What is to be seen in it.
fn standing(ui: &UiState, side: Side, view: &ClientView) -> Standing {
    let now = ui.now;
    let late = is_late(ui, side, view);
    let open = open_for(view, now);
    let long = open.is_some_and(|open| open > LONG);
    let idle = view.state.as_deref().is_some_and(|state| state.starts_with("idle in transaction"));
    match (&view.state, open) {
        (None, _) => Word::Wait.because("hidden"),
        _ if !view.blocked_by.is_empty() => {
            let pids: Vec<String> = view.blocked_by.iter().map(i32::to_string).collect();
            Word::Warn.because(format!("blocked by {}", pids.join(", ")))
        }
        _ if idle && long => Word::Warn.because("idle in tx, long"),
        _ if idle => Word::Warn.because("idle in tx"),
        _ if long => Word::Warn.because("long tx"),
        _ if view.writing => Word::Run.because("writes"),
        (Some(_), Some(_)) => Word::Run.because("in tx"),
        (Some(_), None) if late => Word::Warn.because("came after the stop"),
        (Some(_), None) => Standing::OK,
    }
}

/// Whether it connected to blue after writes were stopped: whoever does that has not been told of the cutover.
fn is_late(ui: &UiState, side: Side, view: &ClientView) -> bool {
    let stopped = ui.state.writes_stopped_at.filter(|_| side == Side::Blue);
    stopped.zip(view.connected).is_some_and(|(stopped, connected)| connected > stopped)
}

/// Its row.
pub(super) fn row(ui: &UiState, side: Side, view: &ClientView) -> Row {
    let reading = &ui.observed.side(side).sessions;
    let standing = standing(ui, side, view);
    let since = view.since.map_or_else(Cell::unknown, Cell::Since);
    let or_unknown = |text: &Option<String>| text.clone().map_or_else(Cell::unknown, Cell::plain);
    let pod = pod(&ui.observed, view).map(|(name, _)| name.to_owned());
    let cells = vec![
        Cell::plain(client(&ui.observed, view)),
        or_unknown(&view.state),
        since,
        standing.cell(),
        Cell::age_of(reading),
        or_unknown(&view.statement),
        Cell::plain(view.role.clone()),
        Cell::plain(view.pid.to_string()),
        pod.map_or_else(Cell::none, Cell::plain),
        or_unknown(&view.address),
        Cell::plain(view.application.clone()),
    ];
    Row::new(format!("{side} {}", view.pid), cells).that_differs(standing.differs())
}

/// Everything that is known of it.
pub(super) fn lines(ui: &UiState, side: Side, view: &ClientView) -> Vec<Line<'static>> {
    let ago = |at: Option<Timestamp>| {
        at.map_or_else(
            || "unknown".to_owned(),
            |at| format!("{} ago", words::age(Some(at), ui.now)),
        )
    };
    let or = |text: &Option<String>, none: &str| text.clone().unwrap_or_else(|| none.to_owned());
    let pod = pod(&ui.observed, view).map_or_else(
        || "none of this namespace that is seen has this address".to_owned(),
        |(name, pod)| {
            let owner = pod.owner.as_ref().map_or_else(String::new, |owner| format!(" of {owner}"));
            let node = pod.node.as_ref().map_or_else(String::new, |node| format!(" on {node}"));
            format!("{name}{owner}{node}, {}", pod.phase)
        },
    );
    let standing = standing(ui, side, view);
    let reading = &ui.observed.side(side).sessions;
    let transaction = match view.transaction {
        Some(at) => format!("open since {}", ago(Some(at))),
        None if view.state.is_none() => "unknown: hidden".to_owned(),
        None => "none".to_owned(),
    };
    vec![
        Line::styled(
            format!("verdict      {}   ({})", standing.text(), told_age(reading, ui.now)),
            ui.theme.style(standing.word.role()),
        ),
        Line::raw(format!("server       {side}, process {}, database {}", view.pid, view.database)),
        Line::raw(format!("role         {}", view.role)),
        Line::raw(format!("application  {}", view.application)),
        Line::raw(format!("address      {}", or(&view.address, "hidden"))),
        Line::raw(format!("pod          {pod}")),
        Line::raw(format!("state        {}, since {}", or(&view.state, "hidden"), ago(view.since))),
        Line::raw(format!("connected    {}", ago(view.connected))),
        Line::raw(format!("transaction  {transaction}")),
        Line::raw(format!(
            "writes       {}",
            if view.writing { "in this transaction" } else { "not seen" }
        )),
        Line::raw(format!("waits for    {}", or(&view.waits, "nothing"))),
        Line::raw(""),
        Line::raw(format!("statement    {}", or(&view.statement, "hidden"))),
    ]
}
