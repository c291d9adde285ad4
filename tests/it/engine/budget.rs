//! What the engine does when time runs out.

use std::sync::Arc;
use std::time::Duration;

use pgcutover::model::{Event, EventKind, Opening, Step, Verdict};

use super::book::{book, cutover, phase, step};
use super::bot::Trial;
use super::world::World;

#[tokio::test(start_paused = true)]
async fn a_budget_that_runs_out_in_the_window_undoes_everything() {
    let world = World::default();
    world.get().shut.insert("content".into(), Opening::Held);
    let ended = Trial::new(&Arc::new(cutover()), &world).end().await;
    assert_eq!(ended.count("budget-exceeded"), 1);
    let Some(Verdict::Undone { cause }) = ended.state.verdict() else { panic!() };
    assert_eq!(cause, "the budget of 600 s ran out");
    assert_eq!(world.get().applied.len(), 1, "the backup has no undo: {:?}", world.get().applied);
    let stopped = ended.state.writes_stopped_for;
    assert!(
        stopped >= Duration::from_secs(600) && stopped < Duration::from_secs(610),
        "{stopped:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_budget_past_the_point_of_no_return_is_only_recorded() {
    let world = World::default();
    let mut runbook = cutover();
    let start = runbook.phases[1].steps.last_mut().unwrap();
    start.timeout = Duration::from_secs(3_600);
    world.get().temper("start-writers").takes = Duration::from_secs(1_800);
    let ended = Trial::new(&Arc::new(runbook), &world).end().await;
    assert_eq!(ended.count("budget-exceeded"), 1);
    assert_eq!(ended.state.verdict(), Some(&Verdict::Done));
}

#[tokio::test(start_paused = true)]
async fn time_without_a_console_counts_against_the_budget() {
    let runbook = Arc::new(cutover());
    let world = World::default();
    let whole = Trial::new(&runbook, &world).end().await;
    let started = |event: &Event| matches!(&event.kind, EventKind::StepStarted { step, .. } if step.as_str() == "sync");
    let after = whole.frames.iter().position(|(event, _)| started(event)).unwrap() + 1;
    let (mut past, world) =
        super::crash::wreck(&runbook, &[], &whole.frames, after, super::crash::Flight::Lost);
    for event in &mut past {
        event.at -= Duration::from_secs(700);
    }
    past.last_mut().unwrap().at += Duration::from_secs(699);
    let ended = Trial::new(&runbook, &world).resumed(past).end().await;
    assert!(
        matches!(ended.state.verdict(), Some(Verdict::Undone { .. })),
        "{:?}",
        ended.state.mode()
    );
    assert!(!world.get().log.contains(&"perform sync".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_phase_has_a_budget_and_a_checkpoint_of_its_own() {
    let slow = Step { timeout: Duration::from_secs(900), ..step("slow") };
    let mut runbook = book(vec![phase("first", vec![slow])]);
    runbook.phases[0].checkpoint = Some(Duration::from_secs(60));
    runbook.phases[0].budget = Some(Duration::from_secs(300));
    let world = World::default();
    world.get().temper("slow").takes = Duration::from_secs(200);
    let runbook = Arc::new(runbook);
    let ended = Trial::new(&runbook, &world).end().await;
    assert_eq!((ended.count("checkpoint-missed"), ended.count("budget-exceeded")), (1, 0));
    assert_eq!(ended.state.verdict(), Some(&Verdict::Done));

    let world = World::default();
    world.get().temper("slow").takes = Duration::from_secs(800);
    let ended = Trial::new(&runbook, &world).end().await;
    assert_eq!((ended.count("checkpoint-missed"), ended.count("budget-exceeded")), (1, 1));
    assert!(matches!(ended.state.verdict(), Some(Verdict::Undone { .. })));
}
