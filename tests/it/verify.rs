//! Comparing two real servers of different major versions.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use pgcutover::model::{RowDifferenceKind, Verification, VerifyScope, Watch};
use pgcutover::verify::{Compared, compare};
use pgcutover::world::Traced;

use crate::support::{Server, installations};

const EVERY_KIND: &str = include_str!("../fixtures/sql/every-kind.sql");
const ALL: [VerifyScope; 3] = [VerifyScope::Content, VerifyScope::Schema, VerifyScope::Sequences];

fn everything() -> Watch {
    Watch { tables: Vec::new(), exclude: BTreeMap::new(), refresh: Duration::from_secs(2) }
}

async fn sessions(server: &Server) -> Vec<Traced> {
    vec![server.client().await.into(), server.client().await.into()]
}

async fn verified(blue: &Server, green: &Server, watch: &Watch) -> Verification {
    let (blue, green) = (sessions(blue).await, sessions(green).await);
    let (blue, green): (Vec<_>, Vec<_>) = (blue.iter().collect(), green.iter().collect());
    let compared =
        Compared { scopes: &ALL, watch, extensions: &[], seed: 42, now: Timestamp::UNIX_EPOCH };
    compare(&blue, &green, &compared, &|_| ()).await.unwrap()
}

/// Both servers with the same content.
async fn twins() -> Option<(Server, Server)> {
    let pair = installations()?;
    let (blue, green) = (Server::start(&pair.blue), Server::start(&pair.green));
    for server in [&blue, &green] {
        server.client().await.batch_execute(EVERY_KIND).await.unwrap();
    }
    Some((blue, green))
}

#[tokio::test]
async fn equal_servers_of_different_versions_are_equal() {
    let Some((blue, green)) = twins().await else { return };
    let found = verified(&blue, &green, &everything()).await;
    assert_eq!(found.schema, Vec::new());
    assert_eq!(found.problems(), Vec::<String>::new());
    assert!(found.blue.version / 10_000 < found.green.version / 10_000);
    assert_ne!(found.blue.system, found.green.system);
    let names: Vec<_> = found.tables.iter().map(|table| table.table.as_str()).collect();
    for name in [
        "public.empty",
        r#"public."Mixed ""Case""""#,
        "public.part_2",
        "public.wide",
        "large objects",
    ] {
        assert!(names.contains(&name), "{name} is missing from {names:?}");
    }
    assert!(found.sequences.len() >= 3);
}

#[tokio::test]
async fn rows_that_differ_are_named_by_their_keys() {
    let Some((blue, green)) = twins().await else { return };
    let change = "DELETE FROM numbers WHERE id = 77;
                  UPDATE numbers SET label = 'x' WHERE id IN (5, 500);
                  INSERT INTO numbers (id, label) VALUES (100001, 'new');
                  INSERT INTO keyless VALUES (1, 'one')";
    green.client().await.batch_execute(change).await.unwrap();
    let found = verified(&blue, &green, &everything()).await;
    let table = |name: &str| found.tables.iter().find(|table| table.table == name).unwrap();
    let named: Vec<_> = table("public.numbers")
        .differences
        .iter()
        .map(|row| (row.key.as_str(), row.kind))
        .collect();
    assert_eq!(
        named,
        [
            ("\"id\"='100001'", RowDifferenceKind::Extra),
            ("\"id\"='5'", RowDifferenceKind::Changed),
            ("\"id\"='500'", RowDifferenceKind::Changed),
            ("\"id\"='77'", RowDifferenceKind::Missing),
        ]
    );
    let keyless = &table("public.keyless").differences;
    assert_eq!(keyless.len(), 1, "{keyless:?}");
    assert!(keyless[0].key.ends_with("(2 on blue, 3 on green)"), "{keyless:?}");
    let others = found.tables.iter().filter(|table| !table.is_equal()).count();
    assert_eq!(others, 2, "{:?}", found.problems());
}

#[tokio::test]
async fn the_same_rows_under_swapped_keys_differ() {
    let Some((blue, green)) = twins().await else { return };
    let swap =
        "UPDATE numbers SET label = CASE id WHEN 1 THEN (SELECT label FROM numbers WHERE id = 2)
                                                  ELSE (SELECT label FROM numbers WHERE id = 1) END
                WHERE id IN (1, 2)";
    green.client().await.batch_execute(swap).await.unwrap();
    let found = verified(&blue, &green, &everything()).await;
    let numbers = found.tables.iter().find(|table| table.table == "public.numbers").unwrap();
    assert!(numbers.rows_equal() && !numbers.is_equal());
    assert_eq!(numbers.differences.len(), 2);
}

#[tokio::test]
async fn schema_and_sequences_that_differ_are_named() {
    let Some((blue, green)) = twins().await else { return };
    let change = "DROP INDEX numbers_label;
                  ALTER TABLE numbers ALTER COLUMN label SET DEFAULT 'y';
                  SELECT setval('loose', 3);
                  CREATE FUNCTION extra() RETURNS int LANGUAGE sql AS 'SELECT 1'";
    green.client().await.batch_execute(change).await.unwrap();
    let found = verified(&blue, &green, &everything()).await;
    assert_eq!(
        found.problems(),
        [
            "column public.numbers.label differs",
            "index public.numbers_label only on blue",
            "function public.extra() only on green",
            "sequence public.loose: green is 3, behind blue's 9",
        ]
    );
}

#[tokio::test]
async fn a_table_that_one_side_lacks_or_the_profile_excludes_is_told() {
    let Some((blue, green)) = twins().await else { return };
    green
        .client()
        .await
        .batch_execute("DROP TABLE keyless; UPDATE numbers SET label = ''")
        .await
        .unwrap();
    let exclude = BTreeMap::from([("public.numbers".to_owned(), "a cache".to_owned())]);
    let found = verified(&blue, &green, &Watch { exclude, ..everything() }).await;
    assert!(found.problems().contains(&"public.keyless: blue 2, green absent".to_owned()));
    assert_eq!(found.excluded["public.numbers"], "excluded by the profile: a cache");
}
