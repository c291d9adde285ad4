//! Events, written and counted as the components of a cluster do.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/>

use serde_json::{Value, json};

use super::kind::EVENTS;
use super::meta;
use super::store::Store;

/// How grave an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grade {
    Normal,
    Warning,
}

/// Writes the events of one component.
#[derive(Debug)]
pub(crate) struct Recorder {
    store: Store,
    component: &'static str,
    /// The node, for the kubelet; else empty.
    host: String,
}

impl Recorder {
    pub(crate) fn new(store: Store, component: &'static str) -> Self {
        Self { store, component, host: String::new() }
    }

    /// Of a component that runs on a node.
    pub(crate) fn on(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    pub(crate) fn normal(&self, about: &Value, reason: &str, message: &str) {
        self.write(about, "", Grade::Normal, reason, message);
    }

    pub(crate) fn warning(&self, about: &Value, reason: &str, message: &str) {
        self.write(about, "", Grade::Warning, reason, message);
    }

    /// One more of the same counts up; the first is a new object. `path` is a part of the object, such as
    /// `spec.containers{postgres}`. An event that cannot be written, since its namespace is ending, is lost, as in a real cluster.
    pub(crate) fn write(
        &self,
        about: &Value,
        path: &str,
        grade: Grade,
        reason: &str,
        message: &str,
    ) {
        if !self.count_up(about, path, reason, message) {
            let event = self.event(about, path, grade, reason, message);
            let _ = self.store.create(&EVENTS, event);
        }
    }

    fn count_up(&self, about: &Value, path: &str, reason: &str, message: &str) -> bool {
        let ns = event_namespace(about);
        let same = |event: &Value| {
            let involved = &event["involvedObject"];
            involved["uid"] == meta::uid(about)
                && meta::text(involved, "/fieldPath") == path
                && event["reason"] == reason
                && event["message"] == message
                && event["source"]["component"] == self.component
        };
        let (events, _) = self.store.list(&EVENTS, Some(ns));
        let Some(found) = events.into_iter().find(same) else { return false };
        let more = |event: &mut Value| {
            event["count"] = (event["count"].as_i64().unwrap_or(1) + 1).into();
            event["lastTimestamp"] = meta::now().into();
        };
        self.store.modify(&EVENTS, ns, meta::name(&found), more).is_ok()
    }

    fn event(&self, about: &Value, path: &str, grade: Grade, reason: &str, message: &str) -> Value {
        let (now, ns) = (meta::now(), event_namespace(about));
        // The real suffix is the time in nanoseconds; in order, too.
        let nth = self.store.revision();
        let name = format!(
            "{}.{nth:08x}{:08x}",
            meta::name(about),
            fold(&format!("{}{reason}", self.component))
        );
        let mut involved = json!({
            "kind": about["kind"], "namespace": about["metadata"]["namespace"], "name": meta::name(about), "uid": meta::uid(about),
            "apiVersion": about["apiVersion"], "resourceVersion": about["metadata"]["resourceVersion"],
        });
        if !path.is_empty() {
            involved["fieldPath"] = path.into();
        }
        let mut source = json!({"component": self.component});
        if !self.host.is_empty() {
            source["host"] = self.host.clone().into();
        }
        json!({
            "metadata": {"name": name, "namespace": ns},
            "involvedObject": involved, "reason": reason, "message": message, "source": source,
            "firstTimestamp": now, "lastTimestamp": now, "count": 1, "eventTime": null,
            "type": match grade { Grade::Normal => "Normal", Grade::Warning => "Warning" },
            "reportingComponent": self.component, "reportingInstance": self.host,
        })
    }
}

/// Events about cluster-wide objects lie in `default`.
fn event_namespace(about: &Value) -> &str {
    match meta::namespace(about) {
        "" => "default",
        ns => ns,
    }
}

/// FNV-1a.
fn fold(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::super::kind::CONFIG_MAPS;
    use super::super::store::testing::{object, store};
    use super::*;

    #[test]
    fn the_same_again_is_counted_and_another_text_is_another_event() {
        let store = store();
        let pod = store.create(&CONFIG_MAPS, object("a")).unwrap();
        let recorder = Recorder::new(store.clone(), "kubelet").on("node");
        for message in ["one", "one", "two"] {
            recorder.warning(&pod, "BackOff", message);
        }
        let (events, _) = store.list(&EVENTS, Some("default"));
        let mut seen: Vec<_> = events
            .iter()
            .map(|e| (e["message"].as_str().unwrap(), e["count"].as_i64().unwrap()))
            .collect();
        seen.sort_unstable();
        assert_eq!(seen, [("one", 2), ("two", 1)]);
        assert_eq!(events[0]["involvedObject"]["kind"], "ConfigMap");
    }
}
