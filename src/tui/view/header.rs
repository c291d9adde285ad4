//! The two lines that never scroll: what, where, mode, who, window; who serves, step, next gate, the clock.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{pane, words};
use crate::model::{Mode, Side, StepStatus, Verdict};
use crate::tui::arming::Arming;
use crate::tui::following::Driver;
use crate::tui::state::UiState;
use crate::tui::theme::Role;

/// A run of another console that was last looked at longer ago, in seconds, may be further by now.
const STALE: i64 = 5;

pub(super) fn draw(frame: &mut Frame<'_>, ui: &UiState, area: Rect) {
    let [first, second] = Layout::vertical([Constraint::Length(1); 2]).areas(area);
    let style = |role| ui.theme.style(role);
    let left = vec![
        Span::styled(format!(" {} ", ui.runbook.name), style(Role::Title)),
        Span::raw(" "),
        Span::styled(
            ui.place.clone(),
            style(if ui.protected { Role::Protected } else { Role::Plain }),
        ),
        Span::styled(if ui.protected { " PROTECTED" } else { "" }, style(Role::Protected)),
        Span::raw("  "),
        Span::styled(ui.badge(), style(if ui.is_armed() { Role::Armed } else { Role::Title })),
        Span::raw(ui.playing().map_or_else(String::new, |playing| format!(" {playing}"))),
        Span::styled(if ui.frozen.is_some() { "  FROZEN: p" } else { "" }, style(Role::Warn)),
        Span::styled(if ui.behind.is_some() { "  MIRROR BEHIND" } else { "" }, style(Role::Warn)),
        Span::styled(
            format!("  {}", who(ui)),
            if ui.is_driven() { Style::new() } else { style(Role::Fail) },
        ),
    ];
    let window = window(ui);
    let left = with_place_cut(ui, left, area.width.saturating_sub(told_width(&window)));
    split(frame, ui, first, left, &window, Style::new());
    let serving = ui.serving();
    let side = match silent(ui) {
        Some(_) => style(Role::Fail),
        None => serving.map_or(Style::new(), |side| ui.theme.side(side, serving)),
    };
    let wide = area.width >= 110;
    let word = if wide { "step " } else { "" };
    let place = Span::raw(format!("  {}", place(ui, word)));
    let mut left = vec![Span::raw(" "), Span::styled(serves(ui), side), gate(ui), place];
    if wide {
        left.extend(phases(ui));
    }
    let style = style(match ui.state.writes_stopped_at {
        Some(_) if ui.still_written().is_some() => Role::Fail,
        Some(_) => Role::Stopped,
        None => Role::Plain,
    });
    let told = if area.width >= 80 { stopped(ui, "WRITES STOPPED") } else { shortly(ui) };
    split(frame, ui, second, left, &told, style);
}

/// Who does it and in which mode must be read: where there is no room, the place is cut for them, and then the profile.
fn with_place_cut<'a>(ui: &UiState, mut spans: Vec<Span<'a>>, width: u16) -> Vec<Span<'a>> {
    for index in [2, 0] {
        let all: usize = spans.iter().map(Span::width).sum();
        let known = spans[index].width();
        let least = known.min(8);
        let room = (known + usize::from(width)).saturating_sub(all).clamp(least, known);
        spans[index].content = words::fit_name(&spans[index].content, room, ui.theme).into();
    }
    spans
}

/// One line for a terminal that is too small: what is at stake first, since it may be cut.
pub(super) fn brief(ui: &UiState) -> String {
    let gate = gate(ui);
    let (place, stopped) = (place(ui, "step "), stopped(ui, "WRITES STOPPED"));
    format!("{} {} {place}{}  {stopped}", ui.runbook.name, serves(ui), gate.content)
}

fn split(
    frame: &mut Frame<'_>,
    ui: &UiState,
    area: Rect,
    left: Vec<Span<'_>>,
    right: &str,
    style: Style,
) {
    let [main, end] =
        Layout::horizontal([Constraint::Fill(1), Constraint::Length(told_width(right))])
            .areas(area);
    frame.render_widget(pane::fitted(ui.theme, &left.into(), main.width), main);
    frame.render_widget(Line::styled(format!(" {right} "), style).right_aligned(), end);
}

fn told_width(text: &str) -> u16 {
    u16::try_from(text.chars().count()).unwrap_or(0) + 2
}

