//! Gates that rest on an earlier comparison.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use pgcutover::lab::Installation;
use pgcutover::model::{
    Confirm, Gate, OnFailure, Opening, Outcome, Phase, PhaseId, Retry, RunState, Side, Step,
    StepId, Undo, Verb, VerifyScope,
};
use pgcutover::observe::look;
use pgcutover::verify::sides;
use pgcutover::world::{Access, SessionKind};

use crate::support::{Server, installations, runbook, store, uri, world_of};

/// Statistics lose nothing from PostgreSQL 15 on.
fn counts_all(installation: &Installation) -> bool {
    installation.version.major >= 15
}

const SCOPES: [VerifyScope; 1] = [VerifyScope::Content];

fn verify() -> Phase {
    let step = Step {
        id: StepId::new("verify"),
        title: "Compare".into(),
        verb: Verb::Verify { scopes: SCOPES.to_vec() },
        gates: Vec::new(),
        expect: Vec::new(),
        confirm: Confirm::None,
        timeout: Duration::from_secs(60),
        retry: Retry::default(),
        undo: Undo::Nothing,
        on_failure: OnFailure::Ask,
        skippable: false,
        point_of_no_return: false,
        stops_writes: false,
        resumes_writes: false,
        because: None,
    };
    Phase {
        id: PhaseId::new("cutover"),
        title: "Cutover".into(),
        window: false,
        parallel: false,
        budget: None,
        checkpoint: None,
        steps: vec![step],
    }
}

#[tokio::test]
async fn maintenance_of_a_fenced_blue_is_told_from_a_write() {
    let Some(pair) = installations() else { return };
    let (blue, green) = (Server::start(&pair.blue), Server::start(&pair.green));
    for server in [&blue, &green] {
        let table = "CREATE TABLE task (id int PRIMARY KEY, name text); INSERT INTO task VALUES (1, 'a'), (2, 'b')";
        server.client().await.batch_execute(table).await.unwrap();
    }
    let mut plan = runbook(store(&uri(&blue)), store(&uri(&green)));
    plan.phases.push(verify());
    let world = world_of(plan, Access::ReadWrite).await;
    let mut state = RunState::new(&world.runbook);
    let content = async |state: &RunState| look(&world, &Gate::ContentEqual, state).await;
    assert_eq!(content(&state).await.opening, Opening::Held, "nothing was compared yet");

    let found = sides(&world, &SCOPES, "verify", &|_| ()).await.unwrap();
    let outcome = Outcome { data: serde_json::to_value(&found).unwrap(), ..Outcome::new("equal") };
    state.steps.get_mut(&StepId::new("verify")).unwrap().outcome = Some(outcome);
    assert_eq!(content(&state).await.opening, Opening::Open);

    let operator =
        world.store(Side::Blue).session("maintenance", SessionKind::Operator).await.unwrap();
    operator.batch_execute("ANALYZE task").await.unwrap();
    let open = content(&state).await;
    assert_eq!(
        open.evidence.summary, "blue has moved on since `verify` compared it",
        "it is not shut"
    );

    operator
        .batch_execute("ALTER DATABASE postgres SET default_transaction_read_only = on")
        .await
        .unwrap();
    if counts_all(&pair.blue) {
        operator.batch_execute("SELECT pg_stat_force_next_flush()").await.unwrap();
    }
    let again = content(&state).await;
    assert_eq!(again.opening, Opening::Open, "{again:?}");
    operator.batch_execute("ANALYZE task").await.unwrap();
    let analysed = content(&state).await;
    assert_eq!(analysed.opening, Opening::Open, "{analysed:?}");
    let told = |line: &String| line.ends_with("and no row of this one was written");
    assert_eq!(analysed.evidence.details.iter().any(told), counts_all(&pair.blue), "{analysed:?}");

    operator.batch_execute("CREATE TABLE later (); DROP TABLE later").await.unwrap();
    let again = content(&state).await;
    assert_eq!(again.opening, Opening::Open, "{again:?}");
    assert_ne!(again.evidence.details, analysed.evidence.details, "it was compared anew");
    operator.batch_execute("SELECT pg_current_xact_id()").await.unwrap();
    assert_eq!(content(&state).await.opening, Opening::Open);

    operator.batch_execute("SELECT pg_current_xact_id()").await.unwrap();
    let gates = [Gate::ContentEqual, Gate::RowsEqual, Gate::ContentEqual, Gate::RowsEqual];
    let all = join_all(gates.iter().map(|gate| look(&world, gate, &state))).await;
    let times: BTreeSet<_> = all.iter().map(|one| one.evidence.details.first()).collect();
    assert_eq!(times.len(), 1, "one comparison is enough for all gates of a step: {times:?}");

    operator.batch_execute("UPDATE task SET name = 'c' WHERE id = 2").await.unwrap();
    let differs = content(&state).await;
    assert_eq!(differs.opening, Opening::Held, "{differs:?}");
    assert!(differs.evidence.summary.contains("public.task"), "{differs:?}");
}
