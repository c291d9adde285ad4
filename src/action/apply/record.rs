//! What was there before, for the undo.

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::action::act::{refused, untouched};
use crate::action::former::{Former, touched};
use crate::model::{Failure, FailureKind, Fix, ObjectRef, PatchKind};
use crate::world::World;

use super::document::Document;

/// An object before the step.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Recorded {
    pub(super) object: ObjectRef,
    /// None when it was not there.
    pub(super) uid: Option<String>,
    /// What it had where the manifest says something.
    pub(super) former: Former,
    /// It is a Secret whose content the manifest changes; what it held is recorded nowhere.
    #[serde(default)]
    pub(super) secret_lost: bool,
}

impl Recorded {
    pub(super) async fn read(
        world: &World,
        document: &Document,
        force: bool,
    ) -> Result<Self, Failure> {
        let object = document.object.clone();
        let found = world.cluster.get_object(&object).await.map_err(untouched)?;
        let Some(found) = found else {
            return Ok(Self { object, uid: None, former: Former::default(), secret_lost: false });
        };
        let uid = found.metadata.uid.clone();
        let value = serde_json::to_value(found)
            .map_err(|error| refused(FailureKind::Other, error.to_string()))?;
        let mut places = touched(PatchKind::Merge, &document.body);
        let mut secret_lost = false;
        if object.kind == "Secret" {
            places.retain(|path| path.first().is_some_and(|first| first == "metadata"));
            secret_lost = !holds_already(&value, &document.body);
            if secret_lost && !force {
                return Err(would_lose(&object));
            }
        }
        Ok(Self { object, uid, former: Former::of(&value, &places), secret_lost })
    }
}

/// Whether a Secret holds what the manifest would write.
fn holds_already(found: &Value, wanted: &Value) -> bool {
    let parse = |value: &Value| serde_json::from_value::<Secret>(value.clone()).unwrap_or_default();
    let (found, wanted) = (parse(found).data.unwrap_or_default(), parse(wanted));
    let plain = wanted.string_data.unwrap_or_default();
    let coded = wanted.data.unwrap_or_default();
    let mut pairs = coded
        .iter()
        .filter(|(key, _)| !plain.contains_key(*key))
        .map(|(key, value)| (key, value.0.as_slice()))
        .chain(plain.iter().map(|(key, value)| (key, value.as_bytes())));
    pairs.all(|(key, value)| found.get(key).is_some_and(|ByteString(held)| held == value))
}

fn would_lose(object: &ObjectRef) -> Failure {
    refused(
        FailureKind::Conflict,
        format!("{object} is there with another content, which could not be restored: secrets are not recorded"),
    )
    .mended_by(Fix {
        title: "take it out of the manifests, or let the step say `force = true`".to_owned(),
        command: None,
        mend: None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_secret_is_compared_by_its_content_however_the_manifest_writes_it() {
        let found = json!({ "data": { "user": "eA==", "password": "eQ==", "other": "eg==" } });
        assert!(holds_already(
            &found,
            &json!({ "stringData": { "user": "x" }, "data": { "password": "eQ==" } })
        ));
        assert!(!holds_already(&found, &json!({ "stringData": { "password": "changed" } })));
        assert!(!holds_already(&found, &json!({ "stringData": { "new": "x" } })));
    }
}
