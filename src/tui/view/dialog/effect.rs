//! What a step changes, and how that is undone, each in a plain sentence.

use crate::model::{ObjectRef, Runbook, Side, Step, Undo, Verb, spelled};
use crate::tui::state::UiState;
use crate::tui::view::undoing;

/// What it changes.
pub(super) fn sentence(book: &Runbook, step: &Step) -> String {
    match &step.verb {
        Verb::Check => "nothing changes: it looks at its gates".to_owned(),
        Verb::Verify { .. } => "nothing changes: both sides are read and compared".to_owned(),
        Verb::Soak { hold, .. } => format!("nothing changes: it watches for {}", spelled(*hold)),
        Verb::Manual { instruction } => format!("a person does it by hand: {instruction}"),
        Verb::Exec { argv, .. } => format!("a program runs on this machine: {}", argv.join(" ")),
        Verb::Apply { manifests, .. } => {
            let count: usize = manifests.iter().map(|file| file.documents.len()).sum();
            format!("{} made or changed in {}", objects(count), book.cluster.namespace)
        }
        Verb::Delete { objects } => deleted(book, objects),
        Verb::Job { manifest } => {
            format!("the Job of {} runs anew, and an old run of it is deleted", manifest.path)
        }
        Verb::Scale { workload, replicas: 0 } => format!("every pod of {workload} is stopped"),
        Verb::Scale { workload, replicas } => format!("{workload} is scaled to {replicas}"),
        Verb::SwitchService { service, to } => {
            format!("whoever connects to {service} reaches {} from now on", capitals(*to))
        }
        Verb::Patch { object, .. } => format!("{object} is changed in place"),
        Verb::Restart { workload } => format!("every pod of {workload} is replaced"),
        Verb::Sql { side, transaction: true, .. } => {
            format!("statements run on {side}, in one transaction")
        }
        Verb::Sql { side, .. } => format!("statements run on {side}"),
        Verb::Fence { side } => format!(
            "writes on {side} FAIL from now on until it is lifted, and sessions of others are ended"
        ),
        Verb::Unfence { side } => format!("{side} takes writes from now on"),
        Verb::Backup { side, path } => format!(
            "{side} is dumped to `{path}`, and that is restored into a scratch database for proof"
        ),
    }
}

fn objects(count: usize) -> String {
    if count == 1 { "1 object is".to_owned() } else { format!("{count} objects are") }
}

const fn capitals(side: Side) -> &'static str {
    match side {
        Side::Blue => "BLUE",
        Side::Green => "GREEN",
    }
}

fn deleted(book: &Runbook, objects: &[ObjectRef]) -> String {
    let names: Vec<String> = objects.iter().map(ToString::to_string).collect();
    let data = data_of(book, objects).map_or_else(String::new, |whose| format!(", and {whose}"));
    format!("deleted for ever: {}{data}", names.join(", "))
}

/// Whose data goes with objects that are deleted: that of a side whose server is among them, where a claim is, too.
fn data_of(book: &Runbook, objects: &[ObjectRef]) -> Option<String> {
    if !objects.iter().any(|object| object.kind == "PersistentVolumeClaim") {
        return None;
    }
    let server = |side: &Side| {
        let workload = book.store(*side).workload.as_ref();
        workload.is_some_and(|workload| objects.contains(&workload.object()))
    };
    Some(match Side::BOTH.into_iter().find(server) {
        Some(side) => format!("{side}'s data"),
        None => "the data in its claims".to_owned(),
    })
}

/// How it can be undone from where the run is.
pub(super) fn undo_now(ui: &UiState, step: &Step) -> String {
    match &step.verb {
        Verb::Delete { objects } if step.undo == Undo::Nothing => {
            let whose = data_of(&ui.runbook, objects);
            let whose = whose.unwrap_or_else(|| "what is deleted".to_owned());
            let is =
                if whose.starts_with("what") { "is not made again" } else { "is deleted for ever" };
            format!("none: {whose} {is}")
        }
        _ if step.point_of_no_return => "none: from here on nothing is undone".to_owned(),
        verb if ui.state.past_return && !verb.only_looks() => {
            "none: past the point of no return nothing is undone".to_owned()
        }
        _ => undoing::sentence(ui, step),
    }
}

/// Something of it would be undone.
pub(super) fn can_be_undone(ui: &UiState, step: &Step) -> bool {
    step.undo != Undo::Nothing && !step.point_of_no_return && !ui.state.past_return
}
