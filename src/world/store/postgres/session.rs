//! A session with a server.

use std::ops::{Deref, DerefMut};

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, SimpleQueryMessage};

use crate::world::WorldError;

use super::cancel::Canceller;
use super::peer::Peer;

/// A session. Its own methods trace each statement, end it on the server when their future is dropped, and tell errors
/// with side and statement; through `Deref` it is [`tokio_postgres::Client`] for everything else.
pub struct PgSession {
    client: Client,
    peer: Peer,
    canceller: Canceller,
}

impl PgSession {
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

    /// [`Client::query`], traced and cancelled when dropped.
    ///
    /// # Errors
    /// The server's refusal, or the loss of the connection.
    pub async fn query(
        &self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, WorldError> {
        let _ = (sql, params);
        todo!("lands within the hour")
    }

    /// [`Client::query_one`], traced and cancelled when dropped.
    ///
    /// # Errors
    /// The server's refusal, the loss of the connection, or another number of rows than one.
    pub async fn query_one(
        &self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Row, WorldError> {
        let _ = (sql, params);
        todo!("lands within the hour")
    }

    /// [`Client::query_opt`], traced and cancelled when dropped.
    ///
    /// # Errors
    /// The server's refusal, the loss of the connection, or more than one row.
    pub async fn query_opt(
        &self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Option<Row>, WorldError> {
        let _ = (sql, params);
        todo!("lands within the hour")
    }

    /// [`Client::execute`], traced and cancelled when dropped.
    ///
    /// # Errors
    /// The server's refusal, or the loss of the connection.
    pub async fn execute(
        &self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, WorldError> {
        let _ = (sql, params);
        todo!("lands within the hour")
    }

    /// [`Client::batch_execute`], traced and cancelled when dropped.
    ///
    /// # Errors
    /// The server's refusal, or the loss of the connection.
    pub async fn batch_execute(&self, sql: &str) -> Result<(), WorldError> {
        let _ = sql;
        todo!("lands within the hour")
    }

    /// [`Client::simple_query`], traced and cancelled when dropped.
    ///
    /// # Errors
    /// The server's refusal, or the loss of the connection.
    pub async fn simple_query(&self, sql: &str) -> Result<Vec<SimpleQueryMessage>, WorldError> {
        let _ = sql;
        todo!("lands within the hour")
    }

    /// The error of a call that went to the client itself, told as this session tells its own.
    #[must_use]
    pub fn explain(&self, sql: &str, error: &tokio_postgres::Error) -> WorldError {
        let _ = (sql, error);
        todo!("lands within the hour")
    }
}

impl Deref for PgSession {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl DerefMut for PgSession {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client
    }
}

impl std::fmt::Debug for PgSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PgSession").field("peer", &self.peer).finish_non_exhaustive()
    }
}
