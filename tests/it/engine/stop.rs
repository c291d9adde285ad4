//! Leaving a run, and taking it up again.

use std::sync::Arc;
use std::time::Duration;

use pgcutover::engine::OnDetach;
use pgcutover::model::{
    Command, Event, EventKind, Mode, Opening, RunState, Runbook, StepStatus, StopReason, Verdict,
};

use super::book::cutover;
use super::bot::{Ended, Trial, agreeable};
use super::world::World;

/// Says stop when a step starts, as often as told, and is agreeable otherwise.
fn stops_at(
    step: &'static str,
    times: usize,
) -> impl Fn(&Runbook, &RunState, &Event) -> Vec<Command> + Send + Sync {
    move |runbook, state, event| match &event.kind {
        EventKind::StepStarted { step: started, .. } if started.as_str() == step => {
            vec![Command::Stop { reason: StopReason::Signal(15) }; times]
        }
        _ => agreeable(runbook, state, event),
    }
}

async fn resume(runbook: &Arc<Runbook>, world: &World, left: &Ended) -> Ended {
    Trial::new(runbook, world).resumed(left.journal(&[])).end().await
}

fn left(ended: &Ended) -> bool {
    matches!(ended.state.mode(), Mode::Stopped(StopReason::Signal(15)))
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_left_before_the_window_goes_on_where_it_was() {
    let runbook = Arc::new(cutover());
    let world = World::default();
    let first = Trial::new(&runbook, &world).with(stops_at("deploy", 1)).end().await;
    assert!(left(&first), "{:?}", first.state.mode());
    assert_eq!(first.state.step(&"deploy".into()).status, StepStatus::Running);
    assert_eq!(first.count("step-failed"), 0);
    let then = resume(&runbook, &world, &first).await;
    assert_eq!(then.state.verdict(), Some(&Verdict::Done));
    assert_eq!(then.state.step(&"deploy".into()).attempt, 1);
    assert_eq!(world.get().wrong, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_left_while_writes_are_stopped_is_undone() {
    let runbook = Arc::new(cutover());
    let world = World::default();
    let ended = Trial::new(&runbook, &world).with(stops_at("sync", 1)).end().await;
    let Some(Verdict::Undone { cause }) = ended.state.verdict() else {
        panic!("{:?}", ended.state.mode())
    };
    assert_eq!(cause, "signal 15 while writes were stopped");
    assert_eq!(ended.state.writes_stopped_at, None);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_another_operator_holds_is_left_at_once_and_nothing_is_undone() {
    let held = || Command::Stop { reason: StopReason::LeaseHeld { holder: "bob@two".into() } };
    for step in ["sync", "start-writers"] {
        let runbook = Arc::new(cutover());
        let world = World::default();
        let ended = Trial::new(&runbook, &world)
            .with(move |runbook, state, event| match &event.kind {
                EventKind::StepStarted { step: started, .. } if started.as_str() == step => {
                    let operator = Command::Abort { why: "the operator said so".into() };
                    let signal = Command::Stop { reason: StopReason::Signal(15) };
                    vec![held(), operator, signal]
                }
                _ => agreeable(runbook, state, event),
            })
            .end()
            .await;
        let Mode::Stopped(StopReason::LeaseHeld { .. }) = ended.state.mode() else {
            panic!("{:?}", ended.state.mode())
        };
        assert_eq!(ended.count("undo-started"), 0);
        assert!(ended.state.writes_stopped_at.is_some());
        assert_eq!(pgcutover::exit::Exit::of(&runbook, &ended.state).code(), 15);
    }
}

#[tokio::test(start_paused = true)]
async fn an_undo_is_left_at_once_when_another_operator_holds_the_run() {
    let runbook = Arc::new(cutover());
    let world = World::default();
    world.get().temper("switch").fails = 99;
    let ended = Trial::new(&runbook, &world)
        .with(|runbook, state, event| match &event.kind {
            EventKind::UndoStarted { step } if step.as_str() == "sync" => {
                let holder = "bob@two".into();
                vec![Command::Stop { reason: StopReason::LeaseHeld { holder } }]
            }
            _ => agreeable(runbook, state, event),
        })
        .end()
        .await;
    assert!(matches!(ended.state.mode(), Mode::Stopped(StopReason::LeaseHeld { .. })));
    assert_eq!(ended.count("undo-failed"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_left_past_the_point_of_no_return_goes_on_until_writes_flow() {
    let runbook = Arc::new(cutover());
    let world = World::default();
    let first = Trial::new(&runbook, &world).with(stops_at("start-writers", 1)).end().await;
    assert!(left(&first));
    assert_eq!(first.state.step(&"start-writers".into()).status, StepStatus::Done);
    assert_eq!(first.state.writes_stopped_at, None);
    let refused = |kind: &EventKind| matches!(kind, EventKind::Refused { why, .. } if why.contains("until they flow"));
    assert!(first.has(refused));
    assert_eq!(resume(&runbook, &world, &first).await.state.verdict(), Some(&Verdict::Done));
}

#[tokio::test(start_paused = true)]
async fn who_insists_leaves_at_once() {
    let runbook = Arc::new(cutover());
    let world = World::default();
    let first = Trial::new(&runbook, &world).with(stops_at("start-writers", 2)).end().await;
    assert!(left(&first));
    assert_eq!(first.state.step(&"start-writers".into()).status, StepStatus::Running);
    assert!(first.state.writes_stopped_at.is_some());
    assert_eq!(resume(&runbook, &world, &first).await.state.verdict(), Some(&Verdict::Done));
}

#[tokio::test(start_paused = true)]
async fn a_failure_past_the_point_of_no_return_can_be_left_although_writes_are_stopped() {
    let runbook = Arc::new(cutover());
    let world = World::default();
    world.get().temper("start-writers").fails = 1;
    let first = Trial::new(&runbook, &world)
        .with(|runbook, state, event| match &event.kind {
            EventKind::StepFailed { .. } => {
                vec![Command::Stop { reason: StopReason::Signal(15) }]
            }
            _ => agreeable(runbook, state, event),
        })
        .end()
        .await;
    assert!(left(&first));
    assert!(first.state.writes_stopped_at.is_some());
}

#[tokio::test(start_paused = true)]
async fn an_undo_is_left_only_by_who_insists_and_goes_on_when_resumed() {
    let lost = StopReason::LeaseLost { why: "no answer".into() };
    for (reason, times, leaves) in
        [(StopReason::Signal(15), 1, false), (StopReason::Signal(15), 2, true), (lost, 2, false)]
    {
        let runbook = Arc::new(cutover());
        let world = World::default();
        world.get().temper("switch").fails = 99;
        let first = Trial::new(&runbook, &world)
            .with(move |runbook, state, event| match &event.kind {
                EventKind::UndoStarted { step } if step.as_str() == "sync" => {
                    vec![Command::Stop { reason: reason.clone() }; times]
                }
                _ => agreeable(runbook, state, event),
            })
            .end()
            .await;
        assert_eq!(left(&first), leaves);
        if leaves {
            let then = resume(&runbook, &world, &first).await;
            assert!(matches!(then.state.verdict(), Some(Verdict::Undone { .. })));
        }
        assert_eq!(world.get().applied.len(), 1, "only the backup, which has no undo, is left");
    }
}

#[tokio::test(start_paused = true)]
async fn an_operator_who_is_gone_stops_the_run_before_the_window_and_undoes_it_in_the_window() {
    let runbook = Arc::new(cutover());
    let mut trial = Trial::new(&runbook, &World::default());
    trial.leaves = |kind| matches!(kind, EventKind::PhaseStarted { .. });
    let ended = trial.end().await;
    assert_eq!(ended.state.mode(), &Mode::Stopped(StopReason::Detached));

    let mut trial = Trial::new(&runbook, &World::default());
    trial.leaves =
        |kind| matches!(kind, EventKind::StepStarted { step, .. } if step.as_str() == "fence");
    let ended = trial.end().await;
    assert!(matches!(ended.state.verdict(), Some(Verdict::Undone { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_goes_on_alone_stops_where_a_person_is_needed() {
    let runbook = Arc::new(cutover());
    let world = World::default();
    let mut trial = Trial::new(&runbook, &world);
    trial.options.on_detach = OnDetach::GoOn;
    trial.leaves = |kind| matches!(kind, EventKind::PhaseStarted { .. });
    let ended = trial.end().await;
    assert_eq!(ended.state.mode(), &Mode::Stopped(StopReason::Detached));
    let done: Vec<_> = world.get().applied.iter().map(ToString::to_string).collect();
    assert_eq!(done, ["backup", "deploy"]);
}

#[tokio::test(start_paused = true)]
async fn a_soak_that_was_left_counts_from_its_first_start() {
    let runbook = Arc::new(cutover());
    let world = World::default();
    world.get().temper("soak").takes = Duration::from_secs(50);
    let first = Trial::new(&runbook, &world).with(stops_at("soak", 1)).end().await;
    assert!(left(&first));
    let then = resume(&runbook, &world, &first).await;
    let begun = |ended: &Ended| ended.state.step(&"soak".into()).started_at.unwrap();
    assert_eq!(begun(&then), begun(&first));
    assert_eq!(then.state.verdict(), Some(&Verdict::Done));
}

#[tokio::test(start_paused = true)]
async fn a_held_gate_does_not_keep_an_operator_from_leaving() {
    let runbook = Arc::new(cutover());
    let world = World::default();
    world.get().shut.insert("room".into(), Opening::Held);
    let ended = Trial::new(&runbook, &world)
        .with(|runbook, state, event| match &event.kind {
            EventKind::GateHeld { .. } => {
                vec![Command::Stop { reason: StopReason::Signal(15) }]
            }
            _ => agreeable(runbook, state, event),
        })
        .end()
        .await;
    assert!(left(&ended));
}
