//! A cutover that is under way and in trouble: on each page something differs, is unknown, stale, or stands in the way.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::super::tests::{second, state_of};
use crate::model::sample::runbook;
use crate::model::{
    ClaimView, ClientView, ClusterView, Connections, ContainerView, CountMethod, EndpointView,
    EventKind, EventView, ExtensionView, ExtensionWanted, Failure, FailureKind, Flow, IndexView,
    JobStatus, JobView, LogOf, LogView, Observed, OpenTransactions, OwnerView, PodView, Position,
    Rate, Reading, RowDifference, RowDifferenceKind, SequenceView, Sessions, SettingView, Shared,
    Side, SideView, TableBytes, TableDetails, TableSum, TableVerdict, TableView, Tables, Verb,
    Verification, VerifyScope, Wal, WorkKind, WorkView, WorkloadView,
};
use crate::tui::msg::Msg;
use crate::tui::state::UiState;
use crate::tui::update::update;

fn fresh<T>(value: T) -> Reading<T> {
    Reading::Fresh { value, at: second(9) }
}

fn map<T>(
    all: impl IntoIterator<Item = (&'static str, T)>,
) -> Reading<Shared<BTreeMap<String, T>>> {
    let all: BTreeMap<_, _> = all.into_iter().map(|(name, one)| (name.to_owned(), one)).collect();
    fresh(all.into())
}

fn tables<const N: usize>(all: [(&'static str, TableView); N]) -> Reading<Shared<Tables>> {
    fresh(Tables::from_iter(all).into())
}

fn table(rows: u64, method: CountMethod, writes: u64) -> TableView {
    TableView {
        writes: Rate::over(writes, Duration::from_secs(2)),
        bytes: Some(TableBytes { table: rows * 91, indexes: rows * 20 }),
        dead: rows / 90,
        vacuumed: Some(second(2)),
        ..TableView::counted(rows, method, second(7))
    }
}

fn client(pid: i32, address: &str, state: &str, transaction: Option<u64>) -> ClientView {
    ClientView {
        pid,
        role: "orders".into(),
        database: "orders".into(),
        application: "api".into(),
        address: Some(address.into()),
        state: Some(state.into()),
        since: Some(second(5)),
        connected: Some(second(1)),
        transaction: transaction.map(second),
        writing: state == "active",
        waits: None,
        blocked_by: Vec::new(),
        statement: Some("UPDATE orders SET state = $1 WHERE id = $2".into()),
    }
}

fn sequence(last: Option<i64>, furthest: i64) -> SequenceView {
    SequenceView {
        last,
        readable: true,
        increment: 1,
        end: i64::from(i32::MAX),
        cycles: false,
        column: Some(("public.orders".into(), "id".into())),
        furthest: Some(furthest),
    }
}

fn setting(value: &str, matters: bool) -> SettingView {
    SettingView {
        value: value.into(),
        source: "configuration file".into(),
        matters,
        pending: false,
    }
}

fn extension(installed: Option<&str>, available: &[&str]) -> ExtensionView {
    let available = Some(available.iter().map(|one| (*one).to_owned()).collect());
    ExtensionView { installed: installed.map(str::to_owned), available }
}

fn blue() -> SideView {
    let flow = Flow {
        writes: Rate::over(2408, Duration::from_secs(2)).unwrap(),
        transactions: Rate::default(),
        wal: Rate::over(4_000_000, Duration::from_secs(2)),
        over: Duration::from_secs(2),
    };
    let sessions = Sessions {
        clients: vec![
            client(411, "10.0.0.7", "active", Some(8)),
            client(412, "10.0.0.9", "idle in transaction", Some(6)),
            client(413, "10.9.9.9", "idle", None),
        ],
        total: 4,
        hidden: 1,
        grant: Some("GRANT pg_read_all_stats TO cutover".into()),
    };
    SideView {
        version: fresh("16.14 (Debian 16.14-1)".into()),
        size: fresh(1_503_238_553),
        clients: fresh(4),
        connections: fresh(
            Connections { used: 87, max: 100, ours: 3, ..Connections::default() }.into(),
        ),
        transactions: fresh(OpenTransactions {
            open: 2,
            longest: Some(Duration::from_secs(4)),
            ..OpenTransactions::default()
        }),
        flow: fresh(flow),
        wal: fresh(Wal { lsn: "3B1/61E26448".into(), bytes: 0 }),
        tables: tables([
            ("public.customers", table(902_113, CountMethod::Exact, 0)),
            ("public.events", table(31_990_004, CountMethod::Statistics, 2400)),
            ("public.line_items", table(12_004_118, CountMethod::Exact, 8)),
            ("public.only_here", table(7, CountMethod::Exact, 0)),
            ("public.orders", table(4_118_220, CountMethod::Exact, 3)),
            ("public.payments", table(88_771, CountMethod::Exact, 0)),
        ]),
        extensions: map([
            ("pg_trgm", extension(Some("1.6"), &["1.6"])),
            ("vector", extension(Some("0.8.0"), &["0.8.0"])),
        ]),
        sequences: map([
            ("public.events_id_seq", sequence(Some(2_100_000_000), 2_100_000_000)),
            ("public.orders_id_seq", sequence(Some(4_118_220), 4_118_220)),
            ("public.payments_id_seq", sequence(Some(88_771), 88_771)),
        ]),
        settings: map([
            ("max_connections", setting("100", true)),
            ("shared_buffers", setting("128MB", false)),
            ("work_mem", setting("4MB", false)),
        ]),
        sessions: fresh(sessions.into()),
        pods: fresh((1, 1)),
        ..SideView::default()
    }
}

fn green() -> SideView {
    let copy = WorkView {
        kind: WorkKind::Copy,
        pid: 88,
        table: Some("public.line_items".into()),
        phase: "COPY FROM PIPE".into(),
        done: 700_000_000,
        total: None,
        unit: "bytes".into(),
        rows: Some(7_442_553),
    };
    let details = TableDetails {
        table: "public.orders".into(),
        kind: "table".into(),
        owner: "orders".into(),
        columns: Vec::new(),
        indexes: vec![IndexView {
            name: "orders_pkey".into(),
            definition: "CREATE UNIQUE INDEX orders_pkey ON public.orders USING btree (id)".into(),
            bytes: 92_000_000,
            scans: 12,
            primary: true,
            valid: true,
        }],
        constraints: Vec::new(),
        triggers: Vec::new(),
        bytes: None,
        sequential_scans: 1,
    };
    SideView {
        version: fresh("18.4".into()),
        size: Reading::Stale {
            value: 998_244_352,
            at: second(2),
            why: Some("the wire is silent".into()),
        },
        clients: fresh(0),
        flow: Reading::unknown("there is one reading only"),
        tables: tables([
            ("public.customers", table(902_113, CountMethod::Exact, 0)),
            ("public.events", table(31_990_004, CountMethod::Planner, 0)),
            ("public.line_items", TableView { rows: None, ..table(0, CountMethod::Exact, 9000) }),
            ("public.orders", table(4_118_203, CountMethod::Exact, 0)),
            ("public.payments", table(88_771, CountMethod::Exact, 0)),
        ]),
        details: fresh(details.into()),
        extensions: map([
            ("pg_trgm", extension(Some("1.6"), &["1.6"])),
            ("vector", extension(Some("0.7.4"), &["0.7.4", "0.8.0"])),
        ]),
        sequences: map([
            ("public.events_id_seq", sequence(Some(2_100_000_000), 2_100_000_000)),
            ("public.orders_id_seq", sequence(None, 4_118_203)),
            ("public.payments_id_seq", sequence(Some(88_000), 88_771)),
        ]),
        settings: map([
            ("max_connections", setting("50", true)),
            ("shared_buffers", setting("1GB", false)),
            ("work_mem", setting("4MB", false)),
        ]),
        work: fresh(vec![copy].into()),
        pods: fresh((0, 1)),
        ..SideView::default()
    }
}

fn pod(owner: (&str, &str), address: &str, reason: Option<&str>) -> PodView {
    let ready = u32::from(reason.is_none());
    let state = reason.unwrap_or("running").to_owned();
    PodView {
        phase: if reason.is_none() { "Running" } else { "Pending" }.into(),
        ready: (ready, 1),
        node: Some("node-7".into()),
        created: Some(second(1)),
        addresses: vec![address.into()],
        owner: Some(OwnerView { kind: owner.0.into(), name: owner.1.into() }),
        reason: reason.map(str::to_owned),
        message: reason.map(|_| "Back-off pulling image \"registry.example/pg-dump:18\"".into()),
        containers: vec![ContainerView { name: "main".into(), init: false, state, began: true }],
        ..PodView::default()
    }
}

fn workload(ready: u32, wanted: u32, reason: Option<&str>) -> Reading<Option<WorkloadView>> {
    let images = vec!["registry.example/orders-api:2.3.0".into()];
    let reason = reason.map(str::to_owned);
    fresh(Some(WorkloadView {
        wanted,
        updated: wanted,
        ready,
        replicas: wanted,
        reason,
        images,
        behind: false,
    }))
}

fn event(object: &str, reason: &str, warning: bool, message: &str) -> EventView {
    let (object, reason, message) = (object.into(), reason.into(), message.into());
    EventView {
        at: Some(second(4)),
        warning,
        reason,
        object,
        message,
        count: 1 + 4 * u32::from(warning),
    }
}

fn cluster() -> ClusterView {
    let workloads = [
        ("deployment/orders-api", workload(2, 3, Some("MinimumReplicasUnavailable"))),
        ("statefulset/orders-db-green", workload(1, 1, None)),
        ("deployment/orders-mailer", Reading::unknown("the watch has not begun")),
        ("deployment/orders-old", fresh(None)),
    ];
    let claim = |phase: &str, volume: Option<&str>| ClaimView {
        phase: phase.into(),
        size: Some("20Gi".into()),
        class: Some("fast-ssd".into()),
        volume: volume.map(str::to_owned),
    };
    let job = |status, started, finished: Option<u64>| JobView {
        status,
        active: u32::from(finished.is_none()),
        succeeded: u32::from(finished.is_some()),
        failed: 0,
        started: Some(second(started)),
        finished: finished.map(second),
        reason: None,
    };
    ClusterView {
        workloads: workloads.map(|(name, one)| (name.to_owned(), one)).into(),
        pods: map([
            ("orders-api-5d9f7c8b6-x2x7q", pod(("Deployment", "orders-api"), "10.0.0.7", None)),
            ("psql", PodView { owner: None, ..pod(("", ""), "10.0.0.9", None) }),
            ("restore-9xk2p", pod(("Job", "restore"), "10.0.0.12", Some("ImagePullBackOff"))),
        ]),
        jobs: map([
            ("backup", job(JobStatus::Complete, 1, Some(3))),
            ("restore", job(JobStatus::Running, 3, None)),
        ]),
        claims: map([("dump", claim("Bound", Some("pvc-c27bec27"))), ("green", claim("Pending", None))]),
        endpoints: Reading::Stale {
            value: vec![EndpointView {
                address: "10.0.0.3".into(),
                pod: Some("orders-db-blue-0".into()),
                ready: true,
                terminating: false,
            }]
            .into(),
            at: second(2),
            why: Some("the watch ended".into()),
        },
        events: fresh(
            vec![
                event("pod/restore-9xk2p", "Failed", true, "Failed to pull image \"registry.example/pg-dump:18\": rpc error: code = NotFound"),
                event("job/restore", "SuccessfulCreate", false, "Created pod: restore-9xk2p"),
            ]
            .into(),
        ),
    }
}

/// The end of the Job's log: more lines than a screen has.
fn log() -> LogView {
    let of = LogOf::Job("restore".into());
    let mut log = LogView::new(of, "restore-9xk2p".into(), "main".into());
    (1..=60).for_each(|n| log.push(&format!("pg_restore: processing data for table {n}")));
    log
}

/// What is read of it.
pub(super) fn observed() -> Observed {
    Observed {
        blue: blue(),
        green: green(),
        serving: fresh(Some(Side::Blue)),
        cluster: cluster(),
        log: fresh(log().into()),
    }
}

/// Customers are equal, one payment is not.
fn payments_differ() -> Verification {
    let position = Position {
        system: "7301".into(),
        version: 180_004,
        lsn: "0/1A2B3C".into(),
        next_xid: 4711,
        statistics: None,
    };
    let table = |name: &str, rows, hash: &str, differences| TableVerdict {
        table: name.into(),
        blue: Some(TableSum { rows, hash: Some("17".into()) }),
        green: Some(TableSum { rows, hash: Some(hash.into()) }),
        error: None,
        as_text: Vec::new(),
        differences,
        took: Duration::from_millis(80),
    };
    let changed = RowDifference { key: "id = '4711'".into(), kind: RowDifferenceKind::Changed };
    Verification {
        scopes: vec![VerifyScope::Content],
        at: second(6),
        blue: position.clone(),
        green: position,
        method: "count(*) and hash".into(),
        tables: vec![
            table("public.customers", 902_113, "17", Vec::new()),
            table("public.payments", 88_771, "18", vec![changed]),
        ],
        excluded: BTreeMap::new(),
        schema: Vec::new(),
        sequences: Vec::new(),
    }
}

/// A run whose comparison found that the payments differ.
pub(super) fn under_way() -> UiState {
    let mut book = runbook();
    book.watch.exclude.insert("public.sessions".into(), "volatile".into());
    book.green.extensions =
        vec![ExtensionWanted { name: "vector".into(), min: Some("0.8".into()) }];
    book.phases[1].steps[0].verb = Verb::Verify { scopes: vec![VerifyScope::Content] };
    let failure = Failure::new(FailureKind::Differs, "blue and green differ: public.payments")
        .because("public.payments: 88771 rows on both sides, content differs")
        .with(serde_json::to_value(payments_differ()).unwrap());
    let last = EventKind::StepFailed { step: "stop".into(), failure };
    let mut ui = state_of(&Arc::new(book), &["prepare"], last);
    ui.theme.ascii = false;
    let observed = observed();
    let mut before = observed.clone();
    before.blue.clients = Reading::Fresh { value: 2, at: second(7) };
    before.blue.flow = match before.blue.flow {
        Reading::Fresh { value, .. } => {
            Reading::Fresh { value: Flow { writes: Rate::from(300.0), ..value }, at: second(7) }
        }
        other => other,
    };
    update(&mut ui, Msg::Observed(Box::new(before)));
    update(&mut ui, Msg::Observed(Box::new(observed)));
    ui
}
