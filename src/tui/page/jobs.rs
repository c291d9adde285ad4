//! Jobs of the namespace, and the workloads of both sides.

use ratatui::text::Line;

use super::Face;
use crate::model::{JobStatus, Reading, Side};
use crate::tui::list::{Cell, Column, Grid, Row};
use crate::tui::state::UiState;
use crate::tui::theme::Role;

/// The page.
#[derive(Debug)]
pub(super) struct Jobs;

impl Face for Jobs {
    fn title(&self, _ui: &UiState) -> String {
        "Jobs and workloads".to_owned()
    }

    fn grid(&self, ui: &UiState) -> Grid {
        let columns = vec![
            Column::text("NAME", 20),
            Column::word("KIND", 12),
            Column::text("STATE", 12),
            Column::number("AGE", 9),
        ];
        let workloads = Side::BOTH.into_iter().filter_map(|side| workload(ui, side));
        Grid::of(columns)
            .with(workloads.chain(jobs(ui)))
            .or_says("no workload and no Job has been read yet")
    }

    fn details(&self, ui: &UiState, row: &str) -> Vec<Line<'static>> {
        let jobs = ui.observed.cluster.jobs.value();
        let Some(job) = jobs.and_then(|jobs| jobs.get(row)) else {
            return vec![Line::raw(row.to_owned())];
        };
        let mut lines = vec![Line::raw(format!("Job {row}: {}", job.status.word()))];
        lines.extend(job.reason.as_ref().map(|reason| Line::raw(reason.clone())));
        lines
    }
}

fn age<T>(reading: &Reading<T>) -> Cell {
    Cell::Age { at: reading.at(), stale: matches!(reading, Reading::Stale { .. }) }
}

fn workload(ui: &UiState, side: Side) -> Option<Row> {
    let workload = ui.runbook.store(side).workload.as_ref()?.to_string();
    let pods = &ui.observed.side(side).pods;
    let state = pods.value().map_or_else(Cell::unknown, |(ready, wanted)| {
        let role = if ready < wanted { Role::Warn } else { Role::Plain };
        Cell::Text(format!("{ready}/{wanted} ready").into(), role)
    });
    let ready = pods.value().is_some_and(|(ready, wanted)| ready >= wanted);
    let kind = Cell::plain(format!("{side} workload"));
    let cells = vec![Cell::plain(workload.clone()), kind, state, age(pods)];
    Some(Row::new(workload, cells).that_differs(!ready))
}

fn jobs(ui: &UiState) -> impl Iterator<Item = Row> {
    let reading = &ui.observed.cluster.jobs;
    reading.value().into_iter().flat_map(|jobs| jobs.iter()).map(|(name, job)| {
        let role = match job.status {
            JobStatus::Failed => Role::Fail,
            JobStatus::Running => Role::Running,
            JobStatus::Complete | JobStatus::Suspended => Role::Plain,
        };
        let state = Cell::Text(job.status.word().into(), role);
        let cells = vec![Cell::plain(name.clone()), Cell::plain("Job"), state, age(reading)];
        Row::new(name.clone(), cells).that_differs(job.status == JobStatus::Failed)
    })
}
