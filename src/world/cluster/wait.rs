//! Waiting on the cluster: by watch, with a deadline, an end that the operator can call, and a look from time to time in
//! case the watch has died without a word.

use std::collections::BTreeMap;
use std::future::ready;
use std::ops::ControlFlow;
use std::time::Duration;

use futures::{Stream, StreamExt};
use kube::ResourceExt;
use kube::api::ListParams;
use kube::runtime::WatchStreamExt;
use kube::runtime::utils::Backoff;
use kube::runtime::watcher::{self, Event, watcher};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::world::WorldError;

use super::call::Call;
use super::handle::Cluster;
use super::read::{Namespaced, resource};

/// How long a watch may stay silent before the objects are listed all the same.
const SILENCE: Duration = Duration::from_secs(10);

/// How long one watch lasts, in seconds, before it is begun again; a dead connection is noticed 5 s later at the latest.
const WATCH_SECONDS: u32 = 60;

/// What is waited for, and for how long.
#[derive(Debug, Clone)]
pub struct Wait {
    /// The thing as an operator reads it in "… did not happen within 30 s".
    pub what: String,
    /// How long.
    pub limit: Duration,
    /// Ends the wait before its time.
    pub cancel: CancellationToken,
}

impl Cluster {
    /// Waits until `look` breaks off with a value. It is shown the object whenever it changes, or nothing when there is
    /// none, and says meanwhile what it sees: that stands in the error when time runs out.
    ///
    /// # Errors
    /// The deadline, a cancelled wait, or an answer that more waiting does not mend, such as a missing permission.
    pub async fn wait_for<K: Namespaced, T>(
        &self,
        name: &str,
        wait: &Wait,
        mut look: impl FnMut(Option<&K>) -> ControlFlow<T, String>,
    ) -> Result<T, WorldError> {
        let fields = format!("metadata.name={name}");
        let params = ListParams::default().fields(&fields);
        self.wait_with(&params, wait, |all: &[K]| look(all.first())).await
    }

    /// The same for all objects that a label selector picks.
    ///
    /// # Errors
    /// As for [`Cluster::wait_for`].
    pub async fn wait_for_all<K: Namespaced, T>(
        &self,
        labels: &str,
        wait: &Wait,
        look: impl FnMut(&[K]) -> ControlFlow<T, String>,
    ) -> Result<T, WorldError> {
        self.wait_with(&ListParams::default().labels(labels), wait, look).await
    }

    async fn wait_with<K: Namespaced, T>(
        &self,
        params: &ListParams,
        wait: &Wait,
        mut look: impl FnMut(&[K]) -> ControlFlow<T, String>,
    ) -> Result<T, WorldError> {
        let end = Instant::now() + wait.limit;
        let mut changes = std::pin::pin!(self.follow_with::<K>(params));
        let mut last = None;
        loop {
            let seen = tokio::select! {
                biased;
                () = wait.cancel.cancelled() => {
                    return Err(WorldError::Cancelled { waited_for: wait.what.clone() });
                }
                () = sleep_until(end) => return Err(late(wait, last)),
                Some(seen) = changes.next() => seen,
                () = tokio::time::sleep(SILENCE) => self.list_with(params).await,
            };
            match seen {
                Ok(all) => match look(&all) {
                    ControlFlow::Break(value) => return Ok(value),
                    ControlFlow::Continue(text) => last = Some(text),
                },
                Err(error) if error.is_transient() => last = Some(error.to_string()),
                Err(error) => return Err(error),
            }
        }
    }

    /// All objects that a label selector picks, told anew whenever one of them changes. The stream never ends: an error is
    /// told, and the watch is begun again after a pause.
    pub fn follow<K: Namespaced>(
        &self,
        labels: &str,
    ) -> impl Stream<Item = Result<Vec<K>, WorldError>> + Send + use<K> {
        self.follow_with(&ListParams::default().labels(labels))
    }

