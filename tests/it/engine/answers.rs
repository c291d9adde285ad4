//! What the operator answers and decides, and what of it is declined.

use std::time::Duration;

use pgcutover::model::{
    Answer, Command, Confirm, Decision, Event, EventKind, FailureKind, Opening, Retry, Seq, Step,
    Verdict,
};

use super::book::{gate, only, step};
use super::bot::{Trial, agreeable, failure, yes};
use super::world::{World, later};

#[tokio::test(start_paused = true)]
async fn a_gate_that_holds_after_the_confirmation_voids_it() {
    let runbook =
        only(vec![Step { gates: vec![gate("content")], confirm: Confirm::Yes, ..step("switch") }]);
    let world = World::default();
    let shuts = world.clone();
    let trial = Trial::new(&runbook, &world).with(move |runbook, state, event| {
        if event.seq == Seq(4) {
            shuts.get().shut.insert("content".into(), Opening::Held);
        }
        agreeable(runbook, state, event)
    });
    let opens = later(world.clone(), 60, |world| {
        world.get().shut.clear();
    });
    let (ended, ()) = tokio::join!(trial.end(), opens);
    assert_eq!(
        ended.names()[2..],
        [
            "gate-passed switch",
            "confirmation-asked switch",
            "confirmed switch",
            "gate-passed switch",
            "confirmation-asked switch",
            "confirmed switch",
            "gate-passed switch",
            "step-started switch",
            "step-finished switch",
            "phase-finished",
            "run-finished"
        ]
    );
    assert_eq!(ended.count("gate-held"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_or_late_answer_is_declined_and_the_question_stays() {
    let runbook = only(vec![Step { confirm: Confirm::Name("orders".into()), ..step("switch") }]);
    let world = World::default();
    let trial = Trial::new(&runbook, &world).with(|_, _, event| {
        let say =
            |answer: Answer, asked: Seq| Command::Answer { step: "switch".into(), answer, asked };
        if let EventKind::ConfirmationAsked { confirm, .. } = &event.kind {
            vec![
                say(Answer::Typed("order".into()), event.seq),
                say(Answer::Cancel, event.seq),
                say(yes(confirm), Seq(event.seq.0 - 1)),
                say(yes(confirm), event.seq),
                say(yes(confirm), event.seq),
                Command::Answer { step: "nothing".into(), answer: Answer::Enter, asked: event.seq },
            ]
        } else {
            Vec::new()
        }
    });
    let ended = trial.end().await;
    let why: Vec<String> = ended
        .told
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Declined { why, .. } | EventKind::Refused { why, .. } => Some(why.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(
        why,
        [
            "asks for the name `orders`, not `order`",
            "cancelled",
            "the answer is to an older question",
            "nothing is asked of it now",
            "the runbook has no step `nothing`",
        ]
    );
    assert_eq!(ended.state.verdict(), Some(&Verdict::Done));
}

#[tokio::test(start_paused = true)]
async fn a_confirmation_holds_for_the_retries_that_follow() {
    let runbook = only(vec![Step {
        confirm: Confirm::Yes,
        retry: Retry { times: 2, delay: Duration::from_secs(30) },
        gates: vec![gate("room")],
        ..step("switch")
    }]);
    let world = World::default();
    world.get().temper("switch").fails = 2;
    let ended = Trial::new(&runbook, &world).end().await;
    assert_eq!(ended.count("confirmation-asked"), 1);
    assert_eq!(ended.state.step(&"switch".into()).attempt, 3);
    assert!(ended.told.last().unwrap().elapsed >= Duration::from_secs(60), "it waits in between");
}

#[tokio::test(start_paused = true)]
async fn a_mend_is_applied_to_what_failed_and_to_what_is_held() {
    let runbook = only(vec![step("pull"), Step { gates: vec![gate("room")], ..step("move") }]);
    let world = World::default();
    world.get().temper("pull").fails = 99;
    world.get().temper("pull").mendable = true;
    world.get().shut.insert("room".into(), Opening::Held);
    let ended = Trial::new(&runbook, &world)
        .with(|_, _, event| match &event.kind {
            EventKind::StepFailed { step, .. } | EventKind::GateHeld { step, .. } => {
                vec![Command::Decide { step: step.clone(), decision: Decision::Mend }]
            }
            _ => Vec::new(),
        })
        .end()
        .await;
    assert_eq!(
        world.get().log,
        ["perform pull", "mend pull", "perform pull", "mend room", "perform move"]
    );
    assert_eq!(ended.state.verdict(), Some(&Verdict::Done));
    let from_disk = pgcutover::model::RunState::fold(&runbook, &ended.journal(&[])).unwrap();
    assert_eq!(from_disk.verdict(), Some(&Verdict::Done), "the journal alone tells the same");
}

#[tokio::test(start_paused = true)]
async fn a_decision_that_cannot_be_taken_is_declined_with_the_reason() {
    let last = Step { point_of_no_return: true, ..step("last") };
    let runbook = only(vec![step("first"), last]);
    let world = World::default();
    world.get().temper("last").fails = 1;
    let ended = Trial::new(&runbook, &world)
        .with(|_, _, event| match &event.kind {
            EventKind::StepFailed { step, .. } => {
                let decide = |decision| Command::Decide { step: step.clone(), decision };
                vec![
                    Command::Decide { step: "first".into(), decision: Decision::Retry },
                    decide(Decision::Skip),
                    decide(Decision::Undo),
                    decide(Decision::Happened),
                    decide(Decision::Mend),
                    decide(Decision::Retry),
                ]
            }
            _ => Vec::new(),
        })
        .end()
        .await;
    let why: Vec<String> = ended
        .told
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Declined { why, .. } => Some(why.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(
        why,
        [
            "it has neither failed nor is it in doubt",
            "the runbook does not let it be skipped",
            "the point of no return is passed",
            "it failed, so it is not in doubt",
            "nothing that mends it is offered",
        ]
    );
    assert_eq!(ended.state.verdict(), Some(&Verdict::Done));
}

#[tokio::test(start_paused = true)]
async fn the_operator_says_what_the_world_cannot_tell() {
    for (decision, performs) in [(Decision::Happened, 0), (Decision::Retry, 1)] {
        let runbook = only(vec![step("odd"), step("next")]);
        let world = World::default();
        world.get().temper("odd").opaque = true;
        let whole = Trial::new(&runbook, &world).end().await;
        let past: Vec<Event> = whole.journal(&[]).into_iter().take(3).collect();
        let world = World::default();
        world.get().temper("odd").opaque = true;
        let ended = Trial::new(&runbook, &world)
            .resumed(past)
            .with(move |_, _, event| match &event.kind {
                EventKind::StepInDoubt { step, .. } => {
                    vec![Command::Decide { step: step.clone(), decision }]
                }
                _ => Vec::new(),
            })
            .end()
            .await;
        let done = |log: &[String]| log.iter().filter(|line| *line == "perform odd").count();
        assert_eq!(done(&world.get().log), performs);
        assert_eq!(ended.state.verdict(), Some(&Verdict::Done));
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_operator_says_happened_is_not_done_again_when_its_expectations_stay_shut() {
    let runbook = only(vec![Step {
        expect: vec![gate("gone")],
        retry: Retry { times: 3, delay: Duration::ZERO },
        ..step("odd")
    }]);
    let past = Trial::new(&runbook, &World::default()).end().await.journal(&[])[..3].to_vec();
    let world = World::default();
    world.get().temper("odd").opaque = true;
    world.get().shut.insert("gone".into(), Opening::Held);
    let ended = Trial::new(&runbook, &world)
        .resumed(past)
        .with(|_, _, event| match &event.kind {
            EventKind::StepInDoubt { step, .. } => {
                vec![Command::Decide { step: step.clone(), decision: Decision::Happened }]
            }
            EventKind::StepFailed { step, .. } => {
                vec![Command::Decide { step: step.clone(), decision: Decision::Undo }]
            }
            _ => Vec::new(),
        })
        .end()
        .await;
    assert_eq!(failure(&ended).kind, FailureKind::GateShut);
    assert_eq!(world.get().log, ["probe odd", "undo odd"]);
}
