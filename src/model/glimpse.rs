//! Readings over time, told as what changed: a run watches for hours, and most of what it sees stays as it was.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::event::Event;
use super::observed::Observed;

/// What was seen at a moment, as the difference to the glimpse before. The first one differs from nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Glimpse {
    /// When it was recorded.
    pub at: Timestamp,
    /// Where a value is another one: the keys that lead to it, and the value; none where the place is gone.
    pub changes: Vec<(Vec<String>, Option<Value>)>,
    /// How far a step was then: the journal does not keep that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Event>,
}

impl Glimpse {
    /// How far a step was.
    #[must_use]
    pub const fn of(progress: Event) -> Self {
        Self { at: progress.at, changes: Vec::new(), progress: Some(progress) }
    }
}

/// The facts of a run, and between them how far its steps were.
#[must_use]
pub fn with_progress(mut events: Vec<Event>, glimpses: &[Glimpse]) -> Vec<Event> {
    events.extend(glimpses.iter().filter_map(|glimpse| glimpse.progress.clone()));
    events.sort_by_key(|event| (event.seq, event.at));
    events
}

/// The readings after some glimpses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen(Map<String, Value>);

impl Seen {
    /// What is to be told so that a reader who knows this knows `observed`. None when that is the same.
    #[must_use]
    pub fn glimpse(&self, at: Timestamp, observed: &Observed) -> Option<Glimpse> {
        let Ok(Value::Object(now)) = serde_json::to_value(observed) else { return None };
        let mut changes = Vec::new();
        differences(&self.0, &now, &mut Vec::new(), &mut changes);
        (!changes.is_empty()).then_some(Glimpse { at, changes, progress: None })
    }

    /// Takes a glimpse in.
    pub fn take(&mut self, glimpse: &Glimpse) {
        for (path, value) in &glimpse.changes {
            put(&mut self.0, path, value.clone());
        }
    }

    /// The readings. None when they are not what this tool knows: they were recorded by another version of it.
    #[must_use]
    pub fn observed(&self) -> Option<Observed> {
        Observed::deserialize(&Value::Object(self.0.clone())).ok()
    }
}

/// What is known of a run whose readings were not kept.
#[must_use]
pub fn unrecorded() -> Observed {
    let mut nothing = serde_json::to_value(Observed::default()).unwrap_or_default();
    say_why(&mut nothing);
    Observed::deserialize(&nothing).unwrap_or_default()
}

/// Every unknown reading says why it is, whatever readings there are.
fn say_why(value: &mut Value) {
    let Value::Object(map) = value else { return };
    for (key, value) in map.iter_mut() {
        match value.get_mut("why") {
            Some(why) if key == "unknown" => *why = Value::from("not recorded"),
            _ => say_why(value),
        }
    }
}

fn differences(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    path: &mut Vec<String>,
    found: &mut Vec<(Vec<String>, Option<Value>)>,
) {
    let at = |path: &[String], key: &String| [path, std::slice::from_ref(key)].concat();
    for key in old.keys().filter(|key| !new.contains_key(*key)) {
        found.push((at(path, key), None));
    }
    for (key, value) in new {
        match (old.get(key), value) {
            (Some(old), _) if old == value => {}
            (Some(Value::Object(old)), Value::Object(new)) => {
                path.push(key.clone());
                differences(old, new, path, found);
                path.pop();
            }
            _ => found.push((at(path, key), Some(value.clone()))),
        }
    }
}

fn put(map: &mut Map<String, Value>, path: &[String], value: Option<Value>) {
    let Some((key, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        match value {
            Some(value) => drop(map.insert(key.clone(), value)),
            None => drop(map.shift_remove(key)),
        }
        return;
    }
    let inner = map.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
    if !inner.is_object() {
        *inner = Value::Object(Map::new());
    }
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CountMethod, Reading, Shared, Side, TableView, Tables};

    fn tables(rows: &[(&str, u64)]) -> Reading<Shared<Tables>> {
        let at = Timestamp::UNIX_EPOCH;
        let table = |rows| TableView::counted(rows, CountMethod::Exact, at);
        let value = rows.iter().map(|(name, rows)| (*name, table(*rows)));
        Reading::Fresh { value: Shared::new(value.collect()), at }
    }

    fn course() -> Vec<Observed> {
        let mut seen = vec![Observed::default()];
        let mut next = |change: &dyn Fn(&mut Observed)| {
            let mut now = seen.last().cloned().unwrap_or_default();
            change(&mut now);
            seen.push(now);
        };
        next(&|now| now.blue.tables = tables(&[("public.a", 1), ("public.b", 2)]));
        next(&|now| now.serving = Reading::Fresh { value: None, at: Timestamp::UNIX_EPOCH });
        next(&|now| now.blue.tables = tables(&[("public.b", 3)]));
        next(&|now| now.blue.tables.miss("timeout"));
        next(&|now| now.serving = Reading::Fresh { value: Some(Side::Green), at: Timestamp::MAX });
        next(&|now| now.blue.tables = Reading::Unknown { why: None });
        seen
    }

    #[test]
    fn what_was_not_recorded_says_so() {
        let nothing = unrecorded();
        let why = Some("not recorded".to_owned());
        assert_eq!(nothing.serving, Reading::Unknown { why: why.clone() });
        assert_eq!(nothing.green.clients, Reading::Unknown { why });
    }

    #[test]
    fn glimpses_tell_every_reading_and_only_what_changed() {
        let (mut writer, mut reader) = (Seen::default(), Seen::default());
        for (index, observed) in course().into_iter().enumerate() {
            let glimpse = writer.glimpse(Timestamp::UNIX_EPOCH, &observed).unwrap();
            let text = serde_json::to_string(&glimpse).unwrap();
            assert!(index < 2 || !text.contains("\"green\","), "{text}");
            writer.take(&glimpse);
            reader.take(&serde_json::from_str(&text).unwrap());
            assert_eq!(reader.observed(), Some(observed.clone()));
            assert_eq!(writer.glimpse(Timestamp::UNIX_EPOCH, &observed), None);
        }
    }
}
