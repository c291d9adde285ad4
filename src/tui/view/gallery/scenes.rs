//! The scenes. To add one: a line in the table, and `INSTA_UPDATE=always cargo test --lib gallery`.

use std::sync::Arc;
use std::time::Duration;

use ratatui::crossterm::event::KeyCode;

use super::super::tests::{held, press, state, typed};
use super::beginning::{begins, goes_on};
use super::orders::under_way;
use super::recorded::{replay, run, seen, silent};
use crate::model::{
    CallKind, CallOutcome, CallRecord, CallTarget, Confirm, EventKind, Name, Progress, Reading,
    Seq, Side, SideView, Tables,
};
use crate::session::{Hands, SessionMode};
use crate::tui::acts::{Act, Call};
use crate::tui::dialog::{Dialog, Kind};
use crate::tui::msg::Msg;
use crate::tui::state::UiState;
use crate::tui::update::update;

/// A state of the console.
pub(super) type Scene = fn() -> UiState;

/// All scenes, by what they show.
pub(super) const SCENES: &[(&str, Scene)] = &[
    // pages, of a run in trouble
    ("overview", || under_way()),
    ("rows", || at("2")),
    ("rows-scrolled", || at("2lll")),
    ("rows-differences", || at("2sv")),
    ("rows-none", || keys(at("2/"), "zzz")),
    ("rows-wide-letters", wide_letters),
    ("extensions", || at("3")),
    ("jobs", || at("4j")),
    ("sessions", || at("5j")),
    ("steps", || at("6")),
    ("log", || keys(called(under_way()), "7")),
    ("log-everything", || keys(called(under_way()), "7t")),
    ("log-errors", || keys(called(under_way()), "7te")),
    ("log-wrapped", || keys(called(under_way()), "7tw")),
    // details
    ("details-of-a-check", || entered(at("1j"))),
    ("details-of-a-table", || entered(found("2", "orders"))),
    ("details-of-a-table-that-differs", || entered(found("2", "payments"))),
    ("details-of-the-content", || entered(found("1", "content"))),
    ("details-of-an-extension", || entered(found("3", "vector"))),
    ("details-of-a-sequence", || entered(found("3", "payments_id"))),
    ("details-of-a-setting", || entered(found("3", "max_conn"))),
    ("details-of-a-workload", || entered(found("4", "orders-api"))),
    ("details-of-a-job", || entered(row("4", 6))),
    ("details-of-a-job-that-is-followed", || keys(row("4", 6), "f")),
    ("details-of-a-pod", || entered(row("4", 9))),
    ("details-of-a-claim", || entered(row("4", 11))),
    ("details-of-an-event", || entered(row("4", 13))),
    ("details-of-a-session", || entered(at("5jj"))),
    ("details-of-a-step", || entered(at("6jj"))),
    ("details-of-a-fact", || entered(at("7k"))),
    ("details-of-a-call", || entered(keys(called(under_way()), "7tgjjjjjjjjjj"))),
    // dialogs
    ("begin", begins),
    ("go-on", goes_on),
    ("confirm-nothing", || confirming(Confirm::None)),
    ("confirm-enter", || confirming(Confirm::Enter)),
    ("confirm-yes", || keys(asks("stop-writers"), "nye")),
    ("confirm-whole", || pressed(keys(asks("fence-blue"), "n"), KeyCode::F(2))),
    ("confirm-name", || keys(asks("switch"), "nchronicle")),
    ("refused", || entered(keys(asks("switch"), "nchronicle_db"))),
    ("decide", || keys(failed("image-pull"), "n")),
    ("undo", || keys(failed("undone"), "u")),
    ("abort", || keys(asks("switch"), "A")),
    ("abort-whole", || pressed(keys(asks("switch"), "A"), KeyCode::F(2))),
    ("abort-past-return", || keys(past_return(), "Achron")),
    ("leave", || keys(asks("stop-writers"), "q")),
    ("leave-past-return", || keys(past_return(), "q")),
    ("arm", || keys(safe(asks("stop-writers")), "ay")),
    // layers
    ("help", || keys(at("2"), "?")),
    ("help-search", || keys(at("4"), "?/undo")),
    ("command-line", || keys(under_way(), ":se")),
    ("filter", || keys(at("2/"), "ord")),
    ("toast", || keys(under_way(), "s")),
    // modes
    ("rehearsal", || seen(run("done", started("initial-restore")), "restoring")),
    ("monitor", monitor),
    ("replay", || replay("done")),
    ("safe", || safe(asks("stop-writers"))),
    ("protected", || protected(asks("stop-writers"))),
    ("protected-asks", || keys(protected(asks("stop-writers")), "n")),
    ("frozen", || keys(at("2"), "p")),
    ("zoomed", || keys(under_way(), "+")),
    // moments
    ("first-paint", || run("done", |kind| matches!(kind, EventKind::RunStarted { .. }))),
    ("stale", || silent(run("done", started("fence-blue")), "synced")),
    ("stale-rows", || keys(silent(run("done", started("fence-blue")), "synced"), "2")),
    ("unknown-rows", || keys(run("done", started("apply-green")), "2")),
    ("unknown-jobs", || keys(run("done", started("apply-green")), "4")),
    ("progress", progress),
    ("held", || unicode(state(&["prepare", "stop"], held()))),
    ("failed", || failed("image-pull")),
    ("in-doubt", || {
        seen(run("in-doubt", |kind| matches!(kind, EventKind::StepInDoubt { .. })), "synced")
    }),
    ("undoing", || seen(run("undo-failed", is_undoing), "synced")),
    ("not-undone", || seen(run("undo-failed", is_over), "synced")),
    ("done", || green_serves(seen(run("done", is_over), "synced"))),
    ("skipped", || keys(seen(run("skipped", is_over), "synced"), "6")),
    ("retired", retired),
    ("retired-rows", || keys(retired(), "2")),
    // the same with ASCII only
    ("ascii", || ascii(under_way())),
    ("ascii-asks", || ascii(keys(asks("switch"), "n"))),
    ("ascii-protected", || ascii(protected(asks("stop-writers")))),
];

