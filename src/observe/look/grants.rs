//! Looks at what the tool may do.

use futures::{StreamExt, TryStreamExt};

use crate::model::{Fact, Grant, Permission, Side};
use crate::world::{Call, World, WorldError};

use super::gate::Seen;

/// How many questions are under way at a time.
const AT_ONCE: usize = 8;

/// Asks the API server for each permission that the runbook needs.
pub(super) async fn of_cluster(world: &World) -> Seen {
    let questions =
        world.runbook.permissions().into_iter().map(|permission| ask(world, permission));
    let grants = futures::stream::iter(questions).buffered(AT_ONCE).try_collect().await?;
    Ok(Fact::Grants(grants))
}

async fn ask(world: &World, permission: Permission) -> Result<Grant, WorldError> {
    let mut call = Call::new(permission.verb, permission.qualified());
    call.name.clone_from(&permission.name);
    let call = if permission.cluster_wide {
        call.clusterwide()
    } else {
        call.within(world.cluster.namespace())
    };
    let allowed = world.cluster.can_i(&call).await?;
    let reason = allowed.reason.map_or_else(String::new, |reason| format!(" ({reason})"));
    let what = if allowed.yes { call.to_string() } else { format!("{call}{reason}") };
    Ok(Grant { what, granted: Some(allowed.yes), fix: None })
}

/// Asks a side's server for each privilege that the runbook needs there.
pub(super) async fn of_database(world: &World, side: Side) -> Seen {
    let observer = world.store(side).observer().await?;
    let peer = observer.peer();
    let (user, database) = (quoted(&peer.user), quoted(&peer.database));
    let mut grants = Vec::new();
    let needed = world.runbook.sql_privileges().into_iter().filter(|needed| needed.side == side);
    for grant in needed.map(|needed| needed.grant) {
        let row = observer.query_one(grant.query(), &[]).await?;
        let granted: Option<bool> =
            row.try_get(0).map_err(|error| observer.explain(grant.query(), &error))?;
        let fix = grant.fix().replace("{role}", &user).replace("{database}", &database);
        grants.push(Grant {
            what: format!("{} on {side}", grant.title()),
            granted,
            fix: Some(fix),
        });
    }
    observer.give_back();
    Ok(Fact::Grants(grants))
}

fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.chars().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit()) {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('"', "\"\""))
}
