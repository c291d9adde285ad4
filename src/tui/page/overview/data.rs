//! What the databases hold: tables, rows, sequences, extensions; and the Jobs that move them.

use std::collections::BTreeMap;

use super::check::Check;
use crate::model::{
    ExtensionView, JobStatus, Name, Reading, SequenceView, Shared, TableView, Tables,
};
use crate::tui::list::Cell;
use crate::tui::page::extensions::sequence;
use crate::tui::page::rows::apart;
use crate::tui::page::standing::{Standing, Word};
use crate::tui::state::UiState;
use crate::tui::view::words;

pub(super) fn tables(ui: &UiState) -> Check {
    let excluded = &ui.runbook.watch.exclude;
    let judge = |blue: &Shared<Tables>, green: &Shared<Tables>| {
        let lacks = |one: &Shared<Tables>, other: &Shared<Tables>| {
            let counted = names(one).filter(|name| !excluded.contains_key(&***name));
            counted.filter(|name| !other.contains(name)).count()
        };
        let (missing, more) = (lacks(blue, green), lacks(green, blue));
        Some(match (missing, more) {
            (0, 0) => Standing::OK,
            (missing, _) if missing > 0 && green.is_empty() => Word::Wait.because("green is empty"),
            (0, more) => Word::Warn.because(format!("{more} only on green")),
            (missing, _) => Word::Warn.because(format!("{missing} only on blue")),
        })
    };
    let show = |all: &Shared<Tables>| Cell::Count(Some(names(all).count() as u64));
    Check::of(ui, "tables", |view| &view.tables, show, judge)
}

/// Tables as a comparison counts them: a materialized view is none.
fn compared(all: &Tables) -> impl Iterator<Item = (&Name, &TableView)> + Clone {
    all.iter().filter(|(_, view)| !view.materialized)
}

fn names(all: &Tables) -> impl Iterator<Item = &Name> {
    compared(all).map(|(name, _)| name)
}

/// What all tables have together. One that was not counted makes the sum unknown.
fn sum(all: &Tables) -> Option<u64> {
    compared(all).map(|(_, view)| view.count()).sum()
}

pub(super) fn rows(ui: &UiState) -> Check {
    let show = |all: &Shared<Tables>| match sum(all) {
        Some(sum) if compared(all).all(|(_, view)| view.is_exact()) => Cell::Count(Some(sum)),
        Some(sum) => Cell::Estimate(sum),
        None => Cell::unknown(),
    };
    let judge = |blue: &Shared<Tables>, green: &Shared<Tables>| {
        let exact = compared(blue).chain(compared(green)).all(|(_, view)| view.is_exact());
        let Some((ours, theirs)) = sum(blue).zip(sum(green)) else {
            return Some(Word::Wait.because("not all are counted"));
        };
        let delta = apart(ours, theirs);
        let sign = if delta < 0 { "-" } else { "+" };
        let by = delta.unsigned_abs();
        Some(match (delta, exact) {
            _ if green.is_empty() => Word::Wait.because("green is empty"),
            (_, false) => Word::Wait.because("estimates"),
            (0, true) if same_everywhere(blue, green) => Standing::OK,
            (0, true) => Word::Warn.because("equal in sum only"),
            _ if ui.state.past_return => Word::Ok.because("green takes writes"),
            _ => Word::Warn.because(format!("{sign}{}", words::grouped(by))),
        })
    };
    Check::of(ui, "rows", |view| &view.tables, show, judge)
}

/// Sums can be equal while tables are not.
fn same_everywhere(blue: &Tables, green: &Tables) -> bool {
    names(blue).count() == names(green).count()
        && compared(blue)
            .all(|(name, view)| green.get(name).is_some_and(|other| other.count() == view.count()))
}

pub(super) fn sequences(ui: &UiState) -> Check {
    let judge = |blue: &Shared<BTreeMap<String, _>>, green: &Shared<BTreeMap<String, _>>| {
        let names = blue.keys().chain(green.keys().filter(|name| !blue.contains_key(*name)));
        let standings = names.map(|name| sequence(ui, [blue.get(name), green.get(name)]));
        let mut worst = Standing::OK;
        let mut count = 0;
        for standing in standings {
            if grave(standing.word) > grave(worst.word) {
                (worst, count) = (standing, 1);
            } else if standing.word == worst.word && worst.word != Word::Ok {
                count += 1;
            }
        }
        Some(match count {
            0 => Standing::OK,
            count => worst.word.because(format!("{count}: {}", worst.why)),
        })
    };
    let show = |all: &Shared<BTreeMap<String, SequenceView>>| Cell::Count(Some(all.len() as u64));
    Check::of(ui, "sequences", |view| &view.sequences, show, judge)
}

const fn grave(word: Word) -> u8 {
    match word {
        Word::Ok | Word::Skip | Word::Absent => 0,
        Word::Run => 1,
        Word::Wait => 2,
        Word::Warn => 3,
        Word::Fail => 4,
    }
}

pub(super) fn extensions(ui: &UiState) -> Check {
    let rows = ui.observed.extension_rows(&ui.runbook);
    let broken: Vec<&str> =
        rows.iter().filter(|row| !row.problems.is_empty()).map(|row| row.name.as_str()).collect();
    let failing = (!broken.is_empty()).then(|| Word::Fail.because(broken.join(" ")));
    let show = |all: &Shared<BTreeMap<String, ExtensionView>>| {
        let installed = all.values().filter(|one| one.installed.is_some());
        Cell::Count(Some(installed.count() as u64))
    };
    let judge = |_: &_, _: &_| Some(failing.unwrap_or(Standing::OK));
    Check::of(ui, "extensions", |view| &view.extensions, show, judge)
}

/// Jobs are of the namespace, and of no side.
pub(super) fn jobs(ui: &UiState) -> Check {
    let jobs = &ui.observed.cluster.jobs;
    let count = |status: JobStatus| {
        jobs.value().map_or(0, |all| all.values().filter(|job| job.status == status).count())
    };
    let standing = match jobs {
        Reading::Unknown { why } => {
            let why = why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
            Word::Wait.because(format!("unknown{why}"))
        }
        Reading::Stale { .. } => Word::Wait.because("stale"),
        Reading::Fresh { .. } => match (count(JobStatus::Failed), count(JobStatus::Running)) {
            (0, 0) => Word::Ok.because(format!("{} complete", count(JobStatus::Complete))),
            (0, running) => Word::Run.because(format!("{running} running")),
            (failed, _) => Word::Fail.because(format!("{failed} failed")),
        },
    };
    let at = Cell::age_of(jobs);
    Check::alone("jobs", standing, at)
}
