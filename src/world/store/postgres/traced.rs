//! A client whose statements stand in the log of calls.

use std::collections::BTreeMap;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use futures::TryStreamExt;
use tokio_postgres::{Client, Error, Row, SimpleQueryMessage, Statement};

use crate::model::{CallKind, CallOutcome, CallTarget, Side};
use crate::world::Calls;

use super::session::Params;
use super::sql::Sql;
use super::statement::headline;

/// [`Client`] with the same methods and errors; each statement is written down with how long it took and what came of it.
/// Through `Deref` it is the client for everything else, which is not written down.
pub struct Traced {
    client: Client,
    to: Option<(Calls, Side, Arc<str>)>,
    kept: Mutex<BTreeMap<&'static str, Statement>>,
}

impl From<Client> for Traced {
    /// A client of which nobody keeps a log.
    fn from(client: Client) -> Self {
        Self { client, to: None, kept: Mutex::default() }
    }
}

impl Traced {
    pub(super) fn new(client: Client, calls: Calls, side: Side, purpose: Arc<str>) -> Self {
        Self { client, to: Some((calls, side, purpose)), kept: Mutex::default() }
    }

    /// [`Client::query`]
    ///
    /// # Errors
    /// The driver's; so for all of them.
    pub async fn query(
        &self,
        sql: impl Into<Sql<'_>>,
        params: Params<'_>,
    ) -> Result<Vec<Row>, Error> {
        let sql = sql.into();
        let read = async { self.client.query(&self.statement(sql).await?, params).await };
        self.run(sql, read, |rows| rows.len() as u64).await
    }

    /// [`Client::query_raw`], each row made into what is wanted of it as it arrives.
    ///
    /// # Errors
    /// The driver's.
    pub async fn query_each<T>(
        &self,
        sql: impl Into<Sql<'_>>,
        each: impl Fn(&Row) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let sql = sql.into();
        let read = async {
            let statement = self.statement(sql).await?;
            let rows = self.client.query_raw(&statement, std::iter::empty::<i32>()).await?;
            rows.and_then(|row| std::future::ready(each(&row))).try_collect().await
        };
        self.run(sql, read, |rows: &Vec<T>| rows.len() as u64).await
    }

    /// [`Client::query_one`]
    ///
    /// # Errors
    /// The driver's.
    pub async fn query_one(
        &self,
        sql: impl Into<Sql<'_>>,
        params: Params<'_>,
    ) -> Result<Row, Error> {
        let sql = sql.into();
        let read = async { self.client.query_one(&self.statement(sql).await?, params).await };
        self.run(sql, read, |_| 1).await
    }

    /// [`Client::query_opt`]
    ///
    /// # Errors
    /// The driver's.
    pub async fn query_opt(
        &self,
        sql: impl Into<Sql<'_>>,
        params: Params<'_>,
    ) -> Result<Option<Row>, Error> {
        let sql = sql.into();
        let read = async { self.client.query_opt(&self.statement(sql).await?, params).await };
        self.run(sql, read, |row| u64::from(row.is_some())).await
    }

    /// [`Client::execute`]
    ///
    /// # Errors
    /// The driver's.
    pub async fn execute(&self, sql: &str, params: Params<'_>) -> Result<u64, Error> {
        self.run(sql.into(), self.client.execute(sql, params), |rows| *rows).await
    }

    /// [`Client::batch_execute`]
    ///
    /// # Errors
    /// The driver's.
    pub async fn batch_execute(&self, sql: &str) -> Result<(), Error> {
        self.run(sql.into(), self.client.batch_execute(sql), |()| 0).await
    }

    /// [`Client::simple_query`]
    ///
    /// # Errors
    /// The driver's.
    pub async fn simple_query(&self, sql: &str) -> Result<Vec<SimpleQueryMessage>, Error> {
        self.run(sql.into(), self.client.simple_query(sql), |rows| rows.len() as u64).await
    }

    /// What the server has made of the text: anew, or the first time only.
    async fn statement(&self, sql: Sql<'_>) -> Result<Statement, Error> {
        let Sql::Kept(text) = sql else { return self.client.prepare(sql.text()).await };
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(text).cloned();
        if let Some(statement) = kept {
            return Ok(statement);
        }
        let statement = self.client.prepare(text).await?;
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(kept.entry(text).or_insert(statement).clone())
    }

    async fn run<T>(
        &self,
        sql: Sql<'_>,
        statement: impl Future<Output = Result<T, Error>>,
        rows: impl Fn(&T) -> u64,
    ) -> Result<T, Error> {
        let call = self.to.as_ref().map(|(calls, side, purpose)| {
            let to = CallTarget::Side(*side);
            calls.begin(to, CallKind::Statement, purpose, headline(sql.text()))
        });
        let result = statement.await;
        if let (Sql::Kept(text), Err(_)) = (sql, &result) {
            // Whatever has become of it, such as by `DISCARD ALL` of a pooler: the next time it is made anew.
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(text);
        }
        match (call, &result) {
            (Some(call), Ok(answer)) => call.end(CallOutcome::Rows(rows(answer))),
            (Some(call), Err(error)) => {
                let code = error.code().map(|code| code.code().to_owned());
                let refusal = error.as_db_error().map(|refusal| refusal.message().to_owned());
                call.fail(code, refusal.unwrap_or_else(|| error.to_string()));
            }
            (None, _) => {}
        }
        result
    }
}

impl std::fmt::Debug for Traced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Traced").finish_non_exhaustive()
    }
}

impl Deref for Traced {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl DerefMut for Traced {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client
    }
}
