//! Looks at a side's database.

use std::time::Duration;

use jiff::Timestamp;
use tokio_postgres::SimpleQueryMessage;

use crate::model::{
    Fact, FencePosition, OpenTransaction, PreparedTransaction, RunState, ServerFact, Side, Unseen,
    Verb,
};
use crate::verify::fence;
use crate::world::{ConnectErrorKind, PgSession, SessionKind, Sql, World, WorldError};

use super::gate::Seen;

const SERVER: Sql<'static> = Sql::Kept(include_str!("../../../assets/sql/observe/server.sql"));
const TRANSACTIONS: Sql<'static> =
    Sql::Kept(include_str!("../../../assets/sql/observe/transactions.sql"));
const HIDDEN: Sql<'static> = Sql::Kept(include_str!("../../../assets/sql/observe/hidden.sql"));
const PREPARED: Sql<'static> = Sql::Kept(include_str!("../../../assets/sql/observe/prepared.sql"));

/// How many reads show whether somebody writes, and how far they are apart.
const READS: usize = 5;
const BETWEEN: Duration = Duration::from_millis(250);

/// Connects anew: a session that is open already would not show that a new one can be.
pub(super) async fn reachable(world: &World, side: Side) -> Seen {
    match world.store(side).session("reachable", SessionKind::Observer).await {
        Ok(session) => Ok(Fact::Server(describe(&session).await?)),
        Err(error) if is_certain(&error) => Ok(Fact::NoServer(unseen(&error))),
        Err(error) => Err(error),
    }
}

/// The server, or whoever stands before it, said no. A timeout or a silent API server says nothing about the side.
fn is_certain(error: &WorldError) -> bool {
    match error {
        WorldError::Connect(error) => !matches!(
            error.kind,
            ConnectErrorKind::TimedOut | ConnectErrorKind::Lost | ConnectErrorKind::Other
        ),
        WorldError::NoPod { .. }
        | WorldError::SeveralPods { .. }
        | WorldError::Secret { .. }
        | WorldError::Settings { .. } => true,
        _ => false,
    }
}

fn unseen(error: &WorldError) -> Unseen {
    Unseen { why: error.to_string(), hint: error.hint() }
}

pub(super) async fn server(world: &World, side: Side) -> Seen {
    Ok(Fact::Server(fact(world, side).await?))
}

pub(super) async fn servers(world: &World) -> Seen {
    let (blue, green) = futures::try_join!(fact(world, Side::Blue), fact(world, Side::Green))?;
    Ok(Fact::Servers { blue, green })
}

async fn fact(world: &World, side: Side) -> Result<ServerFact, WorldError> {
    let observer = world.store(side).observer().await?;
    let fact = describe(&observer).await?;
    observer.give_back();
    Ok(fact)
}

async fn describe(session: &PgSession) -> Result<ServerFact, WorldError> {
    let started = session.query_one(SERVER, &[]).await?;
    let started = started.try_get(0).map_err(|error| session.explain(SERVER, &error))?;
    let peer = session.peer();
    Ok(ServerFact {
        side: peer.side,
        address: peer.address.clone(),
        way: peer.way.to_string(),
        database: peer.database.clone(),
        system: peer.system_identifier.clone(),
        started,
        version_num: peer.version_num,
        version: peer.version.clone(),
        in_recovery: peer.in_recovery,
        tls: peer.tls.clone(),
    })
}

pub(super) async fn writers(world: &World, side: Side) -> Seen {
    let observer = world.store(side).observer().await?;
    let mut samples = Vec::with_capacity(READS);
    while samples.len() < READS {
        if !samples.is_empty() {
            tokio::time::sleep(BETWEEN).await;
        }
        let (sample, _) = fence::sample(&observer)
            .await
            .map_err(|error| observer.explain("pg_stat_activity", &error))?;
        samples.push(sample);
    }
    see_all(&observer).await?;
    observer.give_back();
    Ok(Fact::Writers(samples))
}