/// Who drives.
fn who(ui: &UiState) -> String {
    let over = matches!(ui.state.mode(), Mode::Stopped(_) | Mode::Finished(_));
    match &ui.driver {
        Some(Driver { operator, looked }) if !over => {
            if let Some(lapsed) = looked.lapsed {
                let ago = words::coarse_age(Some(lapsed), ui.now);
                return format!("NOBODY DRIVES: {operator}'s lease ran out {ago} ago");
            }
            let late = ui.now.duration_since(looked.at).as_secs() > STALE;
            let age = || format!(" (stale, {})", words::coarse_age(Some(looked.at), ui.now));
            format!("held by {operator}{}", late.then(age).unwrap_or_default())
        }
        _ => ui.state.operator.clone(),
    }
}

fn window(ui: &UiState) -> String {
    match ui.runbook.window.closes {
        Some(closes) if closes > ui.now => {
            let left =
                std::time::Duration::try_from(closes.duration_since(ui.now)).unwrap_or_default();
            format!("WINDOW {} left", words::short(left))
        }
        Some(_) => "WINDOW shut".to_owned(),
        None => "WINDOW open".to_owned(),
    }
}

fn serves(ui: &UiState) -> String {
    let serving = &ui.observed.serving;
    let word = match serving.value() {
        Some(Some(Side::Blue)) => "BLUE",
        Some(Some(Side::Green)) => "GREEN",
        Some(None) => "NEITHER",
        None => "unknown",
    };
    let age = || format!(" (stale, {})", words::coarse_age(serving.at(), ui.now));
    let age = serving.is_stale().then(age).or_else(|| asked(ui)).unwrap_or_default();
    format!("SERVING: {word}{age}{}", silent(ui).unwrap_or_default())
}

/// For how long the database that serves has not answered, whatever the cluster says of its pod.
fn silent(ui: &UiState) -> Option<String> {
    let clients = &ui.observed.side(ui.serving()?).clients;
    let told = || format!(", no answer for {}", words::coarse_age(clients.at(), ui.now));
    clients.is_stale().then(told)
}

/// For how long nobody has answered who serves, where it was never known.
fn asked(ui: &UiState) -> Option<String> {
    let asks = ui.player.is_none() && ui.observed.serving.value().is_none();
    let asks = asks && ui.now.duration_since(ui.opened).as_secs() > 0;
    asks.then(|| format!(" for {}", words::coarse_age(Some(ui.opened), ui.now)))
}

fn place(ui: &UiState, word: &str) -> String {
    let (settled, all) = ui.settled();
    match ui.state.mode() {
        Mode::New => format!("{word}0/{all}"),
        Mode::Finished(Verdict::Done) => format!("DONE {settled}/{all}"),
        Mode::Finished(Verdict::Undone { .. }) => "UNDONE".to_owned(),
        Mode::Finished(Verdict::NotUndone { .. }) => "NOT UNDONE: see the log".to_owned(),
        Mode::Stopped(_) => format!("STOPPED {settled}/{all}"),
        Mode::Undoing => {
            ui.current().map_or_else(|| "UNDOING".to_owned(), |step| format!("UNDOING {step}"))
        }
        Mode::Forward => {
            let step = ui.current().map_or_else(String::new, |step| step.to_string());
            format!("{word}{}/{all} {step}", (settled + 1).min(all))
        }
    }
}

/// What the next step waits for.
fn gate(ui: &UiState) -> Span<'static> {
    let Some(step) = ui.current() else { return Span::raw("") };
    let known = ui.state.step(&step);
    let shut = known.judgements.iter().filter(|gate| !gate.is_open()).count();
    let (text, role) = match known.status {
        _ if known.asked.is_some() => (format!("  {}{}", press(ui), waits(ui)), Role::Title),
        StepStatus::Held => (format!("  GATE HELD ({shut})"), Role::Warn),
        StepStatus::Running if known.mend().is_some() => {
            (format!("  STUCK: {}", press(ui)), Role::Warn)
        }
        StepStatus::Failed | StepStatus::Doubtful => {
            (format!("  FAILED: {}{}", press(ui), waits(ui)), Role::Fail)
        }
        _ => return Span::raw(""),
    };
    Span::styled(text, ui.theme.style(role))
}

/// What the person who is asked does next; whoever only watches is not asked.
const fn press(ui: &UiState) -> &'static str {
    match ui.arming {
        Arming::ReadOnly => "ASKS",
        Arming::Safe => "PRESS a",
        Arming::Armed { .. } => "PRESS n",
    }
}

/// For how long a person has been waited for.
fn waits(ui: &UiState) -> String {
    let since = ui.pace.waiting_since();
    since.map_or_else(String::new, |at| format!(" ({})", words::age(Some(at), ui.now)))
}