/// The scene without what lies over the page.
pub(super) fn below(scene: Scene) -> Option<UiState> {
    let mut ui = scene();
    let layered = ui.dialog.take().is_some()
        | ui.help.take().is_some()
        | ui.details.take().is_some()
        | ui.prompt.take().is_some();
    layered.then_some(ui)
}

/// The same after keys, each of which was drawn.
pub(super) fn keys(mut ui: UiState, text: &str) -> UiState {
    for key in typed(text) {
        update(&mut ui, Msg::Frame { width: 80, height: 24 });
        press(&mut ui, &[key]);
    }
    update(&mut ui, Msg::Frame { width: 80, height: 24 });
    ui
}

fn at(text: &str) -> UiState {
    keys(under_way(), text)
}

fn entered(ui: UiState) -> UiState {
    pressed(ui, KeyCode::Enter)
}

fn pressed(mut ui: UiState, key: KeyCode) -> UiState {
    press(&mut ui, &[key]);
    ui
}

/// The row of a page that has a text in it.
fn found(page: &str, text: &str) -> UiState {
    let ui = entered(keys(at(page), &format!("/{text}")));
    keys(ui, "j")
}

fn row(page: &str, down: usize) -> UiState {
    at(&format!("{page}{}", "j".repeat(down)))
}

fn started(step: &'static str) -> impl Fn(&EventKind) -> bool {
    move |kind| matches!(kind, EventKind::StepStarted { step: id, .. } if id.as_str() == step)
}

