//! Whether the data really moved: asked of the servers themselves, and of blue's write-ahead log.

use std::path::Path;
use std::process::Command;

use k8s_openapi::api::core::v1::{Pod, Secret, Service};
use kube::Client;
use kube::api::{Api, ListParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::Value;
use tokio_postgres::{Config, NoTls};

use crate::support::installations;

/// Asks a server who it is.
const WHO: &str = "SELECT (SELECT system_identifier FROM pg_control_system()), \
    current_setting('server_version_num')::int4 / 10000, \
    (SELECT extversion FROM pg_extension WHERE extname = 'vector')";

/// Who a server is.
#[derive(Debug, PartialEq)]
struct Server {
    system: i64,
    major: i32,
    vector: Option<String>,
}

/// Looks while green serves and blue is still there. `fence` is where blue's fence says that blue stands still.
pub(super) fn look(lab: &Path, fence: &Value) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let world = World::find(&lab.join("kubeconfig")).await;
        let blue = world.pod("app=chronicle-db-v17").await;
        let green = who(&world.pod("app=chronicle-db-v17-vector").await).await;
        let old = who(&blue).await;
        assert_ne!((green.system, green.major), (old.system, old.major));
        assert!(green.major > old.major, "{green:?} after {old:?}");
        assert!(green.vector.is_some() && old.vector.is_none(), "{green:?} {old:?}");
        assert_eq!(who(&world.service("chronicle-db").await).await, green);
        stands_still(&blue, fence).await;
    });
}

/// Since the fence no transaction has touched a file that is a user's. What blue's log may hold is the server's own: its
/// checkpoints, and autovacuum's, which clears dead rows away and keeps statistics in the catalogue. (A file's time would
/// tell nothing: a checkpoint writes what was changed before.)
async fn stands_still(blue: &Config, fence: &Value) {
    let (client, connection) = blue.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    let lsn = fence["lsn"].as_str().unwrap();
    let row = client
        .query_one(
            "SELECT current_setting('data_directory'), pg_walfile_name($1::text::pg_lsn)",
            &[&lsn],
        )
        .await
        .unwrap();
    let log = Command::new(installations().unwrap().blue.bindir.join("pg_waldump"))
        .arg(Path::new(row.get::<_, &str>(0)).join("pg_wal").join(row.get::<_, &str>(1)))
        .output()
        .unwrap();
    let log = String::from_utf8(log.stdout).unwrap();
    let (since, before): (Vec<&str>, Vec<&str>) =
        log.lines().partition(|record| place(field(record, "lsn:")) >= place(lsn));
    assert!(before.iter().any(|record| changes(record)), "the log does not tell of changes");
    let changed: Vec<_> = since.into_iter().filter(|record| changes(record)).collect();
    assert!(changed.is_empty(), "{changed:#?}");
}

/// Whether a transaction with a number changed a sequence, made or dropped a file, or touched one that is not the catalogue's.
fn changes(record: &str) -> bool {
    let is_file = matches!(field(record, "rmgr:"), "Sequence" | "Storage" | "Database" | "RelMap");
    let mut files = record.split("rel ").skip(1).filter_map(|after| {
        let path = after.split_whitespace().next()?;
        path.rsplit('/').next()?.parse::<u32>().ok()
    });
    field(record, "tx:") != "0" && (is_file || files.any(|file| file >= FIRST_OF_USERS))
}

/// PostgreSQL's `FirstNormalObjectId`.
const FIRST_OF_USERS: u32 = 16_384;

/// The word after a label in a line of `pg_waldump`.
fn field<'a>(record: &'a str, label: &str) -> &'a str {
    let after = record.split_once(label).map_or("", |(_, after)| after);
    after.split_whitespace().next().unwrap_or_default().trim_end_matches(',')
}

/// A place in the log as a number.
fn place(lsn: &str) -> u64 {
    let (high, low) = lsn.split_once('/').unwrap();
    let number = |text| u64::from_str_radix(text, 16).unwrap();
    number(high) << 32 | number(low)
}

async fn who(server: &Config) -> Server {
    let (client, connection) = server.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    let row = client.query_one(WHO, &[]).await.unwrap();
    Server { system: row.get(0), major: row.get(1), vector: row.get(2) }
}

/// The cluster, as its administrator sees it.
struct World {
    client: Client,
    credentials: Config,
}

impl World {
    async fn find(kubeconfig: &Path) -> Self {
        let file = Kubeconfig::read_from(kubeconfig).unwrap();
        let options = KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(file, &options).await.unwrap();
        let client = Client::try_from(config).unwrap();
        let secrets = Api::<Secret>::namespaced(client.clone(), "dsm");
        let secret = secrets.get("chronicle-db-secret").await.unwrap().data.unwrap();
        let word = |name| String::from_utf8(secret[name].0.clone()).unwrap();
        let mut credentials = Config::new();
        credentials.user(word("POSTGRES_USER")).password(word("POSTGRES_PASSWORD"));
        credentials.dbname("chronicle_db").port(5432);
        Self { client, credentials }
    }

    fn at(&self, address: &str) -> Config {
        let mut config = self.credentials.clone();
        config.host(address);
        config
    }

    async fn pod(&self, labels: &str) -> Config {
        let pods = Api::<Pod>::namespaced(self.client.clone(), "dsm");
        let pods = pods.list(&ListParams::default().labels(labels)).await.unwrap();
        self.at(pods.items[0].status.as_ref().unwrap().pod_ip.as_deref().unwrap())
    }

    async fn service(&self, name: &str) -> Config {
        let services = Api::<Service>::namespaced(self.client.clone(), "dsm");
        let service = services.get(name).await.unwrap();
        self.at(service.spec.unwrap().cluster_ip.as_deref().unwrap())
    }
}
