//! `pods/log`.

use axum::body::Body;
use bytes::Bytes;
use futures::stream::{self, StreamExt as _};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::super::error::ApiError;
use super::super::kubelet::{Log, LogLine, LogOf};
use super::super::meta::{self, text};
use super::answer::{self, Answer};
use super::handle::Call;
use super::locate::Place;
use super::query::Query;
use super::server::Api;
use super::update::live;

const TEXT: &str = "text/plain";

pub(super) async fn answer(api: &Api, place: &Place, call: &Call) -> Result<Answer, ApiError> {
    let pod = live(api, place)?;
    let container = container(&pod, call.query.get("container"))?;
    let cut = Cut::of(&call.query)?;
    let of = LogOf {
        namespace: place.namespace.clone(),
        pod: place.name.clone(),
        uid: meta::uid(&pod).to_owned(),
        container,
        previous: call.query.flag("previous"),
        follow: call.query.flag("follow"),
    };
    check_state(&pod, &of)?;
    let kubelet = api.kubelet.get().cloned();
    let kubelet = kubelet.ok_or_else(|| ApiError::internal("no node runs in this cluster"))?;
    let log = kubelet.log(&of).await?;
    Ok(answer::body(200, TEXT, cut.body(log)))
}

/// Which container is meant: the one named, or the only one.
fn container(pod: &Value, asked: &str) -> Result<String, ApiError> {
    let of = |list: &str| -> Vec<&str> {
        let containers = pod["spec"][list].as_array().into_iter().flatten();
        containers.map(|container| text(container, "/name")).collect()
    };
    let (init, main) = (of("initContainers"), of("containers"));
    let name = meta::name(pod);
    if asked.is_empty() {
        return match (init.as_slice(), main.as_slice()) {
            ([], [only]) => Ok((*only).to_owned()),
            ([], many) => Err(ApiError::bad_request(format!(
                "a container name must be specified for pod {name}, choose one of: [{}]",
                many.join(" ")
            ))),
            (init, many) => Err(ApiError::bad_request(format!(
                "a container name must be specified for pod {name}, choose one of: [{}] or one of the init containers: [{}]",
                many.join(" "),
                init.join(" ")
            ))),
        };
    }
    if init.contains(&asked) || main.contains(&asked) {
        return Ok(asked.to_owned());
    }
    Err(ApiError::bad_request(format!("container {asked} is not valid for pod {name}")))
}

/// A container that never ran has no log.
fn check_state(pod: &Value, of: &LogOf) -> Result<(), ApiError> {
    let lists = ["containerStatuses", "initContainerStatuses"].into_iter();
    let all = lists.filter_map(|list| pod["status"][list].as_array()).flatten();
    let status = all
        .into_iter()
        .find(|status| status["name"] == of.container.as_str())
        .unwrap_or(&Value::Null);
    let (container, name) = (&of.container, &of.pod);
    let ran_before = !status["lastState"]["terminated"].is_null();
    if of.previous {
        if ran_before {
            return Ok(());
        }
        let told =
            format!("previous terminated container \"{container}\" in pod \"{name}\" not found");
        return Err(ApiError::bad_request(told));
    }
    let runs = !status["state"]["running"].is_null() || !status["state"]["terminated"].is_null();
    if runs || ran_before {
        return Ok(());
    }
    let waits = text(status, "/state/waiting/reason");
    let why = match waits {
        "" => format!("container \"{container}\" in pod \"{name}\" is not available"),
        "ImagePullBackOff" | "ErrImagePull" => format!(
            "container \"{container}\" in pod \"{name}\" is waiting to start: trying and failing to pull image"
        ),
        other => {
            format!("container \"{container}\" in pod \"{name}\" is waiting to start: {other}")
        }
    };
    Err(ApiError::bad_request(why))
}

/// Which part of the log is wanted, and how.
struct Cut {
    since: Option<Timestamp>,
    tail: Option<usize>,
    bytes: Option<usize>,
    stamped: bool,
}

impl Cut {
    fn of(query: &Query) -> Result<Self, ApiError> {
        let seconds = query.number("sinceSeconds")?.and_then(|seconds| i64::try_from(seconds).ok());
        let time = Some(query.get("sinceTime")).filter(|time| !time.is_empty());
        let time = time.map(|time| {
            time.parse::<Timestamp>()
                .map_err(|why| ApiError::bad_request(format!("sinceTime: {why}")))
        });
        let size = |number: Option<u64>| number.and_then(|number| usize::try_from(number).ok());
        Ok(Self {
            since: match time {
                Some(time) => Some(time?),
                None => {
                    seconds.map(|seconds| Timestamp::now() - SignedDuration::from_secs(seconds))
                }
            },
            tail: size(query.number("tailLines")?),
            bytes: size(query.number("limitBytes")?),
            stamped: query.flag("timestamps"),
        })
    }

    fn print(&self, line: &LogLine) -> Bytes {
        if self.stamped {
            Bytes::from(format!("{:.9} {}\n", line.at, line.text))
        } else {
            Bytes::from(format!("{}\n", line.text))
        }
    }

    fn body(self, log: Log) -> Body {
        let past =
            log.past.into_iter().filter(|line| self.since.is_none_or(|since| line.at >= since));
        let mut past: Vec<LogLine> = past.collect();
        if let Some(tail) = self.tail {
            past.drain(..past.len().saturating_sub(tail));
        }
        let live = log.live.unwrap_or_else(|| stream::empty().boxed());
        let mut left = self.bytes.unwrap_or(usize::MAX);
        let lines = stream::iter(past).chain(live).map(move |line| self.print(&line));
        let limited = lines.map(move |mut bytes| {
            bytes.truncate(left);
            left -= bytes.len();
            bytes
        });
        let begun = limited.take_while(|bytes| std::future::ready(!bytes.is_empty()));
        Body::from_stream(begun.map(Ok::<_, std::convert::Infallible>))
    }
}