    /// The same for whatever the parameters pick.
    pub fn follow_with<K: Namespaced>(
        &self,
        params: &ListParams,
    ) -> impl Stream<Item = Result<Vec<K>, WorldError>> + Send + use<K> {
        let config = watcher::Config {
            label_selector: params.label_selector.clone(),
            field_selector: params.field_selector.clone(),
            timeout: Some(WATCH_SECONDS),
            ..watcher::Config::default()
        };
        let cluster = self.clone();
        watcher(self.api::<K>(), config)
            .backoff(Patience::default())
            .scan(Fold::<K>::default(), move |fold, event| {
                ready(Some(match event {
                    Ok(event) => fold.take(event).map(Ok),
                    Err(error) => Some(Err(explain::<K>(&cluster, error))),
                }))
            })
            .filter_map(ready)
    }
}

fn late(wait: &Wait, last: Option<String>) -> WorldError {
    WorldError::Deadline { waited_for: wait.what.clone(), after: wait.limit, last }
}

pub(super) fn explain<K: Namespaced>(cluster: &Cluster, error: watcher::Error) -> WorldError {
    let call = |verb| Call::new(verb, resource::<K>());
    match error {
        watcher::Error::InitialListFailed(error) => cluster.explain(call("list"), error),
        watcher::Error::WatchStartFailed(error) | watcher::Error::WatchFailed(error) => {
            cluster.explain(call("watch"), error)
        }
        watcher::Error::WatchError(status) => {
            cluster.explain(call("watch"), kube::Error::Api(status))
        }
        watcher::Error::NoResourceVersion => {
            let status =
                kube::core::Status::failure("the answer holds no resourceVersion", "Unknown");
            cluster.explain(call("watch"), kube::Error::Api(status.boxed()))
        }
    }
}

/// What a watch has told so far. Between `Init` and `InitDone` the new list is gathered aside, so that nobody sees half of it.
#[derive(Debug)]
struct Fold<K> {
    known: BTreeMap<String, K>,
    gathered: Option<BTreeMap<String, K>>,
}

impl<K> Default for Fold<K> {
    fn default() -> Self {
        Self { known: BTreeMap::new(), gathered: None }
    }
}

impl<K: Namespaced> Fold<K> {
    fn take(&mut self, event: Event<K>) -> Option<Vec<K>> {
        match event {
            Event::Init => {
                self.gathered = Some(BTreeMap::new());
                return None;
            }
            Event::InitApply(object) => {
                self.gathered.get_or_insert_default().insert(object.name_any(), object);
                return None;
            }
            Event::InitDone => self.known = self.gathered.take().unwrap_or_default(),
            Event::Apply(object) => {
                self.known.insert(object.name_any(), object);
            }
            Event::Delete(object) => {
                self.known.remove(&object.name_any());
            }
        }
        Some(self.known.values().cloned().collect())
    }
}

/// Pauses between attempts at a watch: short at first, since an API server that restarts is back in seconds.
#[derive(Debug, Default)]
pub(super) struct Patience {
    tries: u32,
}

impl Iterator for Patience {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        const LONGEST: u64 = 5_000;
        let ms = 200_u64.saturating_mul(1 << self.tries.min(6)).min(LONGEST);
        self.tries = self.tries.saturating_add(1);
        Some(Duration::from_millis(ms))
    }
}

impl Backoff for Patience {
    fn reset(&mut self) {
        self.tries = 0;
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

    fn names(seen: Option<Vec<ConfigMap>>) -> Option<Vec<String>> {
        seen.map(|all| all.iter().map(ResourceExt::name_any).collect())
    }

    #[test]
    fn a_relist_forgets_what_is_gone_and_shows_no_half_list() {
        let mut fold = Fold::default();
        assert!(fold.take(Event::Init).is_none());
        assert!(fold.take(Event::InitApply(named("a"))).is_none());
        assert!(fold.take(Event::InitApply(named("b"))).is_none());
        assert_eq!(names(fold.take(Event::InitDone)), Some(vec!["a".into(), "b".into()]));
        assert_eq!(names(fold.take(Event::Delete(named("a")))), Some(vec!["b".into()]));
        assert!(fold.take(Event::Init).is_none());
        assert_eq!(names(fold.take(Event::InitDone)), Some(vec![]));
    }

    #[test]
    fn patience_grows_to_a_limit_and_starts_again() {
        let mut patience = Patience::default();
        let pauses: Vec<u128> = patience.by_ref().take(7).map(|pause| pause.as_millis()).collect();
        assert_eq!(pauses, [200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
        patience.reset();
        assert_eq!(patience.next(), Some(Duration::from_millis(200)));
    }
}
