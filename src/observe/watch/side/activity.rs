//! Who is connected, and what is open.

use std::time::Duration;

use tokio_postgres::Row;

use crate::model::{ClientView, Connections, OpenTransactions, RoleConnections, Sessions};
use crate::observe::watch::board::{fresh, put};
use crate::world::{Sql, WorldError};

use super::reader::{Kind, Reader};
use super::statement::headline;

const ACTIVITY: Sql<'static> =
    Sql::Kept(include_str!("../../../../assets/sql/observe/activity.sql"));
const ROLES: Sql<'static> = Sql::Kept(include_str!("../../../../assets/sql/observe/roles.sql"));
const SESSIONS: Sql<'static> =
    Sql::Kept(include_str!("../../../../assets/sql/observe/sessions.sql"));

#[derive(Debug)]
struct Activity {
    connections: Connections,
    transactions: OpenTransactions,
    clients: u64,
    waiting: u64,
    hidden: u64,
}

pub(super) async fn activity(reader: &mut Reader<'_>) -> Result<(), WorldError> {
    let Some(turn) = reader.turn(Kind::Activity) else { return Ok(()) };
    let read = read(reader).await;
    let peer = reader.session.peer();
    reader.done(&turn, read, |view, read| match read {
        Ok(seen) => {
            view.version = fresh(peer.version.clone());
            view.system = fresh(peer.system_identifier.clone());
            view.clients = fresh(seen.clients);
            view.waiting = fresh(seen.waiting);
            view.connections = fresh(seen.connections.into());
            if seen.hidden == 0 {
                view.transactions = fresh(seen.transactions);
            } else {
                let (hidden, grant) = (seen.hidden, grant(&peer.user));
                view.transactions.miss(format!(
                    "{hidden} sessions of other roles cannot be seen into; {grant} lets us see them"
                ));
            }
        }
        Err(why) => {
            view.clients.miss(why);
            view.waiting.miss(why);
            view.connections.miss(why);
            view.transactions.miss(why);
        }
    })
}

async fn read(reader: &Reader<'_>) -> Result<Activity, WorldError> {
    let session = reader.session;
    let row = session.query_one(ACTIVITY, &[]).await?;
    let mut seen = seen(&row).map_err(|error| session.explain(ACTIVITY, &error))?;
    let rows = session.query(ROLES, &[]).await?;
    let roles: Result<Vec<_>, _> = rows.iter().map(role).collect();
    seen.connections.roles = roles.map_err(|error| session.explain(ROLES, &error))?;
    Ok(seen)
}

fn count(row: &Row, column: &str) -> Result<u64, tokio_postgres::Error> {
    row.try_get::<_, i64>(column).map(i64::unsigned_abs)
}

fn seen(row: &Row) -> Result<Activity, tokio_postgres::Error> {
    let seconds = |column| {
        let seconds = row.try_get::<_, Option<f64>>(column)?;
        Ok(seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds.max(0.0)).ok()))
    };
    Ok(Activity {
        connections: Connections {
            used: count(row, "used")?,
            max: count(row, "max")?,
            reserved: count(row, "reserved")?,
            ours: count(row, "ours")?,
            roles: Vec::new(),
        },
        transactions: OpenTransactions {
            open: count(row, "open")?,
            idle: count(row, "idle")?,
            longest: seconds("longest")?,
            longest_pid: row.try_get("longest_pid")?,
            longest_idle: seconds("longest_idle")?,
        },
        clients: count(row, "clients")?,
        waiting: count(row, "waiting")?,
        hidden: count(row, "hidden")?,
    })
}

fn role(row: &Row) -> Result<RoleConnections, tokio_postgres::Error> {
    Ok(RoleConnections {
        role: row.try_get("role")?,
        total: count(row, "total")?,
        active: count(row, "active")?,
        idle_in_transaction: count(row, "idle_in_transaction")?,
        hidden: count(row, "hidden")?,
    })
}

fn grant(user: &str) -> String {
    format!("GRANT pg_read_all_stats TO {user}")
}

pub(super) async fn sessions(reader: &mut Reader<'_>) -> Result<(), WorldError> {
    let Some(turn) = reader.turn(Kind::Sessions) else { return Ok(()) };
    let session = reader.session;
    let rows = session.query(SESSIONS, &[]).await;
    let read = rows.and_then(|rows| {
        let all = listed(&rows).map_err(|error| session.explain(SESSIONS, &error))?;
        Ok(Sessions { grant: (all.hidden > 0).then(|| grant(&session.peer().user)), ..all })
    });
    reader.done(&turn, read.map(Into::into), |view, read| put(&mut view.sessions, read))
}

fn listed(rows: &[Row]) -> Result<Sessions, tokio_postgres::Error> {
    let of_all = |column| rows.first().map_or(Ok(0), |row| count(row, column));
    Ok(Sessions {
        clients: rows.iter().map(client).collect::<Result<_, _>>()?,
        total: of_all("total")?,
        hidden: of_all("hidden")?,
        grant: None,
    })
}

fn client(row: &Row) -> Result<ClientView, tokio_postgres::Error> {
    let statement: Option<String> = row.try_get("statement")?;
    Ok(ClientView {
        pid: row.try_get("pid")?,
        role: row.try_get("role")?,
        database: row.try_get("database")?,
        application: row.try_get("application")?,
        address: row.try_get("address")?,
        state: row.try_get("state")?,
        since: row.try_get("since")?,
        connected: row.try_get("connected")?,
        transaction: row.try_get("transaction")?,
        writing: row.try_get("writing")?,
        waits: row.try_get("waits")?,
        blocked_by: row.try_get("blocked_by")?,
        statement: statement.map(|sql| headline(&sql)).filter(|text| !text.is_empty()),
    })
}