/// A step of the recorded run asks, and it is known what it says to the world.
fn asks(step: &'static str) -> UiState {
    let asked = |kind: &EventKind| matches!(kind, EventKind::ConfirmationAsked { step: id, .. } if id.as_str() == step);
    let mut ui = seen(run("done", asked), "synced");
    let scale = "PATCH /apis/apps/v1/namespaces/dsm/deployments/chronicle-service/scale";
    let select = "PATCH /api/v1/namespaces/dsm/services/chronicle-db";
    let all = [
        (
            "stop-writers",
            vec![call(&format!(r#"{scale} {{"spec":{{"replicas":0}}}}"#))],
            vec![call(&format!("{scale} (the former number of pods)"))],
        ),
        (
            "fence-blue",
            vec![
                call("blue: ALTER DATABASE chronicle_db SET default_transaction_read_only = on"),
                Call {
                    line: "blue: Ends the sessions of clients that are not ours".into(),
                    whole: "blue: SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()".into(),
                },
            ],
            vec![call("blue: ALTER DATABASE chronicle_db RESET default_transaction_read_only")],
        ),
        (
            "switch",
            vec![call(&format!(
                r#"{select} {{"spec":{{"selector":{{"app":"chronicle-db-v17-vector"}}}}}}"#
            ))],
            vec![call(&format!(r#"{select} {{"spec":{{"selector":{{"app":"chronicle-db-v17"}}}}}}"#))],
        ),
    ];
    for (step, runs, undoes) in all {
        ui.acts.insert(step.into(), Act { runs, undoes });
    }
    ui
}

fn call(text: &str) -> Call {
    Call { line: text.into(), whole: text.into() }
}

/// The dialog of a step that asks for this.
fn confirming(confirm: Confirm) -> UiState {
    let mut ui = asks("stop-writers");
    let kind =
        Kind::Confirm { step: "stop-writers".into(), confirm, asked: Seq(46), begins: false };
    ui.dialog = Some(Dialog::new(kind, ui.now));
    ui
}

fn failed(journal: &str) -> UiState {
    seen(run(journal, |kind| matches!(kind, EventKind::StepFailed { .. })), "synced")
}

/// Green has begun to take writes.
fn past_return() -> UiState {
    seen(run("done", started("open-green")), "synced")
}

fn is_undoing(kind: &EventKind) -> bool {
    matches!(kind, EventKind::UndoStarted { .. })
}

fn is_over(kind: &EventKind) -> bool {
    matches!(kind, EventKind::RunFinished { .. })
}

fn safe(mut ui: UiState) -> UiState {
    ui.mode = SessionMode::Run;
    ui.arming = ui.first_arming();
    ui
}

fn protected(mut ui: UiState) -> UiState {
    ui.protected = true;
    safe(ui)
}

fn monitor() -> UiState {
    let mut ui = asks("stop-writers");
    ui.controls = false;
    ui.mode = SessionMode::Monitor;
    ui.arming = ui.first_arming();
    keys(ui, "n")
}

fn green_serves(mut ui: UiState) -> UiState {
    let mut observed = ui.observed.clone();
    observed.serving = Reading::Fresh { value: Some(Side::Green), at: ui.now };
    update(&mut ui, Msg::Observed(Box::new(observed)));
    ui
}

/// Green serves, and blue was deleted.
fn retired() -> UiState {
    let mut ui = green_serves(seen(run("done", is_over), "synced"));
    let mut observed = ui.observed.clone();
    let workload = ui.runbook.blue.workload.as_ref().unwrap().to_string();
    observed.cluster.workloads.insert(workload, Reading::Fresh { value: None, at: ui.now });
    observed.blue = SideView::default();
    update(&mut ui, Msg::Observed(Box::new(observed)));
    ui
}

/// A step that counts, with three samples.
fn progress() -> UiState {
    let mut ui = seen(run("done", started("final-restore")), "restoring");
    for (n, done) in [(1, 8), (2, 16), (3, 24)] {
        let progress = Progress {
            message: "public.task_status_changes_2024h1".into(),
            done: Some(done),
            total: Some(40),
            unit: "tables".into(),
            fix: None,
        };
        let kind = EventKind::StepProgress { step: "final-restore".into(), progress };
        let event = crate::model::Event {
            seq: ui.state.seq,
            at: ui.now + Duration::from_secs(n),
            elapsed: Duration::from_secs(n),
            kind,
        };
        update(&mut ui, Msg::Event(Box::new(event)));
    }
    let now = ui.now + Duration::from_secs(4);
    update(&mut ui, Msg::Tick(now));
    ui
}

/// Tables whose names are twice as wide as they are long.
fn wide_letters() -> UiState {
    let mut ui = under_way();
    let mut observed = ui.observed.clone();
    let tables = observed.blue.tables.value().unwrap();
    let wide = |name: &Name| name.replace("payments", "支払い明細").replace("orders", "注文");
    let tables = tables.iter().map(|(name, view)| (wide(name), view.clone()));
    let tables: Tables = tables.collect();
    observed.blue.tables = Reading::Fresh { value: tables.into(), at: ui.now };
    update(&mut ui, Msg::Observed(Box::new(observed)));
    keys(ui, "2")
}

/// What was said to the world.
fn called(mut ui: UiState) -> UiState {
    let call = |number, to, kind, headline: &str, took: Option<u64>, outcome| {
        let call = CallRecord {
            number,
            at: ui.now - Duration::from_secs(4) + Duration::from_millis(100 * number),
            to,
            purpose: "stop".into(),
            kind,
            headline: headline.into(),
            took: took.map(Duration::from_millis),
            outcome,
        };
        let hands = if number < 2 { Hands::Looking } else { Hands::Acting };
        (hands, Arc::new(call))
    };
    let (blue, green) = (CallTarget::Side(Side::Blue), CallTarget::Side(Side::Green));
    let scale = "PATCH /apis/apps/v1/namespaces/orders/deployments/orders-api/scale {\"spec\":{\"replicas\":0}}";
    let refused = CallOutcome::Failed {
        code: Some("42501".into()),
        message: "permission denied for table payments".into(),
    };
    let calls = vec![
        call(
            0,
            blue,
            CallKind::Read,
            "SELECT count(*) FROM public.orders",
            Some(812),
            CallOutcome::Rows(1),
        ),
        call(
            1,
            CallTarget::Cluster,
            CallKind::Stream,
            "GET /api/v1/namespaces/orders/pods?watch=true",
            Some(9),
            CallOutcome::Status(200),
        ),
        call(
            2,
            blue,
            CallKind::Statement,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
            Some(31),
            CallOutcome::Rows(4),
        ),
        call(3, CallTarget::Cluster, CallKind::Write, scale, Some(40), CallOutcome::Status(200)),
        call(
            4,
            green,
            CallKind::Statement,
            "SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM public.payments AS t",
            Some(6),
            refused,
        ),
        call(5, green, CallKind::Statement, "ANALYZE", None, CallOutcome::Running),
    ];
    update(&mut ui, Msg::Calls { calls, dropped: 12 });
    ui
}

fn unicode(mut ui: UiState) -> UiState {
    ui.theme.ascii = false;
    ui
}

fn ascii(mut ui: UiState) -> UiState {
    ui.theme.ascii = true;
    ui
}
