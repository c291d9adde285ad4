//! Why an image does not arrive, from the texts of kubelet, containerd, CRI-O and registries.

use k8s_openapi::api::core::v1::{ContainerStatus, Event, Pod};

use super::events::{newest, one_line, text};
use super::finding::{Finding, PullRefusal, Trouble};

const REASONS: &[&str] = &[
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
];

const DENIED: &[&str] = &[
    "unauthorized",
    "denied",
    "no basic auth credentials",
    "authorization failed",
    "failed to authorize",
    "authentication required",
    "insufficient_scope",
    "forbidden",
    "invalid username/password",
];
const UNREACHABLE: &[&str] = &[
    "no such host",
    "connection refused",
    "connection reset",
    "i/o timeout",
    "deadline exceeded",
    "tls handshake",
    "x509",
    "server gave http response",
    "network is unreachable",
    "no route to host",
    "service unavailable",
    "bad gateway",
    "server misbehaving",
];
const LIMITED: &[&str] = &["toomanyrequests", "too many requests", "rate limit"];
const PLATFORM: &[&str] = &["no match for platform", "no matching manifest"];
const NOT_FOUND: &[&str] = &["not found", "notfound", "manifest unknown", "name unknown"];

/// Whether a container waits for its image.
pub(super) fn waits_for_image(status: &ContainerStatus) -> bool {
    waiting_reason(status).is_some_and(|reason| REASONS.contains(&reason))
}

/// What stands between a container and its image.
pub(super) fn finding(pod: &Pod, status: &ContainerStatus, events: &[&Event]) -> Finding {
    let waiting = status.state.as_ref().and_then(|state| state.waiting.as_ref());
    let reason = waiting.and_then(|waiting| waiting.reason.as_deref()).unwrap_or_default();
    let own = waiting.and_then(|waiting| waiting.message.as_deref()).map(one_line);
    let pulled = events.iter().copied().find(|event| {
        newest(&[event], &["Failed", "FailedToPullImage", "InspectFailed"]).is_some()
            && text(event).contains("pull")
    });
    let image = image_of(pod, &status.name).unwrap_or_else(|| status.image.clone());
    let mut causes: Vec<String> = pulled.map(text).into_iter().chain(own).collect();
    let unread = unread_secrets(events, &mut causes);
    causes.retain(|cause| !cause.is_empty());
    causes.dedup();
    let refusal = refusal(reason, &causes.join(" "));
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    Finding {
        message: format!("{reason}: pod/{name} cannot pull `{image}`: {}", words(refusal)),
        trouble: Trouble::ImagePull { refusal, named: named_secrets(pod), unread, image },
        object: format!("pod/{name}"),
        container: Some(status.name.clone()),
        causes,
    }
}

/// Which refusal a text is. Denied comes first: registries say "not found or denied" in one breath.
pub(super) fn refusal(reason: &str, text: &str) -> PullRefusal {
    let text = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match reason {
        "InvalidImageName" | "ErrImageNeverPull" => PullRefusal::Unusable,
        _ if says(LIMITED) => PullRefusal::RateLimited,
        _ if says(DENIED) => PullRefusal::Denied,
        _ if says(UNREACHABLE) => PullRefusal::Unreachable,
        _ if says(PLATFORM) => PullRefusal::Platform,
        _ if says(NOT_FOUND) => PullRefusal::NotFound,
        _ => PullRefusal::Other,
    }
}

const fn words(refusal: PullRefusal) -> &'static str {
    match refusal {
        PullRefusal::Denied => "the registry refuses these credentials, or wants some",
        PullRefusal::NotFound => "the registry has no such image",
        PullRefusal::Platform => "the image has no variant for the node's architecture",
        PullRefusal::Unusable => "the reference or its pull policy forbids it",
        PullRefusal::RateLimited => "the registry limits the rate of pulls",
        PullRefusal::Unreachable => "the node cannot reach the registry",
        PullRefusal::Other => "the node reports a failed pull",
    }
}

fn waiting_reason(status: &ContainerStatus) -> Option<&str> {
    status.state.as_ref()?.waiting.as_ref()?.reason.as_deref()
}

/// The image as the pod's specification writes it; the status may hold it resolved.
fn image_of(pod: &Pod, container: &str) -> Option<String> {
    let spec = pod.spec.as_ref()?;
    let all = spec.containers.iter().chain(spec.init_containers.iter().flatten());
    all.into_iter().find(|one| one.name == container)?.image.clone()
}

fn named_secrets(pod: &Pod) -> Vec<String> {
    let secrets = pod.spec.as_ref().and_then(|spec| spec.image_pull_secrets.as_ref());
    secrets.into_iter().flatten().map(|secret| secret.name.clone()).collect()
}

/// The kubelet warns of pull secrets that it cannot read, and goes on without them.
fn unread_secrets(events: &[&Event], causes: &mut Vec<String>) -> Vec<String> {
    let Some(event) = newest(events, &["FailedToRetrieveImagePullSecret"]) else { return vec![] };
    let text = text(event);
    let inner =
        text.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map(|(list, _)| list);
    let names = inner.unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
    let names = names.map(ToOwned::to_owned).collect();
    causes.push(text);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_of_runtimes_and_registries_are_told_apart() {
        let cases = [
            (
                PullRefusal::Denied,
                "failed to pull and unpack image \"myreg.agile-corp.org:5000/chronicle-db-pgvector:17.1\": failed to resolve reference \
                 \"myreg.agile-corp.org:5000/chronicle-db-pgvector:17.1\": failed to authorize: failed to fetch anonymous token: \
                 unexpected status from GET request to https://myreg.agile-corp.org:5000/token: 401 Unauthorized",
            ),
            (
                PullRefusal::Denied,
                "Error response from daemon: Head \"https://myreg.agile-corp.org:5000/v2/x/manifests/1\": no basic auth credentials",
            ),
            (
                PullRefusal::Denied,
                "failed to resolve reference \"docker.io/library/nosuch:1\": pull access denied, repository does not exist or may \
                 require authorization: server message: insufficient_scope: authorization failed",
            ),
            (
                PullRefusal::NotFound,
                "rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/library/postgres:99\": failed to resolve \
                 reference \"docker.io/library/postgres:99\": docker.io/library/postgres:99: not found",
            ),
            (PullRefusal::NotFound, "reading manifest 17.9 in quay.io/x/y: manifest unknown"),
            (
                PullRefusal::Unreachable,
                "failed to do request: Head \"https://myreg.agile-corp.org:5000/v2/\": dial tcp: lookup myreg.agile-corp.org on \
                 10.96.0.10:53: no such host",
            ),
            (
                PullRefusal::Unreachable,
                "tls: failed to verify certificate: x509: certificate signed by unknown authority",
            ),
            (
                PullRefusal::RateLimited,
                "429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit.",
            ),
            (PullRefusal::Platform, "no match for platform in manifest: not found"),
            (
                PullRefusal::Other,
                "rpc error: code = Unknown desc = short read: expected 10 bytes but got 0",
            ),
        ];
        for (expected, text) in cases {
            assert_eq!(refusal("ErrImagePull", text), expected, "{text}");
        }
        assert_eq!(refusal("InvalidImageName", ""), PullRefusal::Unusable);
    }
}
