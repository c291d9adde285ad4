//! Comparing the schema: every object by its definition, as the catalogue prints it.

use std::collections::BTreeMap;

use super::error::VerifyError;
use super::snapshot::Snapshot;
use crate::model::{ExtensionWanted, SchemaDifference};

const SCHEMA: &str = include_str!("../../assets/sql/verify/schema.sql");

/// A definition by kind and object.
type Objects = BTreeMap<(String, String), String>;

/// What differs, but for the extensions that only green is to have. Objects of extensions are the extensions' affair.
pub(super) async fn differences(
    blue: &Snapshot<'_>,
    green: &Snapshot<'_>,
    same_major: bool,
    wanted: &[ExtensionWanted],
) -> Result<Vec<SchemaDifference>, VerifyError> {
    let (ours, theirs) = futures::try_join!(objects(blue, same_major), objects(green, same_major))?;
    let expected = |difference: &SchemaDifference| {
        difference.kind == "extension"
            && difference.blue.is_none()
            && wanted.iter().any(|extension| extension.name == difference.object)
    };
    Ok(compare(&ours, &theirs).into_iter().filter(|difference| !expected(difference)).collect())
}

async fn objects(snapshot: &Snapshot<'_>, same_major: bool) -> Result<Objects, VerifyError> {
    let read = async {
        let rows = snapshot.leader().query(SCHEMA, &[&same_major]).await?;
        rows.iter().map(object).collect::<Result<_, _>>()
    };
    read.await.map_err(snapshot.failed("read the schema"))
}

fn object(row: &tokio_postgres::Row) -> Result<((String, String), String), tokio_postgres::Error> {
    let definition: Option<String> = row.try_get(2)?;
    Ok(((row.try_get(0)?, row.try_get(1)?), definition.unwrap_or_default()))
}

fn compare(blue: &Objects, green: &Objects) -> Vec<SchemaDifference> {
    let mut differences: Vec<SchemaDifference> = blue
        .iter()
        .filter(|(object, definition)| green.get(*object) != Some(definition))
        .map(|(object, definition)| difference(object, Some(definition), green.get(object)))
        .collect();
    let only_green = green.iter().filter(|(object, _)| !blue.contains_key(*object));
    differences
        .extend(only_green.map(|(object, definition)| difference(object, None, Some(definition))));
    differences
}

fn difference(
    (kind, object): &(String, String),
    blue: Option<&String>,
    green: Option<&String>,
) -> SchemaDifference {
    SchemaDifference {
        kind: kind.clone(),
        object: object.clone(),
        blue: blue.cloned(),
        green: green.cloned(),
    }
}
