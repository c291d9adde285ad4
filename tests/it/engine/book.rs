//! Small runbooks.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use pgcutover::model::{
    Cluster, Confirm, Connection, Gate, Manifest, Phase, Retry, Runbook, Side, Step, Store,
    StoreKind, Undo, Verb, Watch, Window,
};

pub(super) fn book(phases: Vec<Phase>) -> Runbook {
    let store = || Store {
        kind: StoreKind::Postgres,
        workload: None,
        connection: Connection::Uri { uri: "postgres://localhost/orders".into() },
        extensions: Vec::new(),
    };
    Runbook {
        name: "orders".into(),
        title: "Orders to PostgreSQL 18".into(),
        cluster: Cluster { namespace: "shop".into() },
        blue: store(),
        green: store(),
        traffic: None,
        watch: Watch {
            tables: Vec::new(),
            exclude: BTreeMap::new(),
            refresh: Duration::from_secs(2),
        },
        window: Window { budget: Duration::from_secs(600), opens: None, closes: None },
        phases,
    }
}

pub(super) fn phase(id: &str, steps: Vec<Step>) -> Phase {
    Phase {
        id: id.into(),
        title: id.into(),
        window: false,
        parallel: false,
        budget: None,
        checkpoint: None,
        steps,
    }
}

pub(super) fn step(id: &str) -> Step {
    Step::of(id, Verb::Check)
}

pub(super) fn job() -> Verb {
    Verb::Job { manifest: Manifest { path: "job.yml".into(), documents: Vec::new() } }
}

/// A gate that the world in memory opens and shuts by name.
pub(super) fn gate(name: &str) -> Gate {
    Gate::Sql { side: Side::Blue, query: name.into(), expect: "t".into() }
}

/// A cutover in small: preparation in parallel, a window with a fence, a point of no return, a soak.
pub(crate) fn cutover() -> Runbook {
    let with = |step: Step, change: fn(&mut Step)| {
        let mut step = step;
        change(&mut step);
        step
    };
    let prepare = Phase {
        parallel: true,
        ..phase(
            "prepare",
            vec![
                with(step("deploy"), |it| it.gates = vec![gate("room")]),
                with(step("backup"), |it| {
                    it.retry = Retry { times: 1, delay: Duration::from_secs(5) };
                    it.undo = Undo::Nothing;
                }),
            ],
        )
    };
    let window = Phase {
        window: true,
        ..phase(
            "cutover",
            vec![
                with(step("stop-writers"), |it| {
                    it.confirm = Confirm::Yes;
                    it.stops_writes = true;
                    it.expect = vec![gate("pods-gone")];
                }),
                with(step("fence"), |it| it.stops_writes = true),
                Step::of("sync", job()),
                with(step("switch"), |it| {
                    it.confirm = Confirm::Name("orders".into());
                    it.gates = vec![gate("content"), gate("sequences")];
                }),
                with(step("start-writers"), |it| {
                    it.point_of_no_return = true;
                    it.resumes_writes = true;
                }),
            ],
        )
    };
    let after = phase(
        "after",
        vec![with(step("soak"), |it| it.skippable = true), {
            with(step("decommission"), |it| it.confirm = Confirm::Enter)
        }],
    );
    book(vec![prepare, window, after])
}

/// The same, where every step changes something but the soak.
pub(super) fn acting() -> Runbook {
    let mut book = cutover();
    let steps = book.phases.iter_mut().flat_map(|phase| &mut phase.steps);
    steps.filter(|step| step.id.as_str() != "soak").for_each(|step| step.verb = job());
    book
}

/// A plan with one phase.
pub(super) fn only(steps: Vec<Step>) -> Arc<Runbook> {
    Arc::new(book(vec![phase("only", steps)]))
}
