//! A session with a server.

use std::fmt;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, SimpleQueryMessage};

use crate::world::{Calls, WorldError};

use super::cancel::{CancelOnDrop, Canceller, Pending};
use super::notices::Notices;
use super::peer::Peer;
use super::sql::Sql;
use super::statement;
use super::traced::Traced;

/// Parameters of a statement.
pub(super) type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A session. Its own methods trace each statement, end it on the server when their future is dropped, and tell errors
/// with side and statement; through `Deref` it is [`Traced`], which has the same
/// methods with the driver's errors.
pub struct PgSession {
    client: Traced,
    peer: Peer,
    canceller: Canceller,
    pending: Pending,
    notices: Notices,
}

impl PgSession {
    pub(super) fn new(
        client: Client,
        peer: Peer,
        canceller: Canceller,
        notices: Notices,
        (calls, purpose): (Calls, Arc<str>),
    ) -> Self {
        let client = Traced::new(client, calls, peer.side, purpose);
        Self { client, peer, canceller, pending: Pending::default(), notices }
    }

    /// The server at the other end.
    #[must_use]
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Ends the running statement from elsewhere.
    #[must_use]
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }

    /// What the server has said beside its answers since this was asked last, oldest first.
    #[must_use]
    pub fn take_notices(&self) -> Vec<String> {
        self.notices.take()
    }

    /// [`Client::query`], traced and cancelled when dropped.
    ///
    /// # Errors
    /// The server's refusal, or the loss of the connection.
    pub async fn query(
        &self,
        sql: impl Into<Sql<'_>>,
        params: Params<'_>,
    ) -> Result<Vec<Row>, WorldError> {
        let sql = sql.into();
        self.run(sql, self.client.query(sql, params), |rows| rows.len() as u64).await
    }

    /// [`Client::query_raw`], traced and cancelled when dropped: each row is made into what is wanted of it as it arrives,
    /// so that thousands of them are not held twice.
    ///
    /// # Errors
    /// The server's refusal, the loss of the connection, or a row that is not what is wanted.
    pub async fn query_each<T>(
        &self,
        sql: impl Into<Sql<'_>>,
        each: impl Fn(&Row) -> Result<T, tokio_postgres::Error>,
    ) -> Result<Vec<T>, WorldError> {
        let sql = sql.into();
        self.run(sql, self.client.query_each(sql, each), |rows| rows.len() as u64).await
    }

    /// [`Client::query_one`], traced and cancelled when dropped.
    ///
    /// # Errors
    /// The server's refusal, the loss of the connection, or another number of rows than one.
    pub async fn query_one(
        &self,
        sql: impl Into<Sql<'_>>,
        params: Params<'_>,
    ) -> Result<Row, WorldError> {
        let sql = sql.into();
        self.run(sql, self.client.query_one(sql, params), |_| 1).await
    }

    /// [`Client::query_opt`], traced and cancelled when dropped.
    ///
    /// # Errors
    /// The server's refusal, the loss of the connection, or more than one row.
    pub async fn query_opt(
        &self,
        sql: impl Into<Sql<'_>>,
        params: Params<'_>,
    ) -> Result<Option<Row>, WorldError> {
        let sql = sql.into();
        self.run(sql, self.client.query_opt(sql, params), |row| u64::from(row.is_some())).await
    }

    /// [`Client::execute`], traced and cancelled when dropped.
    ///
    /// # Errors
    /// The server's refusal, or the loss of the connection.
    pub async fn execute(&self, sql: &str, params: Params<'_>) -> Result<u64, WorldError> {
        self.run(sql, self.client.execute(sql, params), |rows| *rows).await
    }

    /// [`Client::batch_execute`], traced and cancelled when dropped.
    ///
    /// # Errors
    /// The server's refusal, or the loss of the connection.
    pub async fn batch_execute(&self, sql: &str) -> Result<(), WorldError> {
        self.run(sql, self.client.batch_execute(sql), |()| 0).await
    }

    /// [`Client::simple_query`], traced and cancelled when dropped.
    ///
    /// # Errors
    /// The server's refusal, or the loss of the connection.
    pub async fn simple_query(&self, sql: &str) -> Result<Vec<SimpleQueryMessage>, WorldError> {
        self.run(sql, self.client.simple_query(sql), |rows| rows.len() as u64).await
    }

    /// A column of a row, or an error that names the statement.
    ///
    /// # Errors
    /// A column that is not there or has another type.
    pub fn column<'r, T: tokio_postgres::types::FromSql<'r>>(
        &self,
        sql: &str,
        row: &'r Row,
        column: &str,
    ) -> Result<T, WorldError> {
        row.try_get(column).map_err(|error| self.explain(sql, &error))
    }

    /// The error of a call that went to the client itself, told as this session tells its own.
    #[must_use]
    pub fn explain<'s>(
        &self,
        sql: impl Into<Sql<'s>>,
        error: &tokio_postgres::Error,
    ) -> WorldError {
        statement::refused(self.peer.side, sql.into().text(), error)
    }

    async fn run<'s, T>(
        &self,
        sql: impl Into<Sql<'s>>,
        statement: impl Future<Output = Result<T, tokio_postgres::Error>>,
        rows: impl Fn(&T) -> u64,
    ) -> Result<T, WorldError> {
        let sql = sql.into();
        self.settle().await;
        let guard = CancelOnDrop::armed(&self.canceller, &self.pending);
        let started = Instant::now();
        let result = statement.await;
        guard.disarm();
        statement::note(self.peer.side, sql.text(), started.elapsed(), result.as_ref().map(rows));
        result.map_err(|error| self.explain(sql, &error))
    }

    /// A cancel request names a session, not a statement: one that is still under way might hit the next. The empty query
    /// is what it may hit instead. One that came before its statement began has ended nothing, and is sent again.
    async fn settle(&self) {
        if !self.pending.over().await {
            return;
        }
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let rests = self.client.simple_query("");
            if tokio::time::timeout(Duration::from_millis(500), rests).await.is_ok() {
                return;
            }
            self.canceller.cancel().await;
        }
    }
}

impl Deref for PgSession {
    type Target = Traced;

    fn deref(&self) -> &Traced {
        &self.client
    }
}

impl DerefMut for PgSession {
    fn deref_mut(&mut self) -> &mut Traced {
        &mut self.client
    }
}

impl fmt::Debug for PgSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgSession").field("peer", &self.peer).finish_non_exhaustive()
    }
}
