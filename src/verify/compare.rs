//! One comparison of blue and green, from the snapshots to the verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::content::{self, Sum, Work};
use super::error::{VerifyError, told};
use super::expression::{self, Expression, Trusted};
use super::snapshot::Snapshot;
use super::tables::{self, Table};
use super::{rows, schema, sequences};
use crate::model::{
    ExtensionWanted, Progress, Side, TableVerdict, Verification, VerifyScope, Watch,
};
use crate::world::Traced;

/// What is compared.
#[derive(Debug, Clone)]
pub struct Compared<'a> {
    /// How much of it.
    pub scopes: &'a [VerifyScope],
    /// Which tables.
    pub watch: &'a Watch,
    /// The extensions that green has on purpose.
    pub extensions: &'a [ExtensionWanted],
    /// What the hashes are seeded with; any number, the same for both sides.
    pub seed: i64,
    /// The clock at the snapshots.
    pub now: Timestamp,
}

/// Compares blue and green. Each side is read in one snapshot over all of its sessions, both sides at once. Blue is read only;
/// the sessions' settings are changed, so they should be used for nothing else afterwards.
///
/// # Errors
/// [`VerifyError`] when a side cannot be read as a whole. A single table that cannot be read is told in its verdict.
pub async fn compare(
    blue: &[&Traced],
    green: &[&Traced],
    compared: &Compared<'_>,
    progress: &(impl Fn(Progress) + Sync),
) -> Result<Verification, VerifyError> {
    let ((blue, at_blue), (green, at_green)) =
        futures::try_join!(Snapshot::open(Side::Blue, blue), Snapshot::open(Side::Green, green))?;
    let both = Both { blue, green, compared };
    let (tables, excluded) = both.tables(progress).await?;
    let same_major = at_blue.version / 10_000 == at_green.version / 10_000;
    let schema = if both.wants(VerifyScope::Schema) {
        schema::differences(&blue, &green, same_major, compared.extensions).await?
    } else {
        Vec::new()
    };
    let sequences = if both.wants(VerifyScope::Sequences) {
        sequences::verdicts(&blue, &green).await?
    } else {
        Vec::new()
    };
    futures::join!(blue.close(), green.close());
    Ok(Verification {
        scopes: compared.scopes.to_vec(),
        at: compared.now,
        blue: at_blue,
        green: at_green,
        method: both.method(),
        tables,
        excluded,
        schema,
        sequences,
    })
}

struct Both<'a> {
    blue: Snapshot<'a>,
    green: Snapshot<'a>,
    compared: &'a Compared<'a>,
}

type Tables = BTreeMap<String, Table>;
type Sums = BTreeMap<String, Sum>;

impl Both<'_> {
    fn wants(&self, scope: VerifyScope) -> bool {
        self.compared.scopes.contains(&scope)
    }

    fn method(&self) -> String {
        if self.wants(VerifyScope::Content) {
            "count(*) and sum of hash_record_extended(row, seed), mixed, each side in one snapshot"
                .to_owned()
        } else {
            "count(*), each side in one snapshot".to_owned()
        }
    }

    async fn tables(
        &self,
        progress: &(impl Fn(Progress) + Sync),
    ) -> Result<(Vec<TableVerdict>, BTreeMap<String, String>), VerifyError> {
        if !self.wants(VerifyScope::Content) && !self.wants(VerifyScope::Counts) {
            return Ok((Vec::new(), BTreeMap::new()));
        }
        let watch = self.compared.watch;
        let (ours, theirs) =
            futures::try_join!(tables::list(&self.blue, watch), tables::list(&self.green, watch))?;
        let expressions = self.expressions(&ours, &theirs).await?;
        let sums = self.sums(&ours, &theirs, &expressions, progress).await;
        let verdicts = self.verdicts(&ours, &theirs, &expressions, sums).await;
        Ok((verdicts, left_out(&ours, &theirs)))
    }

    /// How each table that both sides have is hashed.
    async fn expressions(
        &self,
        ours: &Tables,
        theirs: &Tables,
    ) -> Result<BTreeMap<String, Expression>, VerifyError> {
        if !self.wants(VerifyScope::Content) {
            return Ok(BTreeMap::new());
        }
        let (blue, green) = futures::try_join!(probe(&self.blue), probe(&self.green))?;
        let trusted = Trusted::agreed(&blue, &green);
        let shared = ours.iter().filter_map(|(name, table)| Some((name, table, theirs.get(name)?)));
        Ok(shared.map(|(name, a, b)| (name.clone(), expression::of(a, b, &trusted))).collect())
    }

    async fn sums(
        &self,
        ours: &Tables,
        theirs: &Tables,
        expressions: &BTreeMap<String, Expression>,
        progress: &(impl Fn(Progress) + Sync),
    ) -> (Sums, Sums) {
        let large = self.wants(VerifyScope::Content);
        let (blue, green) = (work(ours, expressions, large), work(theirs, expressions, large));
        let left = Left::of(&blue, &green);
        let told = |side: Side, table: &str| {
            let (done, total) = left.without(table);
            progress(Progress {
                message: format!("{side} {table}"),
                done: Some(done),
                total: Some(total),
                unit: "tables".to_owned(),
                fix: None,
            });
        };
        let seed = self.compared.seed;
        futures::join!(
            content::read(&self.blue, blue, seed, &told),
            content::read(&self.green, green, seed, &told)
        )
    }

    async fn verdicts(
        &self,
        ours: &Tables,
        theirs: &Tables,
        expressions: &BTreeMap<String, Expression>,
        (mut blue, mut green): (Sums, Sums),
    ) -> Vec<TableVerdict> {
        let names: BTreeSet<String> = blue.keys().chain(green.keys()).cloned().collect();
        let mut verdicts = Vec::with_capacity(names.len());
        for name in names {
            let (one, other) = (blue.remove(&name), green.remove(&name));
            let mut verdict = joined(&name, one, other);
            if let Some(expression) = expressions.get(&name) {
                verdict.as_text.clone_from(&expression.as_text);
                verdict.error =
                    verdict.error.or_else(|| columns_missing(&ours[&name], &theirs[&name]));
                self.name_rows(&mut verdict, expression).await;
            }
            verdicts.push(verdict);
        }
        verdicts
    }

    async fn name_rows(&self, verdict: &mut TableVerdict, expression: &Expression) {
        if verdict.error.is_some() || verdict.is_equal() {
            return;
        }
        let rows = verdict.blue.as_ref().map_or(0, |sum| sum.rows);
        let rows = rows.max(verdict.green.as_ref().map_or(0, |sum| sum.rows));
        let seed = self.compared.seed;
        let named =
            rows::differences(&self.blue, &self.green, &verdict.table, expression, rows, seed)
                .await;
        match named {
            Ok(differences) => verdict.differences = differences,
            Err(error) => {
                verdict.error = Some(format!("differs; rows not named: {}", told(&error)));
            }
        }
    }
}

