//! What the application writes: each write is one transaction that holds the change and its request's identifier.

use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Statement};

use super::database::describe;
use super::ledger::Outcome;

/// What one connection has prepared.
pub(super) struct Operations {
    sprints: Vec<i64>,
    add_task: Statement,
    move_task: Statement,
    add_scrum: Statement,
    add_retrospective: Statement,
    log_request: Statement,
}

/// How a write ended.
pub(super) struct Written {
    pub(super) operation: &'static str,
    pub(super) outcome: Outcome,
    pub(super) why: Option<String>,
    /// Whether the session is of no more use: closed, silent, or on a server that refuses writes.
    pub(super) leave: bool,
}

/// How long the application waits for the database.
const PATIENCE: Duration = Duration::from_secs(5);

impl Operations {
    pub(super) async fn prepare(client: &Client) -> Result<Self, tokio_postgres::Error> {
        let sprints = client
            .query(include_str!("../../../assets/lab/chronicle/app/active_sprints.sql"), &[])
            .await?;
        Ok(Self {
            sprints: sprints.iter().map(|row| row.get(0)).collect(),
            add_task: client
                .prepare(include_str!("../../../assets/lab/chronicle/app/add_task.sql"))
                .await?,
            move_task: client
                .prepare(include_str!("../../../assets/lab/chronicle/app/move_task.sql"))
                .await?,
            add_scrum: client
                .prepare(include_str!("../../../assets/lab/chronicle/app/add_scrum.sql"))
                .await?,
            add_retrospective: client
                .prepare(include_str!("../../../assets/lab/chronicle/app/add_retrospective.sql"))
                .await?,
            log_request: client
                .prepare(include_str!("../../../assets/lab/chronicle/app/log_request.sql"))
                .await?,
        })
    }

    /// Carries out the `n`th write under this identifier.
    pub(super) async fn write(&self, client: &mut Client, n: u64, id: &str) -> Written {
        let operation = name(n);
        let refused = |why: String, leave| Written {
            operation,
            outcome: Outcome::Refused,
            why: Some(why),
            leave,
        };
        let change = tokio::time::timeout(PATIENCE, self.change(client, n, id)).await;
        let transaction = match change {
            Ok(Ok(transaction)) => transaction,
            Ok(Err(error)) => return refused(describe(&error), leaves(&error)),
            // Nothing was committed, and dropping the session rolls back what was begun.
            Err(_) => return refused("no answer in 5 s".into(), true),
        };
        let unknown = |why: String| Written {
            operation,
            outcome: Outcome::Unknown,
            why: Some(why),
            leave: true,
        };
        match tokio::time::timeout(PATIENCE, transaction.commit()).await {
            Ok(Ok(())) => {
                Written { operation, outcome: Outcome::Acknowledged, why: None, leave: false }
            }
            Ok(Err(error)) if rolled_back(&error) => refused(describe(&error), leaves(&error)),
            Ok(Err(error)) => unknown(describe(&error)),
            Err(_) => unknown("no answer to the commit in 5 s".into()),
        }
    }

    async fn change<'a>(
        &self,
        client: &'a mut Client,
        n: u64,
        id: &str,
    ) -> Result<tokio_postgres::Transaction<'a>, tokio_postgres::Error> {
        let sprint = self.sprints[usize::try_from(n).unwrap_or(0) % self.sprints.len().max(1)];
        let operation = name(n);
        let transaction = client.transaction().await?;
        let made = match operation {
            "add-task" => {
                let title = format!("Live task {n}");
                transaction.query_one(&self.add_task, &[&sprint, &title, &id]).await?
            }
            "move-task" => transaction.query_one(&self.move_task, &[&sprint]).await?,
            "add-scrum" => transaction.query_one(&self.add_scrum, &[&sprint, &"ada", &id]).await?,
            _ => transaction.query_one(&self.add_retrospective, &[&sprint, &id]).await?,
        };
        let entity: &str = made.get(0);
        transaction.execute(&self.log_request, &[&id, &operation, &entity]).await?;
        Ok(transaction)
    }

    /// Whether there is anything to write to.
    pub(super) fn have_sprints(&self) -> bool {
        !self.sprints.is_empty()
    }
}

/// The mix: four in ten are tasks, three move one, two are daily scrums, one is a retrospective.
fn name(n: u64) -> &'static str {
    match n % 10 {
        0 | 3 | 6 | 9 => "add-task",
        1 | 4 | 7 => "move-task",
        2 | 8 => "add-scrum",
        _ => "add-retrospective",
    }
}

/// A commit that the server answered with an error of its own was rolled back; but a server that is shutting down may
/// say so after the commit.
fn rolled_back(error: &tokio_postgres::Error) -> bool {
    error
        .code()
        .is_some_and(|code| !code.code().starts_with("57P") && !code.code().starts_with("08"))
}

fn leaves(error: &tokio_postgres::Error) -> bool {
    error.is_closed()
        || error.code().is_none_or(|code| {
            *code == SqlState::READ_ONLY_SQL_TRANSACTION || code.code().starts_with("57P")
        })
}
