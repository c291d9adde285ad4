//! Looks at extensions.

use std::collections::BTreeMap;

use crate::model::{Fact, Side};
use crate::world::{PgSession, World, WorldError};

use super::gate::Seen;

const ONE: &str = include_str!("../../../assets/sql/observe/extension.sql");
const INSTALLED: &str = include_str!("../../../assets/sql/observe/extensions.sql");
const AVAILABLE: &str = include_str!("../../../assets/sql/observe/available.sql");
const SCHEMA: &str = include_str!("../../../assets/sql/observe/extension-schema.sql");
const VECTOR: &str = include_str!("../../../assets/sql/observe/vector-trial.sql");

pub(super) async fn one(world: &World, side: Side, name: &str) -> Seen {
    let observer = world.store(side).observer().await?;
    let row = observer.query_one(ONE, &[&name]).await?;
    let installed = observer.column(ONE, &row, "installed")?;
    let available = observer.column(ONE, &row, "available")?;
    observer.give_back();
    Ok(Fact::Extension { installed, available })
}

pub(super) async fn all(world: &World) -> Seen {
    let observer = world.blue.observer().await?;
    let blue = installed(&observer).await?;
    observer.give_back();
    let names: Vec<&String> = blue.keys().collect();
    let observer = world.green.observer().await?;
    let mut green: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in observer.query(AVAILABLE, &[&names]).await? {
        let name = observer.column(AVAILABLE, &row, "name")?;
        green.entry(name).or_default().push(observer.column(AVAILABLE, &row, "version")?);
    }
    observer.give_back();
    Ok(Fact::Extensions { blue, green })
}

/// Names and versions of the installed extensions.
async fn installed(session: &PgSession) -> Result<BTreeMap<String, String>, WorldError> {
    let rows = session.query(INSTALLED, &[]).await?;
    rows.iter()
        .map(|row| {
            Ok((
                session.column(INSTALLED, row, "name")?,
                session.column(INSTALLED, row, "version")?,
            ))
        })
        .collect()
}

/// Tries an extension out in a transaction that is rolled back, without a table of its own.
pub(super) async fn trial(world: &World, side: Side, name: &str) -> Seen {
    if name != "vector" {
        return Ok(Fact::NoTrial);
    }
    let observer = world.store(side).observer().await?;
    let Some(row) = observer.query_opt(SCHEMA, &[&name]).await? else {
        observer.give_back();
        return Ok(Fact::Trial(Err("it is not installed".to_owned())));
    };
    let schema: String = row.try_get(0).map_err(|error| observer.explain(SCHEMA, &error))?;
    let query = VECTOR.replace("$SCHEMA", &schema);
    observer.batch_execute("BEGIN READ ONLY").await?;
    let answer = observer.query_one(&query, &[]).await;
    observer.batch_execute("ROLLBACK").await?;
    let answer = match answer {
        Ok(row) => {
            let nearest: String =
                row.try_get(0).map_err(|error| observer.explain(&query, &error))?;
            Ok(format!("the nearest of three vectors is {nearest}"))
        }
        Err(WorldError::Statement(error)) if !error.lost => Err(error.to_string()),
        Err(error) => return Err(error),
    };
    observer.give_back();
    Ok(Fact::Trial(answer))
}
