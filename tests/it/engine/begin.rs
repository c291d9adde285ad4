//! A person who sits at a run is waited for before anything changes; an undo waits for nobody.

use std::sync::Arc;

use pgcutover::model::{
    Command, Confirm, Decision, Event, EventKind, Mode, Move, Opening, RunState, Runbook,
    StepStatus, StopReason, Verb, Verdict, next,
};

use super::book::{acting, gate};
use super::bot::{Ended, Trial, agreeable, decide_as};
use super::crash::{Flight, wreck};
use super::world::World;

/// A run at a console.
pub(super) fn sat_at(runbook: &Arc<Runbook>, world: &World) -> Trial {
    let mut trial = Trial::new(runbook, world);
    trial.options.attended = true;
    trial
}

/// Whoever is asked goes away instead.
fn leaves_when_asked(_: &Runbook, _: &RunState, event: &Event) -> Vec<Command> {
    match &event.kind {
        EventKind::ConfirmationAsked { .. } => {
            vec![Command::Stop { reason: StopReason::Detached }]
        }
        _ => Vec::new(),
    }
}

/// What was asked, in order.
fn asked(ended: &Ended, old: usize) -> Vec<(&str, &Confirm)> {
    let new = ended.told[old..].iter();
    new.filter_map(|event| match &event.kind {
        EventKind::ConfirmationAsked { step, confirm } => Some((step.as_str(), confirm)),
        _ => None,
    })
    .collect()
}

#[tokio::test(start_paused = true)]
async fn nothing_changes_before_a_person_said_so() {
    let (runbook, world) = (Arc::new(acting()), World::default());
    let ended = sat_at(&runbook, &world).with(leaves_when_asked).end().await;
    assert_eq!(*ended.state.mode(), Mode::Stopped(StopReason::Detached));
    assert!(world.get().applied.is_empty());
    assert_eq!(ended.count("step-started"), 0);
    // of two that stand side by side one asks for both
    assert_eq!(asked(&ended, 0).len(), 1, "{:#?}", ended.names());
    assert_eq!(*asked(&ended, 0)[0].1, Confirm::Enter);
}

#[tokio::test(start_paused = true)]
async fn what_only_looks_goes_on_without_an_answer() {
    let mut runbook = acting();
    runbook.phases[0].parallel = false;
    runbook.phases[0].steps[0].verb = Verb::Check;
    let (runbook, world) = (Arc::new(runbook), World::default());
    let ended = sat_at(&runbook, &world).with(leaves_when_asked).end().await;
    let started = ended.has(
        |kind| matches!(kind, EventKind::StepStarted { step, .. } if step.as_str() == "deploy"),
    );
    assert!(started);
    assert_eq!(asked(&ended, 0), [("backup", &Confirm::Enter)]);
}

