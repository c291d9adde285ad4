//! What the database's default was before the fence.

use serde::{Deserialize, Serialize};

use crate::model::Side;
use crate::verify::ident;
use crate::world::{PgSession, SessionKind, World, WorldError};

const FORMER: &str = include_str!("../../../assets/sql/fence/former.sql");

/// Recorded before the fence, for its undo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Former {
    /// The database.
    pub(crate) database: String,
    /// Its own setting, when it had one.
    pub(crate) setting: Option<String>,
}

impl Former {
    /// Reads it from a side.
    pub(crate) async fn read(world: &World, side: Side, purpose: &str) -> Result<Self, WorldError> {
        let session = world.store(side).session(purpose, SessionKind::Observer).await?;
        Self::read_over(&session).await
    }

    async fn read_over(session: &PgSession) -> Result<Self, WorldError> {
        let row = session.query_one(FORMER, &[]).await?;
        Ok(Self { database: row.get("database"), setting: row.get("former") })
    }

    /// The statement that shuts the database for new transactions.
    pub(super) fn shut(&self) -> String {
        format!("ALTER DATABASE {} SET default_transaction_read_only = on", ident(&self.database))
    }

    /// The statement that puts the former setting back. A database that was shut before the fence is opened: blue serves.
    pub(super) fn open(&self) -> String {
        let database = ident(&self.database);
        match self.setting.as_deref() {
            Some("off" | "false" | "no" | "0") => {
                format!("ALTER DATABASE {database} SET default_transaction_read_only = off")
            }
            _ => format!("ALTER DATABASE {database} RESET default_transaction_read_only"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_database_had_of_its_own_is_put_back() {
        let former = |setting: Option<&str>| Former {
            database: "a\"b".into(),
            setting: setting.map(ToOwned::to_owned),
        };
        assert_eq!(
            former(None).open(),
            r#"ALTER DATABASE "a""b" RESET default_transaction_read_only"#
        );
        assert_eq!(
            former(Some("off")).open(),
            r#"ALTER DATABASE "a""b" SET default_transaction_read_only = off"#
        );
    }
}
