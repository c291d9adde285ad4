//! How long the comparison of blue and green takes on a table of three million rows, beside `count(*)` and beside the usual
//! `sum(hashtext(t::text))`, each asked of both servers at once. The aim is at most half of the latter.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

mod measure;
#[path = "../it/support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "shared with the integration tests")]
mod support;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use measure::median;
use pgcutover::model::{VerifyScope, Watch};
use pgcutover::verify::{Compared, compare};
use pgcutover::world::Traced;
use support::{Server, installations};
use tokio_postgres::Client;

const ROUNDS: usize = 5;
const ROWS: u64 = 3_000_000;
const AIM: f64 = 0.5;

const TABLE: &str = "CREATE TABLE tasks (id bigint PRIMARY KEY, sprint integer NOT NULL, title text NOT NULL, done boolean,
    points smallint, effort numeric(6, 2), changed_at timestamptz NOT NULL)";
const FILL: &str = "INSERT INTO tasks SELECT n, n % 5000, 'Task ' || n || ': ' || md5(n::text), n % 3 = 0, n % 13,
    (n % 4000) * 0.25, timestamptz '2024-01-01 00:00+00' + n * interval '1 second' FROM generate_series(1, 3000000) n";

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a benchmark's result")]
async fn main() {
    let Some(pair) = installations() else { return };
    let settings = ["shared_buffers=512MB", "max_wal_size=4GB", "autovacuum=off"];
    let servers =
        [&pair.blue, &pair.green].map(|installation| Server::start_with(installation, &settings));
    futures::future::join_all(servers.iter().map(fill)).await;
    let clients = [servers[0].client().await, servers[1].client().await];
    let (mut counts, mut texts, mut compared) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        counts.push(asked(&clients, "SELECT count(*) FROM tasks").await);
        texts.push(asked(&clients, "SELECT sum(hashtext(t::text)) FROM tasks t").await);
        compared.push(verified(&servers).await);
    }
    let [count, text, verify] = [&counts, &texts, &compared].map(|times| median(times));
    println!("count(*):               median {count:.2?} of {ROUNDS}");
    println!("sum(hashtext(t::text)): median {text:.2?}");
    println!("verify, content:        median {verify:.2?}");
    let (of_text, of_count) = (ratio(verify, text), ratio(verify, count));
    println!(
        "verify takes {of_text:.2} of the text's time (aim {AIM}), and {of_count:.1} times that of counting"
    );
    assert!(of_text <= AIM, "the aim is missed");
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

async fn fill(server: &Server) {
    let client = server.client().await;
    for statement in [TABLE, FILL, "VACUUM (FREEZE, ANALYZE) tasks", "CHECKPOINT"] {
        client.batch_execute(statement).await.unwrap();
    }
}

async fn asked(clients: &[Client; 2], sql: &str) -> Duration {
    let began = Instant::now();
    let [blue, green] = clients;
    let _ = futures::try_join!(blue.query_one(sql, &[]), green.query_one(sql, &[])).unwrap();
    began.elapsed()
}

/// What the step `verify` does: four sessions a side, each side in one snapshot.
async fn verified(servers: &[Server; 2]) -> Duration {
    let (blue, green) = futures::join!(sessions(&servers[0]), sessions(&servers[1]));
    let (blue, green): (Vec<_>, Vec<_>) = (blue.iter().collect(), green.iter().collect());
    let watch =
        Watch { tables: Vec::new(), exclude: BTreeMap::new(), refresh: Duration::from_secs(2) };
    let compared = Compared {
        scopes: &[VerifyScope::Counts, VerifyScope::Content],
        watch: &watch,
        extensions: &[],
        seed: 42,
        now: Timestamp::now(),
    };
    let began = Instant::now();
    let found = compare(&blue, &green, &compared, &|_| ()).await.unwrap();
    let took = began.elapsed();
    assert_eq!(found.problems(), Vec::<String>::new());
    assert!(found.tables.iter().any(|table| {
        table.blue.as_ref().is_some_and(|sum| sum.rows == ROWS && sum.hash.is_some())
    }));
    took
}

async fn sessions(server: &Server) -> Vec<Traced> {
    let clients = futures::future::join_all((0..4).map(|_| server.client())).await;
    clients.into_iter().map(Traced::from).collect()
}
