//! Looking at the gates of a step once more while it asks.

use std::sync::Arc;

use pgcutover::model::{
    Command, Event, EventKind, Opening, RunState, Runbook, StepStatus, Verdict,
};

use super::book::cutover;
use super::bot::{Trial, agreeable, yes};
use super::world::World;

const STEP: &str = "switch";

fn look() -> Vec<Command> {
    vec![Command::Look { step: STEP.into() }]
}

/// Answers the question that stands, when its gates were looked at.
fn answer(runbook: &Runbook, state: &RunState) -> Vec<Command> {
    let (step, known) = (runbook.step(&STEP.into()).unwrap(), state.step(&STEP.into()));
    let asked = known.asked.filter(|_| known.status == StepStatus::Asked);
    let say = |asked| Command::Answer { step: STEP.into(), answer: yes(&step.confirm), asked };
    asked.map(say).into_iter().collect()
}

fn is_of_the_step(event: &Event) -> bool {
    event.kind.step().is_some_and(|step| step.as_str() == STEP)
}

#[tokio::test(start_paused = true)]
async fn gates_that_are_still_open_leave_the_question_as_it_is() {
    let runbook = Arc::new(cutover());
    let operator = |runbook: &Runbook, state: &RunState, event: &Event| match &event.kind {
        EventKind::ConfirmationAsked { .. } if is_of_the_step(event) => look(),
        EventKind::GatePassed { .. } if is_of_the_step(event) => answer(runbook, state),
        _ => agreeable(runbook, state, event),
    };
    let ended = Trial::new(&runbook, &World::default()).with(operator).end().await;
    assert_eq!(ended.state.verdict(), Some(&Verdict::Done));
    let names = ended.names();
    let of = |name: &str| names.iter().filter(|known| *known == name).count();
    assert_eq!(of("confirmation-asked switch"), 1, "{names:?}");
    assert!(of("gate-passed switch") >= 2, "{names:?}");
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_shut_meanwhile_takes_the_question_back() {
    let (runbook, world) = (Arc::new(cutover()), World::default());
    let hands = world.clone();
    let operator = move |runbook: &Runbook, state: &RunState, event: &Event| match &event.kind {
        EventKind::ConfirmationAsked { .. } if is_of_the_step(event) => {
            let first = !hands.get().log.contains(&"shut".to_owned());
            if !first {
                return agreeable(runbook, state, event);
            }
            hands.get().log.push("shut".to_owned());
            hands.get().shut.insert("content".into(), Opening::Held);
            look()
        }
        EventKind::GateHeld { .. } if is_of_the_step(event) => {
            assert_eq!(state.step(&STEP.into()).asked, None);
            hands.get().shut.clear();
            Vec::new()
        }
        _ => agreeable(runbook, state, event),
    };
    let ended = Trial::new(&runbook, &world).with(operator).end().await;
    assert_eq!(ended.state.verdict(), Some(&Verdict::Done));
    let asked = ended.names().iter().filter(|name| *name == "confirmation-asked switch").count();
    assert_eq!(asked, 2);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_looked_at_where_nothing_is_asked() {
    let runbook = Arc::new(cutover());
    let operator = |runbook: &Runbook, state: &RunState, event: &Event| match &event.kind {
        EventKind::StepStarted { .. } => look(),
        _ => agreeable(runbook, state, event),
    };
    let ended = Trial::new(&runbook, &World::default()).with(operator).end().await;
    assert_eq!(ended.state.verdict(), Some(&Verdict::Done));
    assert_eq!(ended.count("refused"), 0);
}
