//! Reads a side's database over one session that lives as long as it can.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::{ExtensionView, Side, SideView};
use crate::observe::look::installed;
use crate::world::{PgSession, SessionKind, World, WorldError};

use super::board::{Board, fresh, miss};
use super::count::{Counts, Known, is_watched};
use super::pace::Pace;

const SIZE: &str = include_str!("../../../assets/sql/observe/size.sql");
const CLIENTS: &str = include_str!("../../../assets/sql/observe/clients.sql");
const TABLES: &str = include_str!("../../../assets/sql/observe/tables.sql");

/// What of a refresh may go to exact counts: a tenth of one session's time.
const COUNTING: u32 = 10;

/// How long one round of readings may take before the connection counts as lost.
const LONGEST_ROUND: Duration = Duration::from_secs(30);

/// The longest pause before a connection is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Reads for ever; a session that is lost is opened again after a pause that grows.
pub(super) async fn read(world: World, side: Side, board: Arc<Board>) {
    let mut pause = board.refresh;
    loop {
        match world.store(side).session("observe", SessionKind::Observer).await {
            Ok(session) => {
                pause = board.refresh;
                let why = follow(&world, &session, side, &board).await;
                board.side(side, |view| forget(view, &why.to_string()));
            }
            Err(error) => board.side(side, |view| forget(view, &error.to_string())),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE.max(board.refresh));
    }
}

/// What came from the database grows stale; what comes from the cluster does not.
fn forget(view: &mut SideView, why: &str) {
    miss(&mut view.version, why);
    miss(&mut view.system, why);
    miss(&mut view.size, why);
    miss(&mut view.clients, why);
    miss(&mut view.tables, why);
    miss(&mut view.extensions, why);
}

/// Reads until the session is lost, and says how.
async fn follow(world: &World, session: &PgSession, side: Side, board: &Board) -> WorldError {
    let mut reader =
        Reader { world, session, side, board, counts: Counts::default(), paces: Paces::default() };
    let mut ticks = tokio::time::interval(board.refresh);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // The server ends a statement that takes too long; a wire that has gone silent nobody ends but we.
        match tokio::time::timeout(LONGEST_ROUND, reader.round()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error,
            Err(_) => return silent(side),
        }
    }
}

fn silent(side: Side) -> WorldError {
    WorldError::Deadline {
        waited_for: format!("an answer of {side}"),
        after: LONGEST_ROUND,
        last: None,
    }
}

#[derive(Debug, Default)]
struct Paces {
    size: Pace,
    clients: Pace,
    extensions: Pace,
    tables: Pace,
}

struct Reader<'a> {
    world: &'a World,
    session: &'a PgSession,
    side: Side,
    board: &'a Board,
    counts: Counts,
    paces: Paces,
}

impl Reader<'_> {
    /// One reading of everything that is due. Only a lost session is an error; what one statement cannot read is missed.
    async fn round(&mut self) -> Result<(), WorldError> {
        self.clients().await?;
        self.extensions().await?;
        self.size().await?;
        self.tables().await?;
        let peer = self.session.peer();
        self.board.side(self.side, |view| {
            view.version = fresh(peer.version.clone());
            view.system = fresh(peer.system_identifier.clone());
        });
        Ok(())
    }

    async fn number(&self, sql: &str) -> Result<u64, WorldError> {
        let row = self.session.query_one(sql, &[]).await?;
        let number: i64 = row.try_get(0).map_err(|error| self.session.explain(sql, &error))?;
        Ok(number.unsigned_abs())
    }

    async fn clients(&mut self) -> Result<(), WorldError> {
        let began = Instant::now();
        if !self.paces.clients.is_due(began) {
            return Ok(());
        }
        let read = self.number(CLIENTS).await;
        self.paces.clients.ran(began, began.elapsed(), self.board.refresh);
        self.put(
            read,
            |view, clients| view.clients = fresh(clients),
            |view, why| miss(&mut view.clients, why),
        )
    }

    async fn size(&mut self) -> Result<(), WorldError> {
        let began = Instant::now();
        if !self.paces.size.is_due(began) {
            return Ok(());
        }
        let read = self.number(SIZE).await;
        self.paces.size.ran(began, began.elapsed(), self.board.refresh);
        self.put(read, |view, size| view.size = fresh(size), |view, why| miss(&mut view.size, why))
    }

    async fn extensions(&mut self) -> Result<(), WorldError> {
        let began = Instant::now();
        if !self.paces.extensions.is_due(began) {
            return Ok(());
        }
        let read = installed(self.session).await;
        self.paces.extensions.ran(began, began.elapsed(), self.board.refresh);
        self.put(
            read,
            |view, all| {
                let installed = |(name, version)| {
                    (name, ExtensionView { installed: Some(version), available: None })
                };
                let all: BTreeMap<_, _> = all.into_iter().map(installed).collect();
                view.extensions = fresh(all.into());
            },
            |view, why| miss(&mut view.extensions, why),
        )
    }

    async fn tables(&mut self) -> Result<(), WorldError> {
        let began = Instant::now();
        if !self.paces.tables.is_due(began) {
            return Ok(());
        }
        let known = self.known().await;
        self.paces.tables.ran(began, began.elapsed(), self.board.refresh);
        let read = match known {
            Ok(known) => {
                self.count(&known).await.map(|()| self.counts.tell(&known, self.board.refresh))
            }
            Err(error) => Err(error),
        };
        self.put(
            read,
            |view, tables| view.tables = fresh(tables.into()),
            |view, why| miss(&mut view.tables, why),
        )
    }

    async fn known(&self) -> Result<Vec<Known>, WorldError> {
        let rows = self.session.query(TABLES, &[]).await?;
        let watch = &self.world.runbook.watch;
        let known = rows.iter().map(|row| {
            Ok(Known {
                name: self.session.column(TABLES, row, "name")?,
                estimate: self.session.column(TABLES, row, "estimate")?,
                writes: self.session.column(TABLES, row, "writes")?,
                pages: self.session.column(TABLES, row, "pages")?,
            })
        });
        let known: Vec<Known> = known.collect::<Result<_, WorldError>>()?;
        Ok(known.into_iter().filter(|table| is_watched(watch, &table.name)).collect())
    }

    /// Counts what is due and fits. A table that cannot be counted keeps its estimate.
    async fn count(&mut self, known: &[Known]) -> Result<(), WorldError> {
        let budget = self.board.refresh / COUNTING;
        let (all, began) = (self.counts.due(known, budget), Instant::now());
        for table in all {
            if began.elapsed() > budget {
                break;
            }
            let started = Instant::now();
            match self.number(&format!("SELECT count(*) FROM ONLY {}", table.name)).await {
                Ok(rows) => self.counts.counted(table, rows, started.elapsed()),
                Err(error) if error.is_transient() => return Err(error),
                Err(error) => {
                    tracing::debug!(target: "pgcutover::statement", %error, "a table was not counted");
                }
            }
        }
        Ok(())
    }

    fn put<T>(
        &self,
        read: Result<T, WorldError>,
        put: impl FnOnce(&mut SideView, T),
        missed: impl FnOnce(&mut SideView, &str),
    ) -> Result<(), WorldError> {
        match read {
            Ok(value) => self.board.side(self.side, |view| put(view, value)),
            Err(error) if error.is_transient() => return Err(error),
            Err(error) => self.board.side(self.side, |view| missed(view, &error.to_string())),
        }
        Ok(())
    }
}
