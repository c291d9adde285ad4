//! The JSON Schema of profiles, made of the mirror.

use std::sync::OnceLock;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::file::ProfileFile;

/// The schema as it is kept in `assets/schema/profile.schema.json`.
///
/// # Panics
/// Never: a schema is plain JSON.
#[must_use]
pub fn schema_text() -> String {
    let mut text = serde_json::to_string_pretty(schema()).expect("a schema is plain JSON");
    text.push('\n');
    text
}

/// The schema as it is used to check a profile.
pub(super) fn schema() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        SchemaSettings::draft07().into_generator().into_root_schema_for::<ProfileFile>().to_value()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_in_assets_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/schema/profile.schema.json");
        if std::env::var_os("PGCUTOVER_BLESS").is_some() {
            std::fs::write(path, schema_text()).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            kept == schema_text(),
            "`assets/schema/profile.schema.json` is stale; rewrite it with `PGCUTOVER_BLESS=1 cargo test --lib schema_in_assets`"
        );
    }
}