/// The phases, with the one that the run is in.
fn phases(ui: &UiState) -> Vec<Span<'static>> {
    let current = ui.current().and_then(|step| ui.runbook.phase_of(&step).map(|phase| &phase.id));
    let mut spans = vec![Span::raw("   ")];
    for (index, phase) in ui.runbook.phases.iter().enumerate() {
        let between = if index > 0 { " > " } else { "" };
        let done = ui.state.phases.get(&phase.id).is_some_and(|known| known.finished_at.is_some());
        spans.push(Span::styled(between, ui.theme.style(Role::Muted)));
        spans.push(if Some(&phase.id) == current {
            Span::styled(format!("[{}]", phase.id), ui.theme.style(Role::Title))
        } else {
            let role = if done { Role::Muted } else { Role::Plain };
            Span::styled(phase.id.to_string(), ui.theme.style(role))
        });
    }
    spans
}

/// For how long writes have been stopped, and how long they may be.
fn stopped(ui: &UiState, word: &str) -> String {
    let all = ui.runbook.window.budget;
    let budget = words::short(all);
    let undoes = matches!(ui.state.mode(), Mode::Forward) && !ui.state.past_return;
    match ui.stopped() {
        Some((time, true)) if undoes && time >= all * 3 / 4 => {
            let left = words::short(all.saturating_sub(time));
            format!("UNDO IN {left}, STOPPED {}", words::clock(time))
        }
        Some((time, true)) => match ui.still_written() {
            Some(rate) => format!("BLUE IS WRITTEN {rate}, {}/{budget}", words::clock(time)),
            None => format!("{word} {}/{budget}", words::clock(time)),
        },
        Some((time, false)) => format!("{}, were down {}", flow(ui), words::clock(time)),
        None => format!("{}, budget {budget}", flow(ui)),
    }
}

/// Whether writes flow that the run has not stopped: nobody knows while it is unknown who serves, or the one who does is
/// silent. What is recorded may hold no readings; then the run's facts are what is known.
fn flow(ui: &UiState) -> &'static str {
    let unknown = ui.serving().is_none() && ui.player.is_none();
    if unknown || silent(ui).is_some() { "writes unknown" } else { "writes flow" }
}

/// The same where there is little room: the budget is told only while it is used.
fn shortly(ui: &UiState) -> String {
    match stopped(ui, "DOWN").split_once(", budget ") {
        Some((told, _)) => told.to_owned(),
        None => stopped(ui, "DOWN"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{Flow, Rate, Reading};
    use crate::tui::view::tests::{held, state};

    #[test]
    fn a_database_that_serves_and_does_not_answer_is_told_however_its_pod_is() {
        let mut ui = state(&["prepare"], held());
        assert_eq!(serves(&ui), "SERVING: BLUE");
        ui.observed.blue.clients.miss("the server is silent");
        assert!(serves(&ui).starts_with("SERVING: BLUE, no answer for "), "{}", serves(&ui));
        assert!(stopped(&ui, "DOWN").starts_with("writes unknown, "));
    }

    #[test]
    fn a_blue_that_is_written_after_the_stop_is_told() {
        let mut ui = state(&["prepare"], held());
        let (at, over) = (ui.now, Duration::from_secs(2));
        ui.state.writes_stopped_at = Some(at - Duration::from_secs(5));
        let rate = Rate::over(26, over).unwrap();
        let flow = |over| Flow { writes: rate, transactions: rate, wal: None, over };
        ui.observed.blue.clients = Reading::Fresh { value: 1, at };
        ui.observed.blue.flow = Reading::Fresh { value: flow(over), at };
        assert!(stopped(&ui, "DOWN").starts_with("BLUE IS WRITTEN 13/s, 00:05.0/"));
        ui.observed.blue.flow = Reading::Fresh { value: flow(over * 3), at };
        assert!(stopped(&ui, "DOWN").starts_with("DOWN "), "they may have come before the stop");
        ui.observed.blue.flow = Reading::Fresh { value: flow(over), at };
        ui.observed.blue.clients = Reading::Fresh { value: 0, at };
        assert!(stopped(&ui, "DOWN").starts_with("DOWN "), "nobody is there: the server's own");
    }

    #[test]
    fn the_last_quarter_of_the_budget_says_when_it_undoes() {
        let mut ui = state(&["prepare"], held());
        let budget = ui.runbook.window.budget;
        ui.state.writes_stopped_at = Some(ui.now);
        assert!(stopped(&ui, "DOWN").starts_with("DOWN "));
        ui.state.writes_stopped_for = budget.saturating_sub(Duration::from_secs(21));
        assert!(stopped(&ui, "DOWN").starts_with("UNDO IN 21s, STOPPED "));
        ui.state.past_return = true;
        assert!(stopped(&ui, "DOWN").starts_with("DOWN "));
    }
}