/// The proof begins as the application's sessions do, so that the test write meets what they meet.
pub(super) async fn fence(world: &World, side: Side, state: &RunState) -> Seen {
    let session = world.store(side).session("fence", SessionKind::Application).await?;
    let system = &session.peer().system_identifier;
    let earlier = proven(world, side, state).filter(|earlier| earlier.system == *system);
    let proof = fence::prove(&session, Timestamp::now, earlier).await;
    Ok(Fact::Fence(proof.map_err(|error| session.explain("the proof of the fence", &error))?))
}

/// Where the side stood when a `fence` step proved it last.
fn proven(world: &World, side: Side, state: &RunState) -> Option<FencePosition> {
    let fences = world.runbook.steps().filter(|(_, step)| step.verb == Verb::Fence { side });
    let proofs = fences.filter_map(|(_, step)| {
        let outcome = state.step(&step.id).outcome.as_ref()?;
        serde_json::from_value::<FencePosition>(outcome.data.clone()).ok()
    });
    proofs.filter(|proof| proof.side == side).max_by_key(|proof| proof.at)
}

pub(super) async fn transactions(world: &World, side: Side) -> Seen {
    let observer = world.store(side).observer().await?;
    see_all(&observer).await?;
    let rows = observer.query(TRANSACTIONS, &[]).await?;
    let open = rows.iter().map(transaction).collect::<Result<_, _>>();
    let open = open.map_err(|error| observer.explain(TRANSACTIONS, &error))?;
    observer.give_back();
    Ok(Fact::Transactions(open))
}

fn transaction(row: &tokio_postgres::Row) -> Result<OpenTransaction, tokio_postgres::Error> {
    let text = |column| row.try_get::<_, String>(column);
    let (role, application, address) = (text("role")?, text("application")?, text("address")?);
    let from = if address.is_empty() { "a local socket" } else { &address };
    let client = if application.is_empty() {
        format!("{role} from {from}")
    } else {
        format!("{role} ({application}) from {from}")
    };
    let seconds: f64 = row.try_get("seconds")?;
    let open_for = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    Ok(OpenTransaction { pid: row.try_get("pid")?, client, state: text("state")?, open_for })
}

/// Without `pg_read_all_stats` the transactions of other roles do not show, and their absence says nothing.
async fn see_all(session: &PgSession) -> Result<(), WorldError> {
    let row = session.query_one(HIDDEN, &[]).await?;
    let hidden: i64 = row.try_get(0).map_err(|error| session.explain(HIDDEN, &error))?;
    if hidden == 0 {
        return Ok(());
    }
    let (side, user) = (session.peer().side, &session.peer().user);
    Err(WorldError::Hidden {
        what: format!("{hidden} sessions of other roles on {side} cannot be seen into"),
        grant: format!("GRANT pg_read_all_stats TO {user}"),
    })
}

pub(super) async fn prepared(world: &World, side: Side) -> Seen {
    let observer = world.store(side).observer().await?;
    let rows = observer.query(PREPARED, &[]).await?;
    let one = |row: &tokio_postgres::Row| {
        Ok(PreparedTransaction {
            gid: row.try_get("gid")?,
            owner: row.try_get("owner")?,
            since: row.try_get("since")?,
        })
    };
    let all = rows.iter().map(one).collect::<Result<_, _>>();
    let all = all.map_err(|error| observer.explain(PREPARED, &error))?;
    observer.give_back();
    Ok(Fact::Prepared(all))
}

/// The first column of the first row, as text.
pub(super) async fn answer(world: &World, side: Side, query: &str) -> Seen {
    let observer = world.store(side).observer().await?;
    let messages = observer.simple_query(query).await?;
    let first = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) if !row.is_empty() => Some(row.get(0).map(str::to_owned)),
        _ => None,
    });
    observer.give_back();
    Ok(Fact::Answer(first.flatten()))
}
