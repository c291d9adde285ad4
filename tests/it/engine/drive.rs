//! What the engine does with gates, failures and aborts.

use std::sync::Arc;
use std::time::Duration;

use pgcutover::engine::{EngineError, Options, Run, drive};
use pgcutover::journal::{Append, JournalError};
use pgcutover::model::{
    Command, Confirm, Decision, Effects, Event, EventKind, FailureKind, Mode, OnFailure, Opening,
    Retry, Step, StepStatus, Verdict, When,
};
use tokio::sync::mpsc;

use super::book::{book, cutover, gate, only, phase, step};
use super::bot::{Trial, agreeable, failure};
use super::world::{World, later};

#[tokio::test(start_paused = true)]
async fn a_held_gate_is_told_on_change_and_opens_the_way_when_it_opens() {
    let runbook = only(vec![Step { gates: vec![gate("room"), gate("light")], ..step("move") }]);
    let world = World::default();
    world.get().shut.extend([("room".into(), Opening::Held), ("light".into(), Opening::Unknown)]);
    let run = Trial::new(&runbook, &world).end();
    let opens = later(world.clone(), 100, |world| {
        world.get().shut.remove("room");
    });
    let more = later(world.clone(), 200, |world| {
        world.get().shut.remove("light");
    });
    let (ended, (), ()) = tokio::join!(run, opens, more);
    assert_eq!(ended.count("gate-held"), 2, "{:#?}", ended.told);
    assert_eq!(ended.state.mode(), &Mode::Finished(Verdict::Done));
    let kept = ended.frames.iter().filter(|(event, _)| event.kind.name() == "gate-held").count();
    assert_eq!(kept, 2, "each of them is kept, since other gates hold");
    let waited = ended.told.last().unwrap().elapsed;
    assert!(waited >= Duration::from_secs(200) && waited < Duration::from_secs(205), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_step_that_cannot_be_prepared_was_never_started() {
    let runbook = only(vec![step("first"), step("second")]);
    let world = World::default();
    world.get().temper("second").unprepared = true;
    let ended = Trial::new(&runbook, &world).end().await;
    assert_eq!(failure(&ended).effects, Effects::None);
    assert_eq!(world.get().log, ["perform first", "undo first"]);
    assert!(matches!(ended.state.verdict(), Some(Verdict::Undone { .. })));
}

#[tokio::test(start_paused = true)]
async fn what_was_before_the_first_attempt_is_kept_for_the_undo() {
    let runbook =
        only(vec![Step { retry: Retry { times: 1, delay: Duration::ZERO }, ..step("scale") }]);
    let world = World::default();
    world.get().temper("scale").fails = 1;
    world.get().temper("scale").fails_dirty = true;
    let ended = Trial::new(&runbook, &world).end().await;
    let known = ended.state.step(&"scale".into());
    assert_eq!((known.attempt, &known.before.as_ref().unwrap()["was"]), (2, &false.into()));
}

#[tokio::test(start_paused = true)]
async fn a_step_that_takes_too_long_fails_and_is_undone() {
    for deaf in [false, true] {
        let runbook = only(vec![step("slow")]);
        let world = World::default();
        world.get().temper("slow").takes = Duration::from_secs(3_600);
        world.get().temper("slow").deaf = deaf;
        let ended = Trial::new(&runbook, &world).end().await;
        let failure = failure(&ended);
        assert_eq!(failure.kind, FailureKind::TimedOut);
        assert_eq!(failure.message, "it was not done within 60 s");
        let undone = world.get().log.contains(&"undo slow".to_owned());
        assert_eq!(undone, deaf, "one that says it changed nothing is not undone");
    }
}

#[tokio::test(start_paused = true)]
async fn an_expectation_that_stays_shut_fails_the_step_with_what_was_seen() {
    let runbook = only(vec![Step { expect: vec![gate("room"), gate("gone")], ..step("scale") }]);
    let world = World::default();
    world.get().shut.insert("gone".into(), Opening::Held);
    let ended = Trial::new(&runbook, &world).end().await;
    let failure = failure(&ended);
    assert_eq!(failure.kind, FailureKind::GateShut);
    assert_eq!(failure.to_string(), "gone did not open within 60 s: gone: gone is Held");
    let held = |kind: &EventKind| matches!(kind, EventKind::GateHeld { when: When::After, .. });
    assert!(ended.has(held));
    assert_eq!(world.get().log, ["perform scale", "undo scale"]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_verb_is_a_failure_that_may_have_had_effects() {
    let runbook = only(vec![step("odd")]);
    let world = World::default();
    world.get().temper("odd").panics = true;
    let ended = Trial::new(&runbook, &world).end().await;
    assert_eq!(failure(&ended).to_string(), "an error in this program ended it: odd panics");
    assert_eq!(world.get().log, ["undo odd"]);
}

#[tokio::test(start_paused = true)]
async fn steps_of_a_parallel_phase_run_side_by_side() {
    let steps = || (0..5).map(|number| step(&format!("s{number}"))).collect::<Vec<_>>();
    let mut side_by_side = book(vec![phase("only", steps())]);
    side_by_side.phases[0].parallel = true;
    for (runbook, seconds) in [(side_by_side, 1), (book(vec![phase("only", steps())]), 5)] {
        let ended = Trial::new(&Arc::new(runbook), &World::default()).end().await;
        assert_eq!(ended.told.last().unwrap().elapsed.as_secs(), seconds);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_among_parallel_steps_cancels_the_others_and_undoes_what_was_done() {
    let mut runbook = book(vec![phase("only", vec![step("bad"), step("long"), step("quick")])]);
    runbook.phases[0].parallel = true;
    runbook.phases[0].steps[0].on_failure = OnFailure::UndoAll;
    runbook.phases[0].steps[1].timeout = Duration::from_secs(7_200);
    let world = World::default();
    world.get().temper("bad").fails = 99;
    world.get().temper("bad").takes = Duration::from_secs(10);
    world.get().temper("long").takes = Duration::from_secs(3_600);
    let ended = Trial::new(&Arc::new(runbook), &world).end().await;
    assert!(matches!(ended.state.verdict(), Some(Verdict::Undone { .. })));
    assert!(ended.told.last().unwrap().elapsed < Duration::from_secs(20));
    assert_eq!(world.get().log, ["perform quick", "perform bad", "undo quick", "undo bad"]);
}

#[tokio::test(start_paused = true)]
async fn an_abort_waits_for_what_acts_and_leaves_alone_what_does_not_end() {
    let mut runbook = book(vec![phase("only", vec![step("deaf"), step("asks")])]);
    runbook.phases[0].parallel = true;
    runbook.phases[0].steps[0].timeout = Duration::from_secs(7_200);
    runbook.phases[0].steps[1].confirm = Confirm::Yes;
    let world = World::default();
    world.get().temper("deaf").takes = Duration::from_secs(3_600);
    world.get().temper("deaf").deaf = true;
    let ended = Trial::new(&Arc::new(runbook), &world)
        .with(|_, _, event| match event.kind {
            EventKind::StepStarted { .. } => vec![Command::Abort { why: "enough".into() }],
            _ => Vec::new(),
        })
        .end()
        .await;
    assert_eq!(failure(&ended).message, "it did not end when it was told to, and was left alone");
    assert_eq!(world.get().log, ["undo deaf"]);
    assert!(ended.told.last().unwrap().elapsed < Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn an_abort_past_the_point_of_no_return_ends_in_a_verdict_that_says_what_to_do() {
    let world = World::default();
    let ended = Trial::new(&Arc::new(cutover()), &world)
        .with(|runbook, state, event| match &event.kind {
            EventKind::StepStarted { step, .. } if step.as_str() == "soak" => {
                vec![Command::Abort { why: "smoke".into() }]
            }
            _ => agreeable(runbook, state, event),
        })
        .end()
        .await;
    let Some(Verdict::NotUndone { cause, todo, .. }) = ended.state.verdict() else {
        panic!("{:?}", ended.state.mode())
    };
    assert_eq!(cause, "aborted past the point of no return: smoke");
    assert_eq!(
        todo,
        "green may hold writes that blue lacks, so do not point clients back at blue: finish by hand what is \
         left, in this order: `soak`, `decommission`"
    );
    assert!(!world.get().log.iter().any(|line| line.starts_with("undo")));
}

/// A journal on a disk with room for so many events.
struct Small(Vec<Event>, usize);

impl Append for Small {
    fn keep(&mut self, event: &Event) -> Result<(), JournalError> {
        if self.0.len() >= self.1 {
            let source = std::io::Error::from(std::io::ErrorKind::StorageFull);
            return Err(JournalError::Full { path: "journal.jsonl".into(), source });
        }
        self.0.keep(event)
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_recorded_is_not_done() {
    let runbook = Arc::new(cutover());
    let whole = Trial::new(&runbook, &World::default()).end().await;
    for room in 0..whole.frames.len() {
        let world = World::default();
        let ended = Trial::new(&runbook, &world).on(Small(Vec::new(), room)).await;
        let stopped = match ended {
            Err(EngineError::Journal { writes_stopped, .. }) => writes_stopped,
            other => panic!("{other:?}"),
        };
        let kept = &whole.frames[..room];
        let begun = kept.iter().filter(|(event, _)| event.kind.name() == "step-started").count();
        let done = world.get().log.iter().filter(|line| line.starts_with("perform")).count();
        assert!(done <= begun, "room for {room}: {:#?}", world.get().log);
        let known = pgcutover::model::RunState::fold(&runbook, kept.iter().map(|(event, _)| event));
        assert_eq!(stopped, known.unwrap().writes_stopped_at.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn a_front_end_that_is_gone_does_not_stop_a_run() {
    let runbook = only(vec![step("first"), step("second")]);
    let (_operator, commands) = mpsc::unbounded_channel();
    let (events, told) = mpsc::unbounded_channel();
    drop(told);
    let state = drive(Run {
        run: "r".into(),
        runbook,
        journal: Vec::new(),
        past: Vec::new(),
        executor: Arc::new(World::default()),
        commands,
        events,
        options: Options::new("alice"),
    })
    .await
    .unwrap();
    assert_eq!(state.verdict(), Some(&Verdict::Done));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_has_ended_and_another_plan_are_refused() {
    let runbook = only(vec![step("first")]);
    let world = World::default();
    let past = Trial::new(&runbook, &world).end().await.journal(&[]);
    let again = Trial::new(&runbook, &world).resumed(past.clone()).try_end().await;
    assert!(matches!(again, Err(EngineError::Ended { verdict: Verdict::Done })));
    let other = only(vec![step("first"), step("second")]);
    let other = Trial::new(&other, &world).resumed(past).try_end().await;
    assert!(matches!(other, Err(EngineError::OtherPlan { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_failed_step_without_effects_leaves_the_way_back_open() {
    let steps = vec![
        Step { stops_writes: true, ..step("stop") },
        Step { point_of_no_return: true, ..step("switch") },
    ];
    let runbook = only(steps);
    let world = World::default();
    world.get().temper("switch").fails = 1;
    world.get().temper("switch").effects = Effects::None;
    let ended = Trial::new(&runbook, &world).end().await;
    assert!(matches!(ended.state.verdict(), Some(Verdict::Undone { .. })));
    assert_eq!(ended.state.step(&"switch".into()).status, StepStatus::Failed);
    assert_eq!(ended.state.writes_stopped_at, None);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_may_be_skipped_is_skipped_while_its_gate_is_held() {
    for skippable in [true, false] {
        let held = Step { gates: vec![gate("write")], skippable, ..step("first-write") };
        let runbook = only(vec![held, step("soak")]);
        let world = World::default();
        world.get().shut.insert("write".into(), Opening::Held);
        let trial = Trial::new(&runbook, &world).with(|book, state, event| match &event.kind {
            EventKind::GateHeld { step, .. } => {
                vec![Command::Decide { step: step.clone(), decision: Decision::Skip }]
            }
            EventKind::Declined { .. } => vec![Command::Abort { why: "it may not".into() }],
            _ => agreeable(book, state, event),
        });
        let ended = trial.end().await;
        let verdict = ended.state.verdict();
        assert_eq!(verdict == Some(&Verdict::Done), skippable, "{verdict:?}");
        let skipped = ended.state.step(&"first-write".into()).status == StepStatus::Skipped;
        assert_eq!((skipped, ended.count("step-skipped")), (skippable, usize::from(skippable)));
    }
}
