//! Applying a fix that a failure offered.
//!
//! The patch is sent under a field manager of its own: the retried step applies its manifest again, and server-side apply
//! takes nothing back that another manager owns.
//!
//! Calls: `patch` on the kind that is mended, such as `deployments.apps` or `serviceaccounts`.

use kube::api::{Patch, PatchParams};

use crate::model::{Failure, Mend, Outcome};
use crate::world::{Call, World};

use super::act::seen;
use super::mark::MEND_MANAGER;

pub(super) async fn mend(world: &World, mend: &Mend) -> Result<Outcome, Failure> {
    let (cluster, object) = (&world.cluster, &mend.object);
    let api = cluster.dynamic(&object.api_version, &object.kind).await?;
    let call = Call::new("patch", cluster.resource_of(object).await?).named(&object.name);
    let params = PatchParams { field_manager: Some(MEND_MANAGER.into()), ..PatchParams::default() };
    api.patch(&object.name, &params, &Patch::Strategic(&mend.patch))
        .await
        .map_err(|error| cluster.explain(call, error))?;
    let evidence = seen(format!("patch: {}", mend.patch), format!("PATCH {object}"), Vec::new());
    Ok(Outcome { evidence: vec![evidence], ..Outcome::new(format!("{object} was mended")) })
}
