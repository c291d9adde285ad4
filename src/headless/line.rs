//! One JSON object for each fact: the contract with machines.
//!
//! Every line has `type`, `ts` (RFC 3339), `message` and `run`, and `step` where there is one. The first has type
//! `version`, the last `summary`. Readers ignore keys that they do not know, and show `message` for types that they do not
//! know. A minor version adds, a major one changes.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::model::{Event, Observed, RunId, SideView, TableView, Tables};

/// The version of the lines.
pub const SCHEMA: &str = "1.0";

/// How it ended. What is not known is null, never 0.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// `done`, `undone`, `not-undone`, `stopped` or `error`.
    pub verdict: String,
    /// The exit code.
    pub exit: u8,
    /// Why script and reality parted, where they did.
    pub difference: Option<String>,
    /// Writes that the application was told are stored.
    pub acknowledged: Option<u64>,
    /// Acknowledged writes that the serving side does not have.
    pub lost: Option<u64>,
    /// Acknowledged writes that the serving side has more than once.
    pub duplicated: Option<u64>,
    /// For how long clients got no answer, in all.
    pub blocked_seconds: Option<f64>,
    /// Requests that clients saw fail.
    pub failed_requests: Option<u64>,
    /// For how long clients saw the service down; where no client was asked, for how long writes were stopped.
    pub downtime_seconds: Option<f64>,
    /// For how long writes were stopped, in all.
    pub writes_stopped_seconds: Option<f64>,
}

/// The first line.
pub(super) fn version(run: &RunId, now: Timestamp) -> Value {
    let tool = env!("CARGO_PKG_VERSION");
    json!({
        "type": "version",
        "ts": now,
        "message": format!("pgcutover {tool}, events {SCHEMA}"),
        "run": run,
        "schema": SCHEMA,
        "tool": format!("pgcutover {tool}"),
    })
}

/// A fact.
pub(super) fn event(run: &RunId, event: &Event) -> Value {
    let mut line = Map::new();
    let data = match serde_json::to_value(&event.kind) {
        Ok(Value::Object(data)) => data,
        Ok(_) | Err(_) => Map::new(),
    };
    line.insert("type".into(), data.get("type").cloned().unwrap_or_default());
    line.insert("ts".into(), json!(event.at));
    line.insert("message".into(), event.kind.to_string().into());
    line.insert("run".into(), json!(run));
    if let Some(step) = event.kind.step() {
        line.insert("step".into(), json!(step));
    }
    line.insert("seq".into(), json!(event.seq));
    line.insert("elapsed_seconds".into(), event.elapsed.as_secs_f64().into());
    for (key, value) in data {
        line.entry(key).or_insert(value);
    }
    Value::Object(line)
}

/// How much of what a monitor sees stands in its lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What has a line's length however large the databases are: tables are counted.
    Summary,
    /// Everything.
    Whole,
}

/// What a monitor sees.
pub(super) fn observed(
    run: &RunId,
    observed: &Observed,
    (message, detail): (&str, Detail),
    now: Timestamp,
) -> Value {
    let seen = match detail {
        Detail::Whole => json!(observed),
        Detail::Summary => json!({
            "serving": observed.serving,
            "blue": side(&observed.blue),
            "green": side(&observed.green),
        }),
    };
    json!({ "type": "observed", "ts": now, "message": message, "run": run, "observed": seen })
}

fn side(side: &SideView) -> Value {
    json!({
        "version": side.version,
        "system": side.system,
        "size": side.size,
        "clients": side.clients,
        "transactions": side.transactions,
        "waiting": side.waiting,
        "flow": side.flow,
        "wal": side.wal,
        "pods": side.pods,
        "tables": side.tables.map(|tables| tables_in_all(tables)),
    })
}

/// How many there are, and their rows: all of them, or null where those of a table are not known.
fn tables_in_all(tables: &Tables) -> Value {
    json!({
        "count": tables.len(),
        "rows": tables.views().map(TableView::count).sum::<Option<u64>>(),
        "exact": tables.views().all(TableView::is_exact),
    })
}

/// Something that stopped the command before there was a run to speak of.
pub(super) fn error(run: &RunId, message: &str, hint: Option<&str>, now: Timestamp) -> Value {
    json!({ "type": "error", "ts": now, "message": message, "run": run, "hint": hint })
}

/// The last line.
pub(super) fn summary(run: &RunId, summary: &Summary, message: &str, now: Timestamp) -> Value {
    let mut line = json!({ "type": "summary", "ts": now, "message": message, "run": run });
    if let (Some(line), Ok(Value::Object(data))) =
        (line.as_object_mut(), serde_json::to_value(summary))
    {
        line.extend(data);
    }
    line
}
