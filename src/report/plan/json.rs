//! The plan for machines.

use serde_json::{Map, Value, json};

use super::calls;
use super::statements::{statements, undoing};
use crate::model::{Runbook, Step, Undo};

/// One document: the runbook without its secrets, and beside it what each step calls and needs.
#[must_use]
pub fn plan_json(runbook: &Runbook) -> Value {
    let steps: Map<String, Value> =
        runbook.steps().map(|(_, step)| (step.id.to_string(), of_step(runbook, step))).collect();
    json!({
        "apiVersion": "pgcutover.io/v1",
        "kind": "Plan",
        "hash": runbook.digest(),
        "runbook": runbook.redacted(),
        "steps": steps,
        "permissions": runbook.permissions(),
        "monitorPermissions": runbook.monitor_permissions(),
        "sqlPrivileges": runbook.sql_privileges(),
    })
}

fn of_step(runbook: &Runbook, step: &Step) -> Value {
    let undo_calls = match &step.undo {
        Undo::Nothing => Vec::new(),
        Undo::Former => calls::undoing(runbook, &step.verb),
        Undo::Verb(verb) => calls::calls(runbook, verb),
    };
    json!({
        "calls": calls::calls(runbook, &step.verb),
        "sql": statements(runbook, step),
        "undoCalls": undo_calls,
        "undoSql": undoing(runbook, step),
        "permissions": runbook.permissions_of(step),
        "sqlPrivileges": runbook.sql_privileges_of(step),
    })
}
