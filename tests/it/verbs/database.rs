//! The verbs that act on databases, on real servers.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use pgcutover::action::Tools;
use pgcutover::engine::Probed;
use pgcutover::model::{Effects, FailureKind, Gate, Side, Verb, Verification, VerifyScope};

use crate::support::{Server, installations, runbook, store, uri};

use super::bench::{Bench, step};

struct Databases {
    bench: Bench,
    blue: Server,
    green: Server,
    folder: tempfile::TempDir,
}

impl Databases {
    async fn start() -> Option<Self> {
        let pair = installations()?;
        let (blue, green) = (Server::start(&pair.blue), Server::start(&pair.green));
        let folder = tempfile::tempdir().unwrap();
        let plan = runbook(store(&uri(&blue)), store(&uri(&green)));
        let tools = Tools {
            pg_bindirs: vec![pair.blue.bindir.clone(), pair.green.bindir.clone()],
            folder: folder.path().to_path_buf(),
        };
        let bench = Bench::start_with(plan, tools).await;
        Some(Self { bench, blue, green, folder })
    }

    async fn both(&self, sql: &str) {
        self.blue.client().await.batch_execute(sql).await.unwrap();
        self.green.client().await.batch_execute(sql).await.unwrap();
    }
}

fn sql(statement: &str, transaction: bool, probe: Option<&str>) -> Verb {
    Verb::Sql {
        side: Side::Green,
        statement: statement.to_owned(),
        transaction,
        idempotent: false,
        probe: probe.map(ToOwned::to_owned),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_in_a_transaction_happen_together_or_not_at_all() {
    let Some(databases) = Databases::start().await else { return };
    let probe = Some("SELECT to_regclass('t') IS NOT NULL");
    let broken = "CREATE TABLE t (n int); INSERT INTO t VALUES ('x')";
    let attempt = databases.bench.begin(step("fill", sql(broken, true, probe))).await;
    let failure = attempt.perform().await.unwrap_err();
    assert_eq!((failure.kind, failure.effects), (FailureKind::Refused, Effects::None));
    assert!(
        failure.message.contains("at line 1, character 23 [22P02]")
            && failure.causes[0] == "statement 2 of 2",
        "{failure:?}"
    );
    assert_eq!(attempt.probe().await, Probed::Again);
    let whole = "DROP TABLE IF EXISTS t; CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2)";
    let attempt = databases.bench.begin(step("fill", sql(whole, true, probe))).await;
    let outcome = attempt.perform().await.unwrap();
    assert_eq!(outcome.summary, "3 of 3 statements done on green, 2 rows");
    assert_eq!(outcome.evidence[0].details, ["NOTICE: table \"t\" does not exist, skipping"]);
    assert!(matches!(attempt.probe().await, Probed::Done(_)));
    let blind = databases.bench.begin(step("fill", sql(whole, true, None))).await;
    assert!(matches!(blind.probe().await, Probed::Unknown(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_outside_a_transaction_are_sent_one_by_one() {
    let Some(databases) = Databases::start().await else { return };
    let script = "CREATE TABLE t (n int); CREATE INDEX CONCURRENTLY i ON t (n); VACUUM t; BEGIN; DROP TABLE t; ROLLBACK;";
    let attempt = databases.bench.begin(step("certify", sql(script, false, None))).await;
    let outcome = attempt.perform().await.unwrap();
    assert_eq!(outcome.evidence.len(), 6);
    let found = databases
        .green
        .client()
        .await
        .query_one("SELECT to_regclass('i')::text", &[])
        .await
        .unwrap();
    assert_eq!(found.get::<_, Option<String>>(0).as_deref(), Some("i"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_statement_is_ended_on_the_server() {
    let Some(databases) = Databases::start().await else { return };
    let slow = sql("CREATE TABLE t (n int); SELECT pg_sleep(300)", true, None);
    let mut running = databases.bench.begin(step("slow", slow)).await.spawn();
    running.tells("pg_sleep").await;
    running.cancel.cancel();
    let failure = running.ends().await.unwrap_err();
    assert_eq!((failure.kind, failure.effects), (FailureKind::Cancelled, Effects::None));
    let client = databases.green.client().await;
    let running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(300)' AND pid <> pg_backend_pid()";
    for _ in 0..100 {
        if client.query_one(running, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the statement still runs");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_differs_by_one_row_is_named() {
    let Some(databases) = Databases::start().await else { return };
    databases.both("CREATE TABLE sprints (id int PRIMARY KEY, name text); INSERT INTO sprints SELECT n, 's' || n FROM generate_series(1, 500) n").await;
    let verb = || Verb::Verify {
        scopes: vec![
            VerifyScope::Counts,
            VerifyScope::Content,
            VerifyScope::Schema,
            VerifyScope::Sequences,
        ],
    };
    let outcome = databases.bench.begin(step("verify", verb())).await.perform().await.unwrap();
    let found: Verification = serde_json::from_value(outcome.data).unwrap();
    assert!(found.problems().is_empty() && found.covers(VerifyScope::Content));
    databases
        .green
        .client()
        .await
        .batch_execute("UPDATE sprints SET name = 'other' WHERE id = 77")
        .await
        .unwrap();
    let failure = databases.bench.begin(step("verify", verb())).await.perform().await.unwrap_err();
    assert_eq!((failure.kind, failure.effects), (FailureKind::Differs, Effects::None));
    assert_eq!(failure.message, "blue and green differ: public.sprints");
    assert!(failure.causes.iter().any(|cause| cause.contains("77")), "{failure:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_proven_and_leaves_nothing_but_its_file() {
    let Some(databases) = Databases::start().await else { return };
    let fill = "CREATE TABLE sprints (id int PRIMARY KEY, name text); INSERT INTO sprints SELECT n, 's' || n FROM generate_series(1, 500) n";
    databases.both(fill).await;
    let path = databases.folder.path().join("blue.dump");
    std::fs::write(&path, "an older one").unwrap();
    let verb = Verb::Backup { side: Side::Blue, path: "blue.dump".into() };
    let attempt = databases.bench.begin(step("last-backup", verb)).await;
    let outcome = attempt.perform().await.unwrap();
    let written = databases.folder.path().join("blue.2.dump");
    assert_eq!(outcome.data["path"], serde_json::json!(written));
    assert_eq!(outcome.data["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(std::fs::metadata(&written).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(outcome.evidence[1].summary.contains("1 of 1 tables"), "{outcome:#?}");
    assert!(!format!("{outcome:?}").contains(&databases.blue.password));
    let left = "SELECT count(*) FROM pg_database WHERE datname LIKE 'pgcutover%'";
    assert_eq!(
        databases.blue.client().await.query_one(left, &[]).await.unwrap().get::<_, i64>(0),
        0
    );
    attempt.undo().await.unwrap();
    let names: Vec<_> = std::fs::read_dir(databases.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["blue.dump"]);
}

fn soak(hold: Duration, query: &str) -> Verb {
    let gate = Gate::Sql { side: Side::Green, query: query.to_owned(), expect: "t".to_owned() };
    Verb::Soak { hold, gates: vec![gate] }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_soak_counts_from_its_first_start_and_ends_when_a_gate_shuts() {
    let Some(databases) = Databases::start().await else { return };
    let day = Duration::from_secs(86_400);
    let mut attempt = databases.bench.begin(step("soak", soak(day, "SELECT true"))).await;
    attempt.context.started_at = Timestamp::now() - SignedDuration::from_hours(25);
    let outcome = attempt.perform().await.unwrap();
    assert_eq!(outcome.summary, "held for 86400 s, 1 looks at 1 gates");
    let mut running = databases
        .bench
        .begin(step("soak", soak(day, "SELECT to_regclass('gone') IS NULL")))
        .await
        .spawn();
    running.tells("all gates are open").await;
    databases.green.client().await.batch_execute("CREATE TABLE gone ()").await.unwrap();
    running.tells("looking once more").await;
    let failure = running.ends().await.unwrap_err();
    assert_eq!((failure.kind, failure.effects), (FailureKind::GateShut, Effects::None));
    assert!(
        failure.message.starts_with("`sql green") && failure.message.contains("did not stay open"),
        "{failure}"
    );
}
