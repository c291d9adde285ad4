//! Faults on purpose: requests that are answered wrongly, late or not at all.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::watch;

use super::super::error::ApiError;
use super::locate::Place;

/// Which requests go wrong, how, and for how long. An empty field means any.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// API verbs: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
    pub verbs: Vec<String>,
    /// `pods`, `pods/log`, `deployments/scale`.
    pub resource: String,
    pub namespace: String,
    pub name: String,
    pub effect: Effect,
    /// How many requests; `None` without limit.
    pub times: Option<u32>,
    /// How long from now; `None` without limit.
    pub lasting: Option<Duration>,
}

impl Fault {
    /// A fault of every request, until it is taken away.
    #[must_use]
    pub fn of(effect: Effect) -> Self {
        Self {
            verbs: Vec::new(),
            resource: String::new(),
            namespace: String::new(),
            name: String::new(),
            effect,
            times: None,
            lasting: None,
        }
    }
}

/// What becomes of a request that matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It is answered with this status: 409, 410, 429, 500, 503, 504.
    Answer(u16),
    /// It is not answered while the fault lasts.
    Hang,
    /// An admission webhook refuses it.
    Deny { webhook: String, code: u16, message: String },
}

/// The faults that are set. Clones share them.
#[derive(Clone, Debug)]
pub struct Faults {
    inner: Arc<Mutex<Inner>>,
    /// Told whenever a fault ends early, so that hanging requests look again.
    changed: Arc<watch::Sender<u64>>,
    /// Told when watches are to end without a word.
    watches: Arc<watch::Sender<u64>>,
}

#[derive(Debug, Default)]
struct Inner {
    next: u64,
    set: Vec<Active>,
}

#[derive(Debug)]
struct Active {
    id: u64,
    fault: Fault,
    since: Instant,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            inner: Arc::default(),
            changed: Arc::new(watch::Sender::new(0)),
            watches: Arc::new(watch::Sender::new(0)),
        }
    }
}

impl Faults {
    /// Sets a fault. The number takes it away again.
    #[expect(clippy::must_use_candidate, reason = "most faults end by themselves")]
    pub fn add(&self, fault: Fault) -> u64 {
        let mut inner = self.lock();
        inner.next += 1;
        let id = inner.next;
        inner.set.push(Active { id, fault, since: Instant::now() });
        id
    }

    /// Takes a fault away; requests that hang in it go on.
    pub fn remove(&self, id: u64) {
        self.lock().set.retain(|active| active.id != id);
        self.changed.send_modify(|count| *count += 1);
    }

    /// Takes every fault away.
    pub fn clear(&self) {
        self.lock().set.clear();
        self.changed.send_modify(|count| *count += 1);
    }

    /// Ends every open watch: the stream closes, no error is told.
    pub fn end_watches(&self) {
        self.watches.send_modify(|count| *count += 1);
    }

    pub(super) fn watch_ends(&self) -> watch::Receiver<u64> {
        self.watches.subscribe()
    }

    /// Lets a request through, or not.
    ///
    /// # Errors
    /// What the fault answers.
    pub(super) async fn meet(&self, place: &Place) -> Result<(), ApiError> {
        let mut changed = self.changed.subscribe();
        match self.strike(place) {
            None => Ok(()),
            Some((_, Effect::Answer(code), _)) => Err(answer(code, place)),
            Some((_, Effect::Deny { webhook, code, message }, _)) => {
                Err(denial(&webhook, code, &message))
            }
            Some((id, Effect::Hang, left)) => {
                let end = tokio::time::sleep(left.unwrap_or(Duration::from_secs(86_400)));
                tokio::pin!(end);
                while self.holds(id) {
                    tokio::select! {
                        () = &mut end => break,
                        told = changed.changed() => if told.is_err() { break },
                    }
                }
                Ok(())
            }
        }
    }

    fn holds(&self, id: u64) -> bool {
        self.lock().set.iter().any(|active| active.id == id)
    }

    /// The first fault that matches, counted once, and how long it still lasts.
    fn strike(&self, place: &Place) -> Option<(u64, Effect, Option<Duration>)> {
        let mut inner = self.lock();
        inner.set.retain(|a| a.fault.lasting.is_none_or(|lasting| a.since.elapsed() < lasting));
        let active = inner.set.iter_mut().find(|active| matches(&active.fault, place))?;
        if let Some(times) = &mut active.fault.times {
            *times = times.checked_sub(1)?;
        }
        let left =
            active.fault.lasting.map(|lasting| lasting.saturating_sub(active.since.elapsed()));
        Some((active.id, active.fault.effect.clone(), left))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn matches(fault: &Fault, place: &Place) -> bool {
    let resource = match place.subresource.as_str() {
        "" => place.kind.plural.to_owned(),
        subresource => format!("{}/{subresource}", place.kind.plural),
    };
    let any = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
    (fault.verbs.is_empty() || fault.verbs.iter().any(|verb| verb == place.verb))
        && any(&fault.resource, &resource)
        && any(&fault.namespace, &place.namespace)
        && any(&fault.name, &place.name)
        && fault.times != Some(0)
}

fn answer(code: u16, place: &Place) -> ApiError {
    match code {
        409 => ApiError::stale(place.kind, &place.name),
        410 => ApiError::expired(1, 2),
        429 => retry_later(
            429,
            "TooManyRequests",
            "the server has received too many requests and has asked us to try again later",
        ),
        503 => retry_later(
            503,
            "ServiceUnavailable",
            "the server is currently unable to handle the request",
        ),
        504 => ApiError::new(
            504,
            "Timeout",
            "the server was unable to return a response in the time allotted, but may still be processing the request",
        ),
        500 => ApiError::internal("etcdserver: request timed out"),
        code => ApiError::new(code, "Unknown", format!("the server answers {code} on purpose")),
    }
}

fn retry_later(code: u16, reason: &'static str, message: &str) -> ApiError {
    let mut error = ApiError::new(code, reason, message);
    error.details = Some(json!({"retryAfterSeconds": 1}));
    error
}

/// <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response>
fn denial(webhook: &str, code: u16, message: &str) -> ApiError {
    let reason = match code {
        400 => "BadRequest",
        403 => "Forbidden",
        _ => "",
    };
    let told = match message {
        "" => format!("admission webhook \"{webhook}\" denied the request without explanation"),
        message => format!("admission webhook \"{webhook}\" denied the request: {message}"),
    };
    ApiError::new(code.max(400), reason, told)
}
