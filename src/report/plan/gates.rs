//! Gates with all that they ask for.

use crate::model::{Connection, Gate, Runbook, Side};

/// A gate as a line of a plan.
pub(super) fn line(runbook: &Runbook, gate: &Gate) -> String {
    let more = match gate {
        Gate::Reachable { side } => way(runbook, *side),
        Gate::VersionAtLeast { version, .. } => format!("server_version_num ≥ {version}"),
        Gate::DumpClientMatchesServer { image, side, .. } => {
            format!("image {image} against {side}'s server")
        }
        Gate::Extension { min, available, .. } => {
            let what = if *available { "can be installed" } else { "is installed" };
            min.as_ref().map_or_else(|| what.to_owned(), |min| format!("{what}, at least {min}"))
        }
        Gate::NoLongTransactions { longer_than, .. } => {
            format!("none open for longer than {}", crate::model::spelled(*longer_than))
        }
        Gate::Sql { query, expect, .. } => format!("{} = {expect}", one_line(query)),
        Gate::Http { contains: Some(text), .. } => format!("the body holds `{text}`"),
        Gate::Endpoints { side, .. } => selector(runbook, *side),
        _ => String::new(),
    };
    if more.is_empty() { gate.to_string() } else { format!("{gate}  ({more})") }
}

fn way(runbook: &Runbook, side: Side) -> String {
    match &runbook.store(side).connection {
        Connection::Pod { labels, port, database, direct, .. } => {
            let labels: Vec<String> =
                labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
            let way = if *direct { "at its address" } else { "through the API server" };
            format!("{database} on port {port} of a pod with {}, {way}", labels.join(","))
        }
        Connection::Uri { uri } => uri.clone(),
    }
}

fn selector(runbook: &Runbook, side: Side) -> String {
    let Some(traffic) = &runbook.traffic else { return String::new() };
    let labels: Vec<String> =
        traffic.selector(side).iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("exactly the ready pods with {}", labels.join(","))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
