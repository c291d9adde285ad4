use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use crate::lab::cluster::meta;

/// Which pods a hook is about: all of a namespace whose name begins like this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PodPattern {
    pub(crate) namespace: String,
    pub(crate) prefix: String,
}

impl PodPattern {
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "no shipped scenario asks for it yet; the tests do")
    )]
    pub(crate) fn new(namespace: &str, prefix: &str) -> Self {
        Self { namespace: namespace.to_owned(), prefix: prefix.to_owned() }
    }

    fn matches(&self, pod: &Value) -> bool {
        meta::namespace(pod) == self.namespace && meta::name(pod).starts_with(&self.prefix)
    }
}

/// What a scenario can do to the pods of a node. Processes themselves are signalled from outside, as a failing machine would.
#[derive(Debug, Default)]
pub(crate) struct Hooks {
    rules: Mutex<Rules>,
    /// Counts changes of the rules.
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Rules {
    unready: Vec<PodPattern>,
    late: Vec<(PodPattern, Duration)>,
    lingering: Vec<(PodPattern, Duration)>,
}

impl Hooks {
    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    /// These pods are not ready, whatever their probes say, until [`Hooks::let_ready`].
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "no shipped scenario asks for it yet; the tests do")
    )]
    pub(crate) fn hold_unready(&self, pods: PodPattern) {
        self.rules().unready.push(pods);
        self.tell();
    }

    /// Takes a hold back.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "no shipped scenario asks for it yet; the tests do")
    )]
    pub(crate) fn let_ready(&self, pods: &PodPattern) {
        self.rules().unready.retain(|one| one != pods);
        self.tell();
    }

    /// The containers of these pods start so much later from now on.
    #[expect(dead_code, reason = "no shipped scenario asks for it yet")]
    pub(crate) fn delay_start(&self, pods: PodPattern, by: Duration) {
        self.rules().late.push((pods, by));
    }

    /// These pods stay in Terminating so much longer after their processes have ended.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "no shipped scenario asks for it yet; the tests do")
    )]
    pub(crate) fn linger(&self, pods: PodPattern, by: Duration) {
        self.rules().lingering.push((pods, by));
    }

    pub(super) fn is_held(&self, pod: &Value) -> bool {
        self.rules().unready.iter().any(|pods| pods.matches(pod))
    }

    pub(super) fn start_delay(&self, pod: &Value) -> Duration {
        longest(&self.rules().late, pod)
    }

    pub(super) fn linger_time(&self, pod: &Value) -> Duration {
        longest(&self.rules().lingering, pod)
    }

    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}

fn longest(rules: &[(PodPattern, Duration)], pod: &Value) -> Duration {
    rules
        .iter()
        .filter(|(pods, _)| pods.matches(pod))
        .map(|(_, time)| *time)
        .max()
        .unwrap_or_default()
}
