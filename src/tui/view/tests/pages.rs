//! The pages of what blue and green hold, from readings of a cutover that is under way.

use super::*;
use crate::model::{
    ClientView, Connections, ExtensionView, ExtensionWanted, FailureKind, Flow, IndexView,
    JobStatus, JobView, OpenTransactions, OwnerView, PodView, Rate, SequenceView, Sessions,
    SettingView, Shared, TableBytes, TableDetails, Verb, VerifyScope, Wal, WorkKind, WorkView,
};
use crate::tui::page::Page;

const SIZES: [(u16, u16); 4] = [(200, 50), (120, 36), (80, 24), (60, 15)];

fn fresh<T>(value: T) -> Reading<T> {
    Reading::Fresh { value, at: second(9) }
}

fn map<T>(
    all: impl IntoIterator<Item = (&'static str, T)>,
) -> Reading<Shared<BTreeMap<String, T>>> {
    let all: BTreeMap<_, _> = all.into_iter().map(|(name, one)| (name.to_owned(), one)).collect();
    fresh(all.into())
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
        tables: map([
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
        tables: map([
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

fn pod(owner: Option<(&str, &str)>, address: &str) -> PodView {
    let owner = owner.map(|(kind, name)| OwnerView { kind: kind.into(), name: name.into() });
    PodView {
        phase: "Running".into(),
        addresses: vec![address.into()],
        owner,
        ..PodView::default()
    }
}

/// A run whose comparison found that the payments differ.
fn under_way() -> UiState {
    let mut book = runbook();
    book.watch.exclude.insert("public.sessions".into(), "volatile".into());
    book.green.extensions =
        vec![ExtensionWanted { name: "vector".into(), min: Some("0.8".into()) }];
    book.phases[1].steps[0].verb = Verb::Verify { scopes: vec![VerifyScope::Content] };
    let failure = Failure::new(FailureKind::Differs, "blue and green differ: public.payments")
        .because("public.payments: 88771 rows on both sides, content differs");
    let last = EventKind::StepFailed { step: "stop".into(), failure };
    let mut ui = state_of(&Arc::new(book), &["prepare"], last);
    let mut observed = Observed {
        blue: blue(),
        green: green(),
        serving: fresh(Some(Side::Blue)),
        ..Observed::default()
    };
    observed.cluster.pods = map([
        ("orders-api-5d9", pod(Some(("Deployment", "orders-api")), "10.0.0.7")),
        ("psql", pod(None, "10.0.0.9")),
    ]);
    observed.cluster.jobs =
        map([("restore", JobView { status: JobStatus::Running, ..JobView::default() })]);
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

fn snapshots(name: &str, ui: &mut UiState) {
    for (width, height) in SIZES {
        let text = screen(ui, width, height);
        insta::with_settings!({ snapshot_path => "../../../../tests/fixtures/screens", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("{name}-{width}x{height}"), text);
        });
    }
}

#[test]
fn every_page_is_drawn_at_every_size() {
    for (name, page) in [
        ("overview", Page::Overview),
        ("rows", Page::Rows),
        ("extensions", Page::Extensions),
        ("sessions", Page::Sessions),
    ] {
        let mut ui = under_way();
        ui.show(page);
        snapshots(name, &mut ui);
    }
}

#[test]
fn the_details_of_a_row_tell_where_each_number_comes_from() {
    let mut ui = under_way();
    ui.show(Page::Rows);
    screen(&mut ui, 80, 24);
    press(&mut ui, &[KeyCode::Char('/')]);
    press(&mut ui, &typed("orders"));
    press(&mut ui, &[KeyCode::Enter, KeyCode::Enter]);
    snapshots("rows-details", &mut ui);
}

#[test]
fn nothing_that_is_unknown_is_drawn_as_0() {
    let mut ui = under_way();
    update(&mut ui, Msg::Observed(Box::default()));
    for page in [Page::Overview, Page::Rows, Page::Extensions, Page::Sessions] {
        ui.show(page);
        ui.zoomed = true;
        let text = screen(&mut ui, 120, 36);
        let body: Vec<&str> = text.lines().skip(3).take(32).collect();
        assert!(!body.iter().any(|line| line.split_whitespace().any(|word| word == "0")), "{text}");
    }
}
