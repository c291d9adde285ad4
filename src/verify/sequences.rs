//! Sequences: green's must not be behind blue's, nor behind the column that it feeds.

use std::collections::BTreeMap;

use super::error::VerifyError;
use super::snapshot::Snapshot;
use crate::model::SequenceVerdict;

const SEQUENCES: &str = include_str!("../../assets/sql/verify/sequences.sql");

#[derive(Debug, Clone)]
struct Sequence {
    last: Option<i64>,
    increment: i64,
    min: i64,
    max: i64,
    cycle: bool,
    feeds: Option<(String, String)>,
}

/// Every sequence that either side has.
pub(super) async fn verdicts(
    blue: &Snapshot<'_>,
    green: &Snapshot<'_>,
) -> Result<Vec<SequenceVerdict>, VerifyError> {
    let (ours, theirs) = futures::try_join!(list(blue), list(green))?;
    let mut verdicts = Vec::new();
    for (name, sequence) in &ours {
        let twin = theirs.get(name);
        let column = match twin.and_then(|twin| twin.feeds.as_ref().map(|feeds| (twin, feeds))) {
            Some((twin, feeds)) => furthest(green, twin, feeds).await?,
            None => None,
        };
        verdicts.push(verdict(name, sequence, twin, column));
    }
    Ok(verdicts)
}

async fn list(snapshot: &Snapshot<'_>) -> Result<BTreeMap<String, Sequence>, VerifyError> {
    let read = async {
        let rows = snapshot.leader().query(SEQUENCES, &[]).await?;
        rows.iter().map(|row| Ok((row.try_get("name")?, sequence(row)?))).collect::<Result<_, _>>()
    };
    read.await.map_err(snapshot.failed("read the sequences"))
}

fn sequence(row: &tokio_postgres::Row) -> Result<Sequence, tokio_postgres::Error> {
    let relation: Option<String> = row.try_get("relation")?;
    let attribute: Option<String> = row.try_get("attribute")?;
    Ok(Sequence {
        last: row.try_get("last_value")?,
        increment: row.try_get("increment")?,
        min: row.try_get("min")?,
        max: row.try_get("max")?,
        cycle: row.try_get("cycle")?,
        feeds: relation.zip(attribute),
    })
}

async fn furthest(
    green: &Snapshot<'_>,
    sequence: &Sequence,
    (relation, attribute): &(String, String),
) -> Result<Option<i64>, VerifyError> {
    let end = if sequence.increment > 0 { "max" } else { "min" };
    let sql = format!("SELECT {end}({attribute})::bigint FROM {relation}");
    let row = green.leader().query_one(&sql, &[]).await;
    row.and_then(|row| row.try_get(0)).map_err(green.failed("read a sequence's column"))
}

fn verdict(
    name: &str,
    blue: &Sequence,
    green: Option<&Sequence>,
    column: Option<i64>,
) -> SequenceVerdict {
    let headroom = green.map(|green| {
        let last = green.last.unwrap_or(if green.increment > 0 { green.min } else { green.max });
        let end = if green.increment > 0 { green.max } else { green.min };
        end.abs_diff(last) / green.increment.unsigned_abs().max(1)
    });
    SequenceVerdict {
        sequence: name.to_owned(),
        blue: blue.last,
        green: green.and_then(|green| green.last),
        column,
        headroom,
        problem: problem(blue, green, column),
    }
}

fn problem(blue: &Sequence, green: Option<&Sequence>, column: Option<i64>) -> Option<String> {
    let Some(green) = green else { return Some("green does not have it".to_owned()) };
    if green.cycle {
        return None;
    }
    let behind = |wanted: i64| match green.last {
        None => true,
        Some(last) if green.increment > 0 => last < wanted,
        Some(last) => last > wanted,
    };
    let was =
        |value: Option<i64>| value.map_or_else(|| "unused".to_owned(), |value| value.to_string());
    if let Some(last) = blue.last.filter(|last| behind(*last)) {
        return Some(format!("green is {}, behind blue's {last}", was(green.last)));
    }
    // A column may lie outside of a sequence's range: values that clients chose themselves never collide with it.
    let in_range = |value: &i64| (green.min..=green.max).contains(value);
    let column = column.filter(in_range).filter(|value| behind(*value));
    let fed_by_hand = blue.last.is_none() && green.last.is_none();
    column.filter(|_| !fed_by_hand).map(|value| {
        format!(
            "green is {}, behind its column's {value}: the next insert collides",
            was(green.last)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(last: Option<i64>) -> Sequence {
        Sequence { last, increment: 1, min: 1, max: i64::MAX, cycle: false, feeds: None }
    }

    #[test]
    fn a_sequence_that_is_behind_blues_is_a_problem() {
        assert_eq!(
            problem(&at(Some(9)), Some(&at(Some(8))), None).as_deref(),
            Some("green is 8, behind blue's 9")
        );
        assert_eq!(problem(&at(Some(9)), Some(&at(Some(12))), None), None);
    }

    #[test]
    fn an_unused_sequence_is_behind_a_used_one() {
        assert!(problem(&at(Some(1)), Some(&at(None)), None).is_some());
        assert!(problem(&at(None), Some(&at(None)), None).is_none());
    }

    #[test]
    fn a_sequence_that_is_behind_its_column_collides() {
        assert!(problem(&at(Some(5)), Some(&at(Some(5))), Some(7)).is_some());
        assert!(problem(&at(Some(5)), Some(&at(Some(5))), Some(5)).is_none());
    }

    #[test]
    fn a_descending_sequence_counts_down() {
        let down = |last| Sequence { increment: -1, min: i64::MIN, max: -1, ..at(last) };
        assert!(problem(&down(Some(-9)), Some(&down(Some(-8))), None).is_some());
        assert!(problem(&down(Some(-9)), Some(&down(Some(-10))), None).is_none());
    }
}
