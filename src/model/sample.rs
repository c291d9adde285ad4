//! A small plan and its events, for tests.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Cluster, Confirm, Connection, Digest, Event, EventKind, Gate, Outcome, Phase, RunState,
    Runbook, Seq, Step, Store, StoreKind, Verb, Watch, When, Window,
};

/// Three steps: `prepare` (asks nothing), then in the window `stop` (asks for yes) and `switch` (asks for a name).
pub(crate) fn runbook() -> Runbook {
    let store = Store {
        kind: StoreKind::Postgres,
        workload: None,
        connection: Connection::Uri { uri: "postgres://x".into() },
        extensions: Vec::new(),
    };
    Runbook {
        name: "orders".into(),
        title: "Orders".into(),
        cluster: Cluster { namespace: "orders".into() },
        blue: store.clone(),
        green: store,
        traffic: None,
        watch: Watch {
            tables: Vec::new(),
            exclude: BTreeMap::new(),
            refresh: Duration::from_secs(2),
        },
        window: Window { budget: Duration::from_secs(600), opens: None, closes: None },
        phases: vec![
            phase("before", false, vec![step("prepare", Confirm::None)]),
            phase(
                "cutover",
                true,
                vec![
                    Step { stops_writes: true, ..step("stop", Confirm::Yes) },
                    Step {
                        point_of_no_return: true,
                        gates: vec![Gate::RowsEqual],
                        ..step("switch", Confirm::Name("orders-db".into()))
                    },
                ],
            ),
        ],
    }
}

fn phase(id: &str, window: bool, steps: Vec<Step>) -> Phase {
    Phase {
        id: id.into(),
        title: id.into(),
        window,
        parallel: false,
        budget: None,
        checkpoint: None,
        steps,
    }
}

fn step(id: &str, confirm: Confirm) -> Step {
    Step { confirm, ..Step::of(id, Verb::Check) }
}

/// The events of a run that did some steps and then came to `last`; whatever must lie between is put there.
pub(crate) fn events(book: &Runbook, done: &[&str], last: EventKind) -> Vec<Event> {
    let plan = Digest::from("abc");
    let mut kinds = vec![EventKind::RunStarted {
        profile: "orders".into(),
        plan,
        operator: "alice".into(),
        attended: false,
    }];
    for phase in &book.phases {
        kinds.push(EventKind::PhaseStarted { phase: phase.id.clone() });
        for step in &phase.steps {
            let reached = done.contains(&step.id.as_str());
            let leads = last.step() == Some(&step.id);
            if reached || leads {
                kinds.extend(way(step, reached, &last));
            }
        }
        if phase.steps.iter().any(|step| last.step() == Some(&step.id)) {
            break;
        }
        kinds.push(EventKind::PhaseFinished { phase: phase.id.clone() });
    }
    kinds.push(last);
    kinds.into_iter().zip(1..).map(|(kind, seq)| at(seq, kind)).collect()
}

/// What happens to a step before `last`, or to its end.
fn way(step: &Step, to_end: bool, last: &EventKind) -> Vec<EventKind> {
    let id = step.id.clone();
    let mut kinds = Vec::new();
    let fails = matches!(last, EventKind::StepFailed { .. });
    if matches!(last, EventKind::GateHeld { .. }) && !to_end {
        return kinds;
    }
    if !step.gates.is_empty() {
        kinds.push(EventKind::GatePassed {
            step: id.clone(),
            when: When::Before,
            judgements: Vec::new(),
        });
    }
    if to_end || fails {
        if step.confirm != Confirm::None {
            kinds.push(EventKind::ConfirmationAsked {
                step: id.clone(),
                confirm: step.confirm.clone(),
            });
            kinds.push(EventKind::Confirmed { step: id.clone(), by: "alice".into() });
        }
        kinds.push(EventKind::StepStarted { step: id.clone(), attempt: 1, before: Value::Null });
    }
    if to_end {
        kinds.push(EventKind::StepFinished { step: id, outcome: Outcome::default() });
    }
    kinds
}

/// An event at its place.
pub(crate) fn at(seq: u64, kind: EventKind) -> Event {
    let elapsed = Duration::from_secs(seq);
    Event { seq: Seq(seq), at: Timestamp::UNIX_EPOCH + elapsed, elapsed, kind }
}

/// The fold of [`events`].
pub(crate) fn state(book: &Runbook, done: &[&str], last: EventKind) -> RunState {
    let events = events(book, done, last);
    RunState::fold(book, &events).unwrap()
}
