//! A part of the journal's mirror: a ConfigMap, written with the `resourceVersion` that was read.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;

use crate::model::RunId;
use crate::world::WorldError;

use super::handle::Cluster;
use super::own::metadata;

const RUN: &str = "pgcutover.io/run";
const SESSION: &str = "pgcutover.io/session";
const KEY: &str = "journal.jsonl";

/// A stretch of a journal's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorPart {
    /// The run.
    pub run: RunId,
    /// The process that wrote it.
    pub session: String,
    /// The stretch.
    pub text: String,
    /// The `resourceVersion` that was read: whoever writes names it. Empty when there is no such part yet.
    pub version: String,
}

impl Cluster {
    /// A part of a mirror, or nothing when there is none of that name.
    ///
    /// # Errors
    /// Whatever the API server answers but 404.
    pub async fn mirror_part(&self, name: &str) -> Result<Option<MirrorPart>, WorldError> {
        Ok(self.get::<ConfigMap>(name).await?.map(part))
    }

    /// Writes a part: creates it where it has no version, else replaces the one of that version. It gives back the version
    /// that stands there now.
    ///
    /// # Errors
    /// `Conflict` or `AlreadyExists` when somebody else was faster; whatever else the API server answers.
    pub async fn write_mirror_part(
        &self,
        name: &str,
        part: &MirrorPart,
    ) -> Result<String, WorldError> {
        let written = self.put(&map(name, part)).await?;
        Ok(written.resource_version().unwrap_or_default())
    }
}

fn part(map: ConfigMap) -> MirrorPart {
    let note = |name: &str| map.annotations().get(name).cloned().unwrap_or_default();
    MirrorPart {
        run: RunId::new(note(RUN)),
        session: note(SESSION),
        version: map.resource_version().unwrap_or_default(),
        text: map.data.and_then(|mut data| data.remove(KEY)).unwrap_or_default(),
    }
}

fn map(name: &str, part: &MirrorPart) -> ConfigMap {
    let notes = [(RUN, part.run.to_string()), (SESSION, part.session.clone())];
    ConfigMap {
        metadata: metadata(name, &part.version, notes),
        data: Some([(KEY.to_owned(), part.text.clone())].into()),
        ..ConfigMap::default()
    }
}
