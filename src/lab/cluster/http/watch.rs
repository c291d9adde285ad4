//! Watches: a stream of changes, one JSON document a line.
//!
//! <https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes>

use std::collections::VecDeque;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use serde_json::{Value, json};
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, Interval, interval_at};

use super::super::error::ApiError;
use super::super::kind::Kind;
use super::super::meta;
use super::super::selector::Selector;
use super::super::store::{Change, Changed};
use super::answer::{self, Answer};
use super::handle::Call;
use super::list::check_revision;
use super::locate::Place;
use super::negotiate::{Form, form};
use super::server::Api;
use super::table::Table;

/// How long a watch lasts when the client does not say.
const USUAL: Duration = Duration::from_secs(3600);

/// How often a quiet watch tells where it is.
const BOOKMARKS: Duration = Duration::from_secs(60);

pub(super) fn answer(api: &Api, place: &Place, call: &Call) -> Result<Answer, ApiError> {
    let form = form(call.headers(), &call.query)?;
    let watch = Watch::begin(api, place, call, form)?;
    let lines = stream::unfold(watch, |mut watch| async move {
        let line = watch.next().await?;
        Some((Ok::<_, std::convert::Infallible>(line), watch))
    });
    Ok(answer::body(200, "application/json", Body::from_stream(lines)))
}

/// One client's watch.
struct Watch {
    scope: Scope,
    bookmarks: bool,
    table: Option<Table>,
    form: Form,
    ready: VecDeque<Bytes>,
    live: broadcast::Receiver<Change>,
    revision: u64,
    deadline: Instant,
    tick: Interval,
    cut: watch::Receiver<u64>,
    ended: bool,
}

/// Which objects the client sees.
struct Scope {
    kind: &'static Kind,
    namespace: Option<String>,
    name: String,
    selector: Selector,
}

impl Scope {
    fn has(&self, object: &Value) -> bool {
        self.namespace.as_deref().is_none_or(|namespace| namespace == meta::namespace(object))
            && (self.name.is_empty() || self.name == meta::name(object))
            && self.selector.matches(object)
    }

    /// What a change is for this client: an object that begins to match is added, one that stops is deleted.
    fn see(&self, change: &Change) -> Option<(&'static str, Value)> {
        if change.kind.id() != self.kind.id() {
            return None;
        }
        let before = change.previous.as_deref().filter(|object| self.has(object));
        let after = Some(&*change.object)
            .filter(|object| change.what != Changed::Deleted && self.has(object));
        match (before, after) {
            (None, None) => None,
            (None, Some(object)) => Some(("ADDED", object.clone())),
            (Some(_), Some(object)) => Some(("MODIFIED", object.clone())),
            (Some(before), None) => {
                let last = if change.what == Changed::Deleted { &*change.object } else { before };
                let mut gone = last.clone();
                let revision = change.revision.to_string();
                meta::meta_mut(&mut gone).insert("resourceVersion".to_owned(), revision.into());
                Some(("DELETED", gone))
            }
        }
    }
}

impl Watch {
    fn begin(api: &Api, place: &Place, call: &Call, form: Form) -> Result<Self, ApiError> {
        let query = &call.query;
        let selector = query.selector(place.kind)?;
        let namespace = place.within().map(str::to_owned);
        let asked = check_revision(api, query)?;
        let lasting = query.number("timeoutSeconds")?.filter(|seconds| *seconds > 0);
        let initial = query.flag("sendInitialEvents");
        if initial && query.get("resourceVersionMatch") != "NotOlderThan" {
            let text = "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
            return Err(ApiError::new(422, "Invalid", text));
        }
        let table = match form {
            Form::Table(include) => Some(Table::new(place.kind, include)),
            Form::Object | Form::Metadata => None,
        };
        let mut watch = Self {
            scope: Scope { kind: place.kind, namespace, name: place.name.clone(), selector },
            bookmarks: query.flag("allowWatchBookmarks"),
            table,
            form,
            ready: VecDeque::new(),
            live: api.store.subscribe(),
            revision: asked,
            deadline: Instant::now() + lasting.map_or(USUAL, Duration::from_secs),
            tick: interval_at(Instant::now() + BOOKMARKS, BOOKMARKS),
            cut: api.faults.watch_ends(),
            ended: false,
        };
        watch.catch_up(api, asked, initial);
        Ok(watch)
    }

