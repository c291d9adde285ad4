//! What the engine does with gates, answers, failures and time.

use std::sync::Arc;
use std::time::Duration;

use pgcutover::engine::{EngineError, Options, Run, drive};
use pgcutover::journal::{Append, JournalError};
use pgcutover::model::{
    Answer, Command, Confirm, Decision, Effects, Event, EventKind, FailureKind, Mode, OnFailure,
    Opening, Retry, Runbook, Seq, Step, StepStatus, Verdict, When,
};
use tokio::sync::mpsc;

use super::book::{book, cutover, gate, phase, step};
use super::bot::{Trial, agreeable, yes};
use super::world::World;

fn only(steps: Vec<Step>) -> Arc<Runbook> {
    Arc::new(book(vec![phase("only", steps)]))
}

fn failure(ended: &super::bot::Ended) -> pgcutover::model::Failure {
    let mut failures = ended.told.iter().rev().filter_map(|event| match &event.kind {
        EventKind::StepFailed { failure, .. } => Some(failure.clone()),
        _ => None,
    });
    failures.next().unwrap()
}

async fn later(world: World, seconds: u64, change: impl FnOnce(&World)) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    change(&world);
}

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
