//! Random runbooks in random worlds, crashed anywhere.

use std::sync::Arc;
use std::time::Duration;

use pgcutover::model::{Confirm, Effects, OnFailure, Phase, Retry, Runbook, Step, Undo, Verb};
use proptest::prelude::*;
use proptest::sample::Index;

use super::begin::sat_at;
use super::book::{book, gate, job, phase};
use super::bot::Trial;
use super::crash::{Flight, assert_same, fits, wreck};
use super::world::{Inner, Temper, World};

/// A step and its temper; the point of no return and the fence are put in later.
fn any_step() -> impl Strategy<Value = (Step, Temper)> {
    let confirm =
        prop_oneof![Just(Confirm::None), Just(Confirm::Yes), Just(Confirm::Name("x".into()))];
    let on_failure =
        prop_oneof![Just(OnFailure::Ask), Just(OnFailure::UndoAll), Just(OnFailure::Continue)];
    let undo = prop_oneof![4 => Just(Undo::Former), 1 => Just(Undo::Nothing)];
    let verb = prop_oneof![2 => Just(Verb::Check), 1 => Just(job())];
    let shape = (confirm, on_failure, undo, any::<bool>(), 0..3_u32, 0..3_usize, 0..2_usize);
    (shape, verb, any_temper()).prop_map(|(shape, verb, temper)| {
        let (confirm, on_failure, undo, skippable, retries, gates, expects) = shape;
        let times = if temper.fails < 9 { temper.fails } else { retries };
        let it = Step {
            confirm,
            on_failure,
            undo,
            skippable,
            retry: Retry { times, delay: Duration::from_secs(3) },
            gates: (0..gates).map(|number| gate(&format!("before-{number}"))).collect(),
            expect: (0..expects).map(|number| gate(&format!("after-{number}"))).collect(),
            ..Step::of("?", verb)
        };
        (it, temper)
    })
}

/// A step that fails does so for ever, or not longer than it is tried again: else a crash changes what comes out, and rightly.
fn any_temper() -> impl Strategy<Value = Temper> {
    let fails = prop_oneof![6 => Just(0_u32), 1 => Just(1), 1 => Just(2), 2 => Just(9_999)];
    let effects = prop_oneof![3 => Just(Effects::Maybe), 1 => Just(Effects::None)];
    let undo_fails = prop_oneof![8 => Just(0_u32), 1 => Just(2), 1 => Just(9_999)];
    (fails, effects, any::<bool>(), undo_fails, 0..3_u64).prop_map(
        |(fails, effects, dirty, undo_fails, takes)| Temper {
            takes: Duration::from_secs(takes),
            fails,
            fails_dirty: dirty && effects == Effects::Maybe,
            effects,
            undo_fails,
            ..Temper::default()
        },
    )
}

prop_compose! {
    fn any_case()(
        phases in prop::collection::vec((any::<bool>(), prop::collection::vec(any_step(), 1..4)), 1..4),
        fence in any::<Index>(),
        flow in any::<Index>(),
    ) -> (Runbook, Inner) {
        let mut inner = Inner::default();
        let mut made: Vec<Phase> = Vec::new();
        for (number, (parallel, steps)) in phases.into_iter().enumerate() {
            let mut of_phase = Vec::new();
            for (place, (it, temper)) in steps.into_iter().enumerate() {
                let id = format!("s{number}{place}");
                inner.tempers.insert(id.as_str().into(), undoable_after_a_crash(temper, parallel));
                of_phase.push(Step { id: id.as_str().into(), ..it });
            }
            made.push(Phase { parallel, ..phase(&format!("p{number}"), of_phase) });
        }
        mark(&mut made, fence, |it| { it.stops_writes = true; it.undo = Undo::Former; });
        mark(&mut made, flow, |it| { it.resumes_writes = true; it.point_of_no_return = true; });
        let made = book(made);
        // What is known to have changed nothing was no point of no return; after a crash that is not known.
        for (_, it) in made.steps().filter(|(_, it)| it.point_of_no_return) {
            inner.tempers.entry(it.id.clone()).or_default().effects = Effects::Maybe;
        }
        (made, inner)
    }
}

/// A step that is cancelled, or says that nothing changed, need not be undone; after a crash nobody knows that, and it is undone.
/// So an undo that fails for ever makes a difference there, and rightly.
fn undoable_after_a_crash(temper: Temper, parallel: bool) -> Temper {
    if parallel || temper.effects == Effects::None {
        Temper { undo_fails: temper.undo_fails.min(2), ..temper }
    } else {
        temper
    }
}

/// Changes a step of a phase that is not parallel, where there is one.
fn mark(phases: &mut [Phase], index: Index, change: impl Fn(&mut Step)) {
    let mut steps: Vec<_> =
        phases.iter_mut().filter(|phase| !phase.parallel).flat_map(|it| &mut it.steps).collect();
    if !steps.is_empty() {
        let place = index.index(steps.len());
        change(steps[place]);
    }
}

async fn crash_at(
    runbook: Runbook,
    inner: Inner,
    place: Index,
    flight: Flight,
    trial: fn(&Arc<Runbook>, &World) -> Trial,
) {
    let runbook = Arc::new(runbook);
    let world = World::of(inner);
    let whole = trial(&runbook, &world).end().await;
    fits(&runbook, &whole, &world);
    if whole.frames.len() < 2 {
        return;
    }
    let after = 1 + place.index(whole.frames.len() - 1);
    let (past, world) = wreck(&runbook, &[], &whole.frames, after, flight);
    let resumed = trial(&runbook, &world).resumed(past).end().await;
    fits(&runbook, &resumed, &world);
    let case = format!("after {after} {flight:?}: {:#?}", resumed.names());
    assert_same(whole.state.verdict().unwrap(), resumed.state.verdict(), &case);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_crash_changes_no_verdict_and_does_nothing_twice(
        (runbook, inner) in any_case(),
        place in any::<Index>(),
        applied in any::<bool>(),
        attended in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let flight = if applied { Flight::Applied } else { Flight::Lost };
        let trial = if attended { sat_at } else { Trial::new };
        runtime.block_on(crash_at(runbook, inner, place, flight, trial));
    }
}