    /// What happened before the watch began: everything that there is, or the changes since a revision.
    fn catch_up(&mut self, api: &Api, asked: u64, initial: bool) {
        if asked == 0 || initial {
            let (objects, revision) =
                api.store.list(self.scope.kind, self.scope.namespace.as_deref());
            self.revision = revision;
            for object in objects {
                if self.scope.has(&object) {
                    self.push("ADDED", object);
                }
            }
            if initial && self.bookmarks {
                self.bookmark(&json!({"k8s.io/initial-events-end": "true"}));
            }
        }
        match api.store.subscribe_from(self.revision) {
            Ok(subscription) => {
                self.live = subscription.live;
                subscription.past.iter().for_each(|change| self.take(change));
            }
            Err(error) => self.fail(&error),
        }
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(line) = self.ready.pop_front() {
                return Some(line);
            }
            if self.ended {
                return None;
            }
            tokio::select! {
                biased;
                _ = self.cut.changed() => self.ended = true,
                change = self.live.recv() => match change {
                    Ok(change) => self.take(&change),
                    Err(broadcast::error::RecvError::Lagged(_)) => {
                        self.fail(&ApiError::expired(self.revision, self.revision + 1));
                    }
                    Err(broadcast::error::RecvError::Closed) => self.ended = true,
                },
                () = tokio::time::sleep_until(self.deadline) => {
                    self.ended = true;
                    self.tell_place();
                }
                _ = self.tick.tick() => self.tell_place(),
            }
        }
    }

    fn take(&mut self, change: &Change) {
        if change.revision <= self.revision {
            return;
        }
        self.revision = change.revision;
        if let Some((what, object)) = self.scope.see(change) {
            self.push(what, object);
        }
    }

    fn tell_place(&mut self) {
        if self.bookmarks {
            self.bookmark(&Value::Null);
        }
    }

    fn bookmark(&mut self, annotations: &Value) {
        let kind = self.scope.kind;
        let mut meta =
            json!({"resourceVersion": self.revision.to_string(), "creationTimestamp": null});
        if !annotations.is_null() {
            meta["annotations"] = annotations.clone();
        }
        let object = match self.form {
            Form::Metadata => super::negotiate::metadata(&json!({ "metadata": meta })),
            _ => json!({"kind": kind.kind, "apiVersion": kind.api_version(), "metadata": meta}),
        };
        self.line("BOOKMARK", &object);
    }

    fn push(&mut self, what: &str, object: Value) {
        let object = match &mut self.table {
            Some(table) => {
                let meta = json!({"resourceVersion": object["metadata"]["resourceVersion"]});
                let first = !std::mem::replace(&mut table.begun, true);
                table.render(&[object], &meta, first)
            }
            None => self.form.object(self.scope.kind, object),
        };
        self.line(what, &object);
    }

    /// Tells why the watch cannot go on, and ends it.
    fn fail(&mut self, error: &ApiError) {
        self.line("ERROR", &error.status());
        self.ended = true;
    }

    fn line(&mut self, what: &str, object: &Value) {
        let event = json!({"type": what, "object": object});
        self.ready.push_back(Bytes::from(format!("{event}\n")));
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::kind::PODS;
    use super::super::super::store::testing::{pod, store};
    use super::*;

    #[test]
    fn an_object_that_stops_matching_is_deleted_for_the_client() {
        let store = store();
        let mut live = store.subscribe();
        let scope = Scope {
            kind: &PODS,
            namespace: Some("default".to_owned()),
            name: String::new(),
            selector: Selector::parse(&PODS, "side=blue", "").unwrap(),
        };
        let label = |side: &'static str| {
            move |pod: &mut Value| pod["metadata"]["labels"] = json!({"side": side})
        };
        store.create(&PODS, pod("a")).unwrap();
        for side in ["blue", "blue", "green"] {
            let edit = label(side);
            store
                .modify(&PODS, "default", "a", |pod| {
                    edit(pod);
                    pod["metadata"]["annotations"] =
                        json!({"n": pod["metadata"]["resourceVersion"]});
                })
                .unwrap();
        }
        let mut seen = Vec::new();
        while let Ok(change) = live.try_recv() {
            seen.push(scope.see(&change).map(|(what, _)| what));
        }
        assert_eq!(seen, [None, Some("ADDED"), Some("MODIFIED"), Some("DELETED")]);
    }
}
