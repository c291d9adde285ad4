//! A console that dies after any of its facts, with what it was doing done or lost, and once more after that.

use std::sync::Arc;

use pgcutover::model::{
    Event, EventKind, Mode, Opening, RunState, Runbook, Step, StepStatus, Undo, UndoTurn, Verdict,
    undo_order,
};

use super::begin::sat_at;
use super::book::{acting, cutover, gate, only, step};
use super::bot::{Ended, Trial};
use super::world::{Inner, World};

/// Whether what was being done when the console died came to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flight {
    Lost,
    Applied,
}

impl Flight {
    const BOTH: [Self; 2] = [Self::Lost, Self::Applied];
}

/// The journal and the world as they were left by a console that died after its `after`-th fact.
pub(super) fn wreck(
    runbook: &Runbook,
    past: &[Event],
    frames: &[(Event, Inner)],
    after: usize,
    flight: Flight,
) -> (Vec<Event>, World) {
    let mut events = past.to_vec();
    events.extend(frames[..after].iter().map(|(event, _)| event.clone()));
    let mut inner = frames[after - 1].1.clone();
    if flight == Flight::Applied {
        let state = RunState::fold(runbook, &events).unwrap();
        for (id, known) in
            state.steps.iter().filter(|(id, _)| !frames[after - 1].1.over.contains(id))
        {
            let _ = match known.status {
                StepStatus::Running => inner.perform(id),
                StepStatus::Undoing => inner.undo(id),
                _ => Ok(()),
            };
        }
    }
    (events, World::of(inner))
}

/// Whatever is only cleared away was left until writes flowed.
fn writes_come_first(runbook: &Runbook, events: &[Event]) {
    let mut state = RunState::new(runbook);
    for event in events {
        if let EventKind::UndoStarted { step } = &event.kind {
            let order = undo_order(runbook, &state);
            let cleanup =
                order.iter().any(|(turn, it)| *turn == UndoTurn::Cleanup && it.id == *step);
            assert!(!cleanup || state.writes_stopped_at.is_none(), "`{step}` kept writes waiting");
        }
        state.apply(runbook, event).unwrap();
    }
}

/// The world is what the verdict says, and nothing was done twice.
pub(super) fn fits(runbook: &Runbook, ended: &Ended, world: &World) {
    let inner = world.get();
    assert_eq!(inner.wrong, Vec::<String>::new(), "{:#?}", inner.log);
    writes_come_first(runbook, &ended.told);
    for (_, step) in runbook.steps() {
        let (applied, known) = (inner.applied.contains(&step.id), ended.state.step(&step.id));
        match ended.state.mode() {
            Mode::Finished(Verdict::Done) => {
                assert!(applied || known.status == StepStatus::Skipped, "`{}` is lost", step.id);
            }
            Mode::Finished(Verdict::Undone { .. }) => {
                assert!(!applied || step.undo == Undo::Nothing, "`{}` was left", step.id);
                assert_eq!(ended.state.writes_stopped_at, None, "writes are still stopped");
            }
            Mode::Finished(Verdict::NotUndone { todo, .. }) => assert!(!todo.is_empty()),
            _ => {}
        }
    }
}

/// Crashes the run after every fact, both ways, and once more after every fact of the run that went on.
async fn crash_everywhere(runbook: Runbook, tempers: impl Fn(&mut Inner), twice: bool) {
    crash_everywhere_of(runbook, tempers, twice, Trial::new).await;
}

async fn crash_everywhere_of(
    runbook: Runbook,
    tempers: impl Fn(&mut Inner),
    twice: bool,
    trial: impl Fn(&Arc<Runbook>, &World) -> Trial,
) {
    let runbook = Arc::new(runbook);
    let world = World::default();
    tempers(&mut world.get());
    let whole = trial(&runbook, &world).end().await;
    fits(&runbook, &whole, &world);
    let verdict = whole.state.verdict().unwrap().clone();
    let frames = &whole.frames;
    for after in 1..frames.len() {
        for flight in Flight::BOTH {
            let (past, world) = wreck(&runbook, &[], frames, after, flight);
            let resumed = trial(&runbook, &world).resumed(past.clone()).end().await;
            fits(&runbook, &resumed, &world);
            let case = format!("after {after} {flight:?}");
            assert_same(&verdict, resumed.state.verdict(), &case);
            if !twice {
                continue;
            }
            for again in 1..resumed.frames.len() {
                for second in Flight::BOTH {
                    let (past, world) = wreck(&runbook, &past, &resumed.frames, again, second);
                    let last = trial(&runbook, &world).resumed(past).end().await;
                    fits(&runbook, &last, &world);
                    let case = format!("{case}, then after {again} {second:?}");
                    assert_same(&verdict, last.state.verdict(), &case);
                }
            }
        }
    }
}