/// The tables that are still to be read, and on how many sides. One that both sides have is one table.
struct Left {
    sides: Mutex<BTreeMap<String, u8>>,
    total: u64,
}

impl Left {
    fn of(blue: &[Work], green: &[Work]) -> Self {
        let mut sides = BTreeMap::new();
        let tables = blue.iter().chain(green).map(|work| &work.table);
        for table in tables.filter(|table| *table != TableVerdict::LARGE_OBJECTS) {
            *sides.entry(table.clone()).or_default() += 1;
        }
        Self { total: sides.len() as u64, sides: Mutex::new(sides) }
    }

    /// A table was read on a side: how many are done, and how many there are.
    fn without(&self, table: &str) -> (u64, u64) {
        let mut sides = self.sides.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(left) = sides.get_mut(table) {
            *left -= 1;
            if *left == 0 {
                sides.remove(table);
            }
        }
        (self.total - sides.len() as u64, self.total)
    }
}

async fn probe(snapshot: &Snapshot<'_>) -> Result<BTreeMap<String, i64>, VerifyError> {
    tables::hashes(snapshot.leader()).await.map_err(snapshot.failed("probe the hashes of types"))
}

/// The tables to be read on a side, largest first so that the last one does not keep everybody waiting.
fn work(tables: &Tables, expressions: &BTreeMap<String, Expression>, large: bool) -> Vec<Work> {
    let mut wanted: Vec<(&String, &Table)> =
        tables.iter().filter(|(_, table)| table.left_out.is_none()).collect();
    wanted.sort_by_key(|(_, table)| std::cmp::Reverse(table.bytes));
    let tables = wanted
        .into_iter()
        .map(|(name, _)| Work { table: name.clone(), expression: expressions.get(name).cloned() });
    let objects =
        large.then(|| Work { table: TableVerdict::LARGE_OBJECTS.to_owned(), expression: None });
    tables.chain(objects).collect()
}

fn left_out(ours: &Tables, theirs: &Tables) -> BTreeMap<String, String> {
    let both = theirs.iter().chain(ours);
    both.filter_map(|(name, table)| Some((name.clone(), table.left_out.clone()?))).collect()
}

fn joined(name: &str, blue: Option<Sum>, green: Option<Sum>) -> TableVerdict {
    let mut errors = Vec::new();
    let mut took = std::time::Duration::ZERO;
    let mut side = |side: Side, sum: Option<Sum>| {
        let sum = sum?;
        took = took.max(sum.took);
        sum.sum.map_err(|error| errors.push(format!("{side}: {error}"))).ok()
    };
    let (blue, green) = (side(Side::Blue, blue), side(Side::Green, green));
    TableVerdict {
        table: name.to_owned(),
        blue,
        green,
        error: (!errors.is_empty()).then(|| errors.join("; ")),
        as_text: Vec::new(),
        differences: Vec::new(),
        took,
    }
}

/// Green's table must have blue's columns and no others, or equal hashes would mean nothing.
fn columns_missing(blue: &Table, green: &Table) -> Option<String> {
    let names = |table: &Table| -> BTreeSet<String> {
        table.columns.iter().map(|column| column.name.clone()).collect()
    };
    let (ours, theirs) = (names(blue), names(green));
    let list =
        |names: Vec<&String>| names.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let missing = list(ours.difference(&theirs).collect());
    let extra = list(theirs.difference(&ours).collect());
    match (missing.is_empty(), extra.is_empty()) {
        (true, true) => None,
        (false, _) => Some(format!("green lacks the columns {missing}")),
        (true, false) => Some(format!("green has the columns {extra} that blue lacks")),
    }
}