#[tokio::test(start_paused = true)]
async fn the_first_answer_begins_the_run_and_nothing_more_is_asked_than_the_runbook_says() {
    let (runbook, world) = (Arc::new(acting()), World::default());
    let ended = sat_at(&runbook, &world).end().await;
    assert_eq!(ended.state.verdict(), Some(&Verdict::Done));
    let asked: Vec<&str> = asked(&ended, 0).into_iter().map(|(step, _)| step).collect();
    assert_eq!(asked[1..], ["stop-writers", "switch", "decommission"]);
    let names = ended.names();
    let first = |name: &str| names.iter().position(|known| known.starts_with(name));
    assert!(first("confirmed") < first("step-started"), "{names:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_first_step_with_a_question_of_its_own_is_not_asked_twice() {
    let mut runbook = acting();
    runbook.phases[0].parallel = false;
    runbook.phases[0].steps[0].confirm = Confirm::Yes;
    let (runbook, world) = (Arc::new(runbook), World::default());
    let ended = sat_at(&runbook, &world).end().await;
    let told = asked(&ended, 0);
    assert_eq!(told[..2], [("deploy", &Confirm::Yes), ("stop-writers", &Confirm::Yes)]);
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_shuts_behind_the_answer_is_waited_for_and_asks_no_second_time() {
    let mut runbook = acting();
    runbook.phases[0].parallel = false;
    runbook.phases[0].steps[0].gates = vec![gate("room")];
    let (runbook, world) = (Arc::new(runbook), World::default());
    let shuts = world.clone();
    let ended = sat_at(&runbook, &world)
        .with(move |runbook, state, event| {
            let mut inner = shuts.get();
            match &event.kind {
                EventKind::Confirmed { step, .. } if step.as_str() == "deploy" => {
                    inner.shut.insert("room".into(), Opening::Held);
                }
                EventKind::GateHeld { .. } => inner.shut.clear(),
                _ => {}
            }
            drop(inner);
            agreeable(runbook, state, event)
        })
        .end()
        .await;
    assert_eq!(ended.state.verdict(), Some(&Verdict::Done));
    let deploy = asked(&ended, 0).iter().filter(|(step, _)| *step == "deploy").count();
    assert_eq!(deploy, 1, "{:#?}", ended.names());
}

/// The same, where writes flow all the time, so that whoever leaves undoes nothing.
fn flowing() -> Runbook {
    let mut runbook = acting();
    runbook.phases[1].steps.iter_mut().for_each(|step| step.stops_writes = false);
    runbook
}

/// The run up to its `sync`, whose console died amid it.
async fn died_in_sync(runbook: &Arc<Runbook>, flight: Flight) -> (Vec<Event>, World) {
    let whole = Trial::new(runbook, &World::default()).end().await;
    let begun = |kind: &EventKind| matches!(kind, EventKind::StepStarted { step, .. } if step.as_str() == "sync");
    let after = whole.frames.iter().position(|(event, _)| begun(&event.kind)).unwrap() + 1;
    wreck(runbook, &[], &whole.frames, after, flight)
}

#[tokio::test(start_paused = true)]
async fn a_step_in_doubt_waits_for_a_person_before_it_is_done_again() {
    let runbook = Arc::new(flowing());
    let (past, world) = died_in_sync(&runbook, Flight::Lost).await;
    let before = world.get().applied.clone();
    let left = sat_at(&runbook, &world).with(leaves_when_asked).resumed(past.clone()).end().await;
    assert_eq!(asked(&left, past.len()), [("sync", &Confirm::Enter)]);
    assert_eq!(world.get().applied, before);
    assert_eq!(left.state.step(&"sync".into()).status, StepStatus::InDoubt);

    let past = left.journal(&past);
    let old = past.len();
    let ended = sat_at(&runbook, &world).resumed(past).end().await;
    assert_eq!(ended.state.verdict(), Some(&Verdict::Done));
    let told: Vec<&str> = asked(&ended, old).into_iter().map(|(step, _)| step).collect();
    assert_eq!(told, ["sync", "switch", "decommission"]);
    assert_eq!(ended.state.step(&"sync".into()).attempt, 1);
    assert_eq!(world.get().wrong, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_step_that_happened_after_all_is_asked_for_once_and_not_done_again() {
    let runbook = Arc::new(acting());
    let (past, world) = died_in_sync(&runbook, Flight::Applied).await;
    let old = past.len();
    let ended = sat_at(&runbook, &world).resumed(past).end().await;
    assert_eq!(ended.state.verdict(), Some(&Verdict::Done));
    let told: Vec<&str> = asked(&ended, old).into_iter().map(|(step, _)| step).collect();
    assert_eq!(told, ["sync", "switch", "decommission"]);
    assert_eq!(world.get().wrong, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_script_waits_for_nobody() {
    let runbook = Arc::new(acting());
    let (past, world) = died_in_sync(&runbook, Flight::Lost).await;
    let old = past.len();
    let ended = Trial::new(&runbook, &world).resumed(past).end().await;
    let told: Vec<&str> = asked(&ended, old).into_iter().map(|(step, _)| step).collect();
    assert_eq!(told, ["switch", "decommission"]);
}

#[tokio::test(start_paused = true)]
async fn whoever_decides_about_a_step_that_failed_is_not_asked_to_begin_as_well() {
    let (runbook, world) = (Arc::new(flowing()), World::default());
    world.get().temper("sync").fails = 1;
    let first = Trial::new(&runbook, &world).with(|runbook, state, event| match &event.kind {
        EventKind::StepFailed { .. } => vec![Command::Stop { reason: StopReason::Detached }],
        _ => agreeable(runbook, state, event),
    });
    let left = first.end().await;
    assert_eq!(*left.state.mode(), Mode::Stopped(StopReason::Detached));
    let past = left.journal(&[]);
    let old = past.len();
    let ended = sat_at(&runbook, &world)
        .with(|runbook, state, event| decide_as(&[Decision::Retry], runbook, state, event))
        .resumed(past)
        .end()
        .await;
    assert_eq!(ended.state.verdict(), Some(&Verdict::Done));
    let told: Vec<&str> = asked(&ended, old).into_iter().map(|(step, _)| step).collect();
    assert_eq!(told, ["switch", "decommission"]);
}

#[tokio::test(start_paused = true)]
async fn an_undo_that_is_taken_up_again_waits_for_nobody() {
    let (runbook, world) = (Arc::new(acting()), World::default());
    world.get().temper("sync").fails = 99;
    let whole = Trial::new(&runbook, &world).end().await;
    let undoing = |kind: &EventKind| matches!(kind, EventKind::UndoStarted { .. });
    let after = whole.frames.iter().position(|(event, _)| undoing(&event.kind)).unwrap() + 1;
    let (past, world) = wreck(&runbook, &[], &whole.frames, after, Flight::Lost);
    let ended = sat_at(&runbook, &world).with(|_, _, _| Vec::new()).resumed(past).end().await;
    assert!(matches!(ended.state.verdict(), Some(Verdict::Undone { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_fact_that_nobody_allowed_is_refused() {
    let (runbook, world) = (Arc::new(acting()), World::default());
    let ended = sat_at(&runbook, &world).with(leaves_when_asked).end().await;
    let asks = ended.told.iter().position(|it| it.kind.name() == "confirmation-asked").unwrap();
    let mut state = RunState::fold(&runbook, &ended.told[..asks]).unwrap();
    let Some(Move::Ask(step)) =
        next(&runbook, &state).into_iter().find(|it| matches!(it, Move::Ask(_)))
    else {
        panic!("{:?}", next(&runbook, &state))
    };
    let kind = EventKind::StepStarted { step, attempt: 1, before: serde_json::Value::Null };
    let event = Event { kind, ..ended.told[asks].clone() };
    assert!(state.apply(&runbook, &event).is_err());
}
