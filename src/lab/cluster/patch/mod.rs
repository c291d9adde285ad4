//! The three patches that edit a document: JSON patch, merge patch, strategic merge patch.

mod strategic;

use serde_json::Value;

use super::error::ApiError;

pub(crate) use strategic::strategic_merge;

/// RFC 6902. A `test` that fails, or a path that leads nowhere, refuses the whole patch.
///
/// # Errors
/// `400` for what is no JSON patch, `422` for one that cannot be applied.
pub(crate) fn json_patch(object: &mut Value, patch: Value) -> Result<(), ApiError> {
    let patch: json_patch::Patch = serde_json::from_value(patch)
        .map_err(|why| ApiError::bad_request(format!("error decoding patch: {why}")))?;
    json_patch::patch(object, &patch).map_err(|_| {
        ApiError::new(
            422,
            "Invalid",
            "the server rejected our request due to an error in our request",
        )
    })
}

/// RFC 7386.
pub(crate) fn merge_patch(object: &mut Value, patch: &Value) {
    json_patch::merge(object, patch);
}