pub(super) fn assert_same(whole: &Verdict, resumed: Option<&Verdict>, case: &str) {
    let same = match (whole, resumed) {
        (Verdict::NotUndone { step, .. }, Some(Verdict::NotUndone { step: other, .. })) => {
            step == other
        }
        (one, Some(other)) => std::mem::discriminant(one) == std::mem::discriminant(other),
        (_, None) => false,
    };
    assert!(same, "{case}: {whole:?} became {resumed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_succeeds_survives_every_crash_twice() {
    crash_everywhere(cutover(), |_| {}, true).await;
}

#[tokio::test(start_paused = true)]
async fn a_run_that_a_person_sits_at_survives_every_crash_twice() {
    crash_everywhere_of(acting(), |_| {}, true, sat_at).await;
    crash_everywhere_of(acting(), |world| world.temper("sync").fails = 99, false, sat_at).await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_in_the_window_is_undone_through_every_crash_twice() {
    crash_everywhere(cutover(), |world| world.temper("sync").fails = 99, true).await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_left_something_behind_is_undone_through_every_crash() {
    let dirty = |world: &mut Inner| {
        world.temper("switch").fails = 99;
        world.temper("switch").fails_dirty = true;
    };
    crash_everywhere(cutover(), dirty, false).await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_past_the_point_of_no_return_ends_in_a_named_verdict() {
    crash_everywhere(cutover(), |world| world.temper("decommission").fails = 99, true).await;
    crash_everywhere(cutover(), |world| world.temper("start-writers").fails = 99, false).await;
}

#[tokio::test(start_paused = true)]
async fn a_failing_undo_ends_in_a_named_verdict() {
    let stuck = |world: &mut Inner| {
        world.temper("switch").fails = 99;
        world.temper("fence").undo_fails = 999;
    };
    crash_everywhere(cutover(), stuck, false).await;
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_fails_twice_is_tried_a_third_time() {
    let shaky = |world: &mut Inner| {
        world.temper("switch").fails = 99;
        world.temper("fence").undo_fails = 2;
    };
    crash_everywhere(cutover(), shaky, false).await;
}

#[tokio::test(start_paused = true)]
async fn a_first_failure_is_tried_again_through_every_crash() {
    crash_everywhere(cutover(), |world| world.temper("backup").fails = 1, false).await;
}

#[tokio::test(start_paused = true)]
async fn a_step_that_cannot_be_taken_back_is_not_begun_anew_behind_a_shut_gate() {
    let open = Step { gates: vec![gate("same")], point_of_no_return: true, ..step("open") };
    let runbook = only(vec![step("copy"), open]);
    let whole = Trial::new(&runbook, &World::default()).end().await;
    let begun = |event: &Event| matches!(&event.kind, EventKind::StepStarted { step, .. } if step.as_str() == "open");
    let after = 1 + whole.frames.iter().position(|(event, _)| begun(event)).unwrap();
    for (shut, verdict) in [(false, "done"), (true, "undone")] {
        let (past, world) = wreck(&runbook, &[], &whole.frames, after, Flight::Lost);
        if shut {
            world.get().shut.insert("same".into(), Opening::Held);
        }
        let resumed = Trial::new(&runbook, &world).resumed(past).end().await;
        assert_eq!(resumed.count("step-in-doubt"), usize::from(shut), "{:#?}", resumed.told);
        assert_eq!(world.get().applied.contains(&"open".into()), !shut);
        let ended = resumed.state.verdict().unwrap();
        assert_eq!(matches!(ended, Verdict::Done), verdict == "done", "{ended:?}");
    }
}
