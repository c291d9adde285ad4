//! Following many objects of which little is needed: a view of each is kept, and not the object.

use std::collections::BTreeMap;
use std::future::ready;

use futures::{Stream, StreamExt};
use kube::ResourceExt;
use kube::api::ListParams;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, Event, watcher};

use crate::model::Shared;
use crate::world::WorldError;

use super::handle::Cluster;
use super::read::Namespaced;
use super::wait::{Patience, explain};

/// How long one watch lasts, in seconds, before it is begun again where it ended: so long at most a dead one goes unnoticed.
const WATCH_SECONDS: u32 = 30;

/// Views of objects by their name.
pub type Views<V> = Shared<BTreeMap<String, V>>;

impl Cluster {
    /// Views of all objects that the parameters pick, told anew whenever one of them changes. The stream never ends: an
    /// error is told, and the watch is begun again after a pause. What was told stays as it is; the next view is a copy
    /// only where somebody still holds it.
    pub fn follow_views<K: Namespaced, V: Clone + Send + Sync + 'static>(
        &self,
        params: &ListParams,
        view: impl Fn(K) -> V + Send + 'static,
    ) -> impl Stream<Item = Result<Views<V>, WorldError>> + Send + 'static {
        let config = watcher::Config {
            label_selector: params.label_selector.clone(),
            field_selector: params.field_selector.clone(),
            timeout: Some(WATCH_SECONDS),
            ..watcher::Config::default()
        };
        let cluster = self.clone();
        watcher(self.api::<K>(), config)
            .backoff(Patience::default())
            .scan(Fold::default(), move |fold: &mut Fold<V>, event| {
                ready(Some(match event {
                    Ok(event) => fold.take(event, &view).map(Ok),
                    Err(error) => Some(Err(explain::<K>(&cluster, error))),
                }))
            })
            .filter_map(ready)
    }
}

/// What a watch has told so far. Between `Init` and `InitDone` the new list is gathered aside, so that nobody sees half of it.
struct Fold<V> {
    known: Views<V>,
    gathered: Option<BTreeMap<String, V>>,
}

impl<V> Default for Fold<V> {
    fn default() -> Self {
        Self { known: Shared::default(), gathered: None }
    }
}

impl<V: Clone> Fold<V> {
    fn take<K: ResourceExt>(
        &mut self,
        event: Event<K>,
        view: &impl Fn(K) -> V,
    ) -> Option<Views<V>> {
        match event {
            Event::Init => {
                self.gathered = Some(BTreeMap::new());
                return None;
            }
            Event::InitApply(object) => {
                let name = object.name_any();
                self.gathered.get_or_insert_default().insert(name, view(object));
                return None;
            }
            Event::InitDone => self.known = self.gathered.take().unwrap_or_default().into(),
            Event::Apply(object) => {
                self.known.make_mut().insert(object.name_any(), view(object));
            }
            Event::Delete(object) => {
                self.known.make_mut().remove(&object.name_any());
            }
        }
        Some(self.known.clone())
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;

    use super::*;

    fn named(name: &str) -> ConfigMap {
        let mut map = ConfigMap::default();
        map.metadata.name = Some(name.to_owned());
        map
    }

    #[test]
    fn what_was_told_does_not_change_with_the_next_event() {
        let mut fold = Fold::default();
        let view = |map: ConfigMap| map.name_any().len();
        assert!(fold.take(Event::Init, &view).is_none());
        assert!(fold.take(Event::InitApply(named("a")), &view).is_none());
        let first = fold.take(Event::InitDone, &view).unwrap();
        let second = fold.take(Event::Apply(named("bb")), &view).unwrap();
        assert_eq!((first.len(), second.len(), second["bb"]), (1, 2, 2));
        let third = fold.take(Event::Delete(named("a")), &view).unwrap();
        assert_eq!(third.keys().collect::<Vec<_>>(), ["bb"]);
    }
}
