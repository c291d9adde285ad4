//! Sending a document.

use std::time::Duration;

use kube::api::{DynamicObject, Patch, PatchParams};

use crate::action::act::Act;
use crate::action::mark::MANAGER;
use crate::model::Failure;
use crate::world::{ApiErrorKind, Call, WorldError};

use super::conflict;
use super::document::Document;

/// What became of a document.
pub(super) struct Sent {
    pub(super) created: bool,
    /// Fields that belonged to `kubectl`.
    pub(super) taken_over: Vec<String>,
}

enum Refusal {
    Fields(Vec<conflict::Owned>),
    World(WorldError),
}

/// Sends a document as a dry run. What only the real thing can tell is no refusal.
pub(super) async fn rehearse(
    act: Act<'_>,
    document: &Document,
    force: bool,
) -> Result<(), Failure> {
    match send(act, document, force, true).await {
        Ok(_) => Ok(()),
        Err(Refusal::Fields(owned)) if conflict::may_be_taken(&owned) => Ok(()),
        Err(Refusal::Fields(owned)) => Err(conflict::failure(act, document, &owned)),
        Err(Refusal::World(error)) => {
            // A namespace of the same manifests is not there yet; and some webhooks refuse every dry run.
            let later = error.is_not_found() || error.to_string().contains("dry run");
            if later || error.is_transient() { Ok(()) } else { Err(error.into()) }
        }
    }
}

/// Applies a document. It may be sent again when no answer came: applying is idempotent.
pub(super) async fn apply(act: Act<'_>, document: &Document, force: bool) -> Result<Sent, Failure> {
    let was_there = act.cluster().get_object(&document.object).await?.is_some();
    let (mut force, mut taken_over) = (force, Vec::new());
    loop {
        let error = match send(act, document, force, false).await {
            Ok(_) => return Ok(Sent { created: !was_there, taken_over }),
            Err(Refusal::Fields(owned)) if !force && conflict::may_be_taken(&owned) => {
                force = true;
                taken_over = owned
                    .iter()
                    .map(|owned| format!("took over `{}` from `{}`", owned.field, owned.manager))
                    .collect();
                continue;
            }
            Err(Refusal::Fields(owned)) => return Err(conflict::failure(act, document, &owned)),
            Err(Refusal::World(error)) => error,
        };
        // A conflict without fields is a change at the same moment.
        let again = error.is_transient() || error.api_kind() == Some(ApiErrorKind::Conflict);
        if !again {
            return Err(error.into());
        }
        act.tell(format!("asking again: {error}"));
        act.pause(Duration::from_secs(1), &format!("{} to be applied", document.object)).await?;
    }
}

async fn send(
    act: Act<'_>,
    document: &Document,
    force: bool,
    dry_run: bool,
) -> Result<DynamicObject, Refusal> {
    let (cluster, object) = (act.cluster(), &document.object);
    let api = cluster.dynamic(&object.api_version, &object.kind).await.map_err(Refusal::World)?;
    let params = PatchParams {
        dry_run,
        force,
        field_manager: Some(MANAGER.into()),
        ..PatchParams::default()
    };
    let error = match api.patch(&object.name, &params, &Patch::Apply(&document.body)).await {
        Ok(applied) => return Ok(applied),
        Err(error) => error,
    };
    if let kube::Error::Api(status) = &error {
        let owned = conflict::fields(status);
        if !owned.is_empty() {
            return Err(Refusal::Fields(owned));
        }
    }
    let resource = cluster.resource_of(object).await.map_err(Refusal::World)?;
    Err(Refusal::World(act.explain(Call::new("patch", resource).named(&object.name), error)))
}
