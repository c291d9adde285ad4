//! Opening a side again, and proving it.

use jiff::Timestamp;

use super::former::Former;
use super::shut::TERMINATE;
use crate::model::{Evidence, Failure, FailureKind, Outcome, Side};
use crate::verify::fence::CANARY;
use crate::world::{SessionKind, World};

/// Opens a side. `former` is what the fence recorded; without it the database's own setting is dropped. Doing it again does no
/// harm.
///
/// Sessions that began while the database was shut keep its default for as long as they live, so they are ended: their
/// clients come back able to write.
///
/// # Errors
/// What stood in the way, or [`FailureKind::Refused`] when a new session still cannot write.
pub(in crate::action) async fn lift(
    world: &World,
    side: Side,
    former: Option<Former>,
    purpose: &str,
) -> Result<Outcome, Failure> {
    let former = match former {
        Some(former) => former,
        None => Former { setting: None, ..Former::read(world, side, purpose).await? },
    };
    let operator = world.store(side).session(purpose, SessionKind::Operator).await?;
    operator.batch_execute(&former.open()).await?;
    let ended: i64 = operator.query_one(TERMINATE, &[]).await?.get(0);
    may_write(world, side, purpose).await?;
    Ok(Outcome {
        summary: format!("{side} takes writes"),
        evidence: vec![Evidence {
            summary: format!(
                "a write was taken and rolled back; {ended} sessions were ended to begin anew"
            ),
            source: former.open(),
            at: Timestamp::now(),
            details: Vec::new(),
        }],
        ..Outcome::default()
    })
}

/// Writes as the application would, and rolls back. A role that may not create tables is proof enough that the transaction
/// was not read-only, which the server looks at first.
async fn may_write(world: &World, side: Side, purpose: &str) -> Result<(), Failure> {
    let session = world.store(side).session(purpose, SessionKind::Application).await?;
    session.batch_execute("BEGIN").await?;
    let written = session.batch_execute(CANARY).await;
    session.batch_execute("ROLLBACK").await?;
    match written {
        Err(error) if error.sqlstate() == Some("25006") => Err(Failure::new(
            FailureKind::Refused,
            format!("{side} still refuses writes though its database was opened"),
        )
        .because(error.to_string())),
        Err(error) if error.sqlstate() != Some("42501") => Err(error.into()),
        _ => Ok(()),
    }
}
