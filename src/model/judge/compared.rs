//! Gates about whether blue and green are the same, by the last comparison.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::gate::Gate;
use crate::model::id::StepId;
use crate::model::verb::VerifyScope;
use crate::model::verified::{TableVerdict, Verification};

use super::finding::{Finding, names};

/// A comparison of a blue that stands still stays true; still nobody should switch on one that is older than this.
const EXPIRES: Duration = Duration::from_secs(60 * 60);

pub(super) fn never(gate: &Gate) -> Finding {
    Finding::held(format!("{} was not compared yet", scope_word(gate)))
        .fix(Some("a step with the verb `verify` must come before".to_owned()))
}

pub(super) fn equal(
    gate: &Gate,
    (step, found): (&StepId, &Verification),
    system: &str,
    (next_xid, upkeep): (u64, bool),
    now: Timestamp,
) -> Finding {
    let again = || Some(format!("run `{step}` again"));
    if !found.covers(scope(gate)) {
        return never(gate);
    }
    if found.blue.system != system {
        return Finding::held(format!(
            "blue is another server than the one that `{step}` compared"
        ))
        .fix(again());
    }
    let problems = problems(gate, found);
    if !problems.is_empty() {
        return Finding::held(format!("{} differs: {}", scope_word(gate), names(problems.clone())))
            .details(problems);
    }
    if found.blue.next_xid != next_xid && !upkeep {
        return Finding::held(format!("blue has moved on since `{step}` compared it"))
            .details([format!("next transaction id then {}, now {next_xid}", found.blue.next_xid)])
            .fix(again());
    }
    let age = Duration::try_from(now.duration_since(found.at)).unwrap_or_default();
    if age > EXPIRES {
        return Finding::held(format!(
            "what `{step}` found is older than {} min",
            EXPIRES.as_secs() / 60
        ))
        .fix(again());
    }
    let basis = [
        format!("compared by `{step}` at {}", found.at),
        stood(found.blue.next_xid, next_xid),
        found.method.clone(),
    ];
    // the gate was looked at now, the comparison is older
    let at = found.at.strftime("%H:%M:%S");
    Finding::open(format!(
        "{} is equal, compared at {at} UTC: {}",
        scope_word(gate),
        found.summary()
    ))
    .details(basis.into_iter().chain(found.not_compared(usize::MAX)))
}

fn stood(then: u64, now: u64) -> String {
    if then == now {
        return format!("blue stands at transaction {now}, as it did then");
    }
    format!(
        "blue stood at transaction {then} then and stands at {now}: its server analysed tables or wrote in other databases, and no row of this one was written"
    )
}

fn problems(gate: &Gate, found: &Verification) -> Vec<String> {
    let tables = |equal: fn(&TableVerdict) -> bool| {
        found.tables.iter().filter(|table| !equal(table)).map(TableVerdict::describe).collect()
    };
    match gate {
        Gate::RowsEqual => tables(TableVerdict::rows_equal),
        Gate::ContentEqual => tables(TableVerdict::is_equal),
        Gate::SchemaEqual => found
            .schema
            .iter()
            .map(|difference| format!("{} {}", difference.kind, difference.object))
            .collect(),
        _ => found
            .sequences
            .iter()
            .filter_map(|sequence| {
                Some(format!("{}: {}", sequence.sequence, sequence.problem.as_ref()?))
            })
            .collect(),
    }
}

/// What the comparison must have covered for a gate to be judged by it.
pub(super) const fn scope(gate: &Gate) -> VerifyScope {
    match gate {
        Gate::ContentEqual => VerifyScope::Content,
        Gate::SchemaEqual => VerifyScope::Schema,
        Gate::SequencesSafe => VerifyScope::Sequences,
        _ => VerifyScope::Counts,
    }
}

const fn scope_word(gate: &Gate) -> &'static str {
    match gate {
        Gate::ContentEqual => "the content",
        Gate::SchemaEqual => "the schema",
        Gate::SequencesSafe => "the state of the sequences",
        _ => "the number of rows",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{Opening, Position, TableSum};

    fn position() -> Position {
        Position {
            system: "1".into(),
            version: 170_002,
            lsn: "0/1".into(),
            next_xid: 50,
            statistics: None,
        }
    }

    fn table(blue: (u64, &str), green: (u64, &str)) -> TableVerdict {
        let sum = |(rows, hash): (u64, &str)| Some(TableSum { rows, hash: Some(hash.to_owned()) });
        TableVerdict {
            table: "public.task".into(),
            blue: sum(blue),
            green: sum(green),
            error: None,
            as_text: Vec::new(),
            differences: Vec::new(),
            took: Duration::ZERO,
        }
    }

    fn found(tables: Vec<TableVerdict>) -> Verification {
        Verification {
            scopes: vec![VerifyScope::Content],
            at: Timestamp::UNIX_EPOCH,
            blue: position(),
            green: position(),
            method: "by hash".into(),
            tables,
            excluded: BTreeMap::new(),
            schema: Vec::new(),
            sequences: Vec::new(),
        }
    }

    fn judged(gate: &Gate, found: &Verification, system: &str, xid: u64, seconds: i64) -> Finding {
        let now = Timestamp::from_second(seconds).unwrap();
        equal(gate, (&StepId::new("verify"), found), system, (xid, false), now)
    }

    #[test]
    fn equal_tables_open_the_gate_while_blue_stands_still() {
        let same = found(vec![table((3, "a"), (3, "a"))]);
        assert_eq!(judged(&Gate::ContentEqual, &same, "1", 50, 10).opening, Opening::Open);
        assert_eq!(judged(&Gate::RowsEqual, &same, "1", 50, 10).opening, Opening::Open);
        let moved = judged(&Gate::ContentEqual, &same, "1", 51, 10);
        assert_eq!(moved.summary, "blue has moved on since `verify` compared it");
        assert_eq!(judged(&Gate::ContentEqual, &same, "2", 50, 10).opening, Opening::Held);
        assert_eq!(judged(&Gate::ContentEqual, &same, "1", 50, 3_601).opening, Opening::Held);
    }

    #[test]
    fn what_the_server_does_for_itself_outdates_nothing() {
        let (same, step) = (found(vec![table((3, "a"), (3, "a"))]), StepId::new("verify"));
        let judged =
            equal(&Gate::ContentEqual, (&step, &same), "1", (52, true), Timestamp::UNIX_EPOCH);
        assert_eq!(judged.opening, Opening::Open);
        let told = "blue stood at transaction 50 then and stands at 52: its server analysed tables or wrote in other databases, and no row of this one was written";
        assert!(judged.details.iter().any(|line| line == told), "{judged:?}");
    }

    #[test]
    fn a_difference_names_the_table() {
        let content = found(vec![table((3, "a"), (3, "b"))]);
        assert_eq!(
            judged(&Gate::ContentEqual, &content, "1", 50, 10).summary,
            "the content differs: public.task: 3 rows on both sides, content differs"
        );
        assert_eq!(judged(&Gate::RowsEqual, &content, "1", 50, 10).opening, Opening::Open);
        let rows = found(vec![table((3, "a"), (2, "b"))]);
        assert_eq!(judged(&Gate::RowsEqual, &rows, "1", 50, 10).opening, Opening::Held);
    }

    #[test]
    fn what_was_not_compared_is_not_equal() {
        let same = found(Vec::new());
        assert_eq!(judged(&Gate::SchemaEqual, &same, "1", 50, 10).opening, Opening::Held);
        assert_eq!(never(&Gate::SequencesSafe).opening, Opening::Held);
    }
}
