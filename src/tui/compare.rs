//! Blue beside green, as lines.

use jiff::Timestamp;

use super::state::UiState;
use super::theme::Role;
use crate::model::{Reading, Side, SideView, TableView};

/// A line of the compare table.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// What is compared.
    pub(super) name: String,
    /// Blue and green.
    pub(super) sides: [String; 2],
    /// The difference, or the verdict.
    pub(super) verdict: String,
    /// What the verdict means.
    pub(super) role: Role,
    /// The age of the older reading; None when one is not known.
    pub(super) at: Option<Timestamp>,
    /// A reading is stale.
    pub(super) stale: bool,
}

impl UiState {
    /// The lines that every profile has.
    pub(super) fn checks(&self) -> Vec<Row> {
        vec![
            self.row("version", |view| &view.version, Clone::clone),
            self.row(
                "pods ready",
                |view| &view.pods,
                |(ready, wanted)| format!("{ready}/{wanted}"),
            ),
            self.row("clients", |view| &view.clients, |n| grouped(*n)),
            self.row("size", |view| &view.size, |bytes| size(*bytes)),
            self.row(
                "extensions",
                |view| &view.extensions,
                |all| all.values().filter(|one| one.installed.is_some()).count().to_string(),
            ),
            self.judged("tables", |tables| tables.len() as u64),
            self.judged("rows", |tables| tables.values().filter_map(TableView::count).sum()),
        ]
    }

    /// A line for each table of either side.
    pub(super) fn tables(&self) -> Vec<Row> {
        let [blue, green] = Side::BOTH.map(|side| &self.observed.side(side).tables);
        let mut names: Vec<&String> = [blue, green]
            .iter()
            .filter_map(|tables| tables.value())
            .flat_map(|t| t.keys())
            .collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(|name| self.table(name)).collect()
    }

    fn table(&self, name: &str) -> Row {
        let found =
            |view: &SideView| view.tables.value().and_then(|tables| tables.get(name)).cloned();
        let [blue, green] = Side::BOTH.map(|side| found(self.observed.side(side)));
        let (verdict, role) = match (&blue, &green) {
            (Some(blue), Some(green)) => difference(blue, green),
            _ => ("only on one side".to_owned(), Role::Warn),
        };
        let shown = |count: Option<TableView>| {
            count.map_or_else(
                || "-".to_owned(),
                |count| match count.count() {
                    Some(rows) => {
                        format!("{}{}", if count.is_exact() { "" } else { "~" }, grouped(rows))
                    }
                    None => "unknown".to_owned(),
                },
            )
        };
        let (at, stale) = self.age(|view| &view.tables);
        Row { name: name.to_owned(), sides: [shown(blue), shown(green)], verdict, role, at, stale }
    }

    fn row<T>(
        &self,
        name: &str,
        of: impl Fn(&SideView) -> &Reading<T>,
        show: impl Fn(&T) -> String,
    ) -> Row {
        let sides = Side::BOTH.map(|side| {
            of(self.observed.side(side)).value().map_or_else(|| "unknown".to_owned(), &show)
        });
        let (at, stale) = self.age(of);
        Row { name: name.to_owned(), sides, verdict: String::new(), role: Role::Plain, at, stale }
    }

    fn judged(
        &self,
        name: &str,
        measure: impl Fn(&std::collections::BTreeMap<String, TableView>) -> u64,
    ) -> Row {
        let mut row = self.row(name, |view| &view.tables, |tables| grouped(measure(tables)));
        let [blue, green] = Side::BOTH
            .map(|side| self.observed.side(side).tables.value().map(|tables| measure(tables)));
        if let (Some(blue), Some(green)) = (blue, green) {
            (row.verdict, row.role) = verdict(blue, green, "");
        }
        row
    }

    fn age<T>(&self, of: impl Fn(&SideView) -> &Reading<T>) -> (Option<Timestamp>, bool) {
        let [blue, green] = Side::BOTH.map(|side| of(self.observed.side(side)));
        let stale = [blue, green].iter().any(|reading| matches!(reading, Reading::Stale { .. }));
        (blue.at().zip(green.at()).map(|(blue, green)| blue.min(green)), stale)
    }
}

fn difference(blue: &TableView, green: &TableView) -> (String, Role) {
    let about = if blue.is_exact() && green.is_exact() { "" } else { "~" };
    match (blue.count(), green.count()) {
        (Some(blue), Some(green)) => verdict(blue, green, about),
        _ => ("unknown".to_owned(), Role::Plain),
    }
}

/// A difference is something to see, not a failure: green is behind until it has been synced.
fn verdict(blue: u64, green: u64, about: &str) -> (String, Role) {
    match green.cmp(&blue) {
        std::cmp::Ordering::Equal => (format!("{about}equal"), Role::Plain),
        std::cmp::Ordering::Less => (format!("{about}-{}", grouped(blue - green)), Role::Warn),
        std::cmp::Ordering::Greater => (format!("{about}+{}", grouped(green - blue)), Role::Warn),
    }
}

/// A number with its thousands apart.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "one decimal of a size")]
fn size(bytes: u64) -> String {
    const MIB: f64 = 1024.0 * 1024.0;
    let bytes = bytes as f64;
    if bytes < 1024.0 * MIB {
        format!("{:.1} MiB", bytes / MIB)
    } else {
        format!("{:.1} GiB", bytes / 1024.0 / MIB)
    }
}
