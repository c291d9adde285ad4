//! Gates about who answers: endpoints, the Service, an address, a query.

use std::collections::BTreeMap;

use crate::model::fact::{Answerer, EndpointsFact, HttpFact, ServingFact};
use crate::model::side::Side;

use super::finding::{Finding, names};

pub(super) fn endpoints(service: &str, side: Side, fact: &EndpointsFact) -> Finding {
    let EndpointsFact { selector, wanted, endpoints, pods } = fact;
    if selector != wanted {
        return Finding::held(format!(
            "service `{service}` selects {}, and {side} is {}",
            labels(selector),
            labels(wanted)
        ));
    }
    if pods.is_empty() {
        return Finding::held(format!(
            "{side} has no ready pod with the labels {}",
            labels(wanted)
        ));
    }
    let strangers: Vec<_> = endpoints.difference(pods).cloned().collect();
    let missing: Vec<_> = pods.difference(endpoints).cloned().collect();
    match (strangers.is_empty(), missing.is_empty()) {
        (true, true) => Finding::open(format!("service `{service}` leads to {}", names(endpoints))),
        (false, _) => {
            Finding::held(format!("service `{service}` still leads to {}", names(strangers)))
        }
        (true, false) => {
            Finding::held(format!("service `{service}` does not lead to {} yet", names(missing)))
        }
    }
}

fn labels(labels: &BTreeMap<String, String>) -> String {
    if labels.is_empty() {
        return "nothing".to_owned();
    }
    labels.iter().map(|(key, value)| format!("`{key}={value}`")).collect::<Vec<_>>().join(", ")
}

pub(super) fn serving(service: &str, side: Side, fact: &ServingFact) -> Finding {
    let how = if fact.through_proxy {
        "connections to the Service's own address".to_owned()
    } else {
        "connections to each ready endpoint, through the API server: the Service's own address does not lead anywhere from here"
            .to_owned()
    };
    let details = fact
        .answers
        .iter()
        .map(|Answerer { address, system }| format!("{address}: system {system}"))
        .chain([how]);
    let others: Vec<_> =
        fact.answers.iter().filter(|answer| answer.system != fact.wanted).collect();
    let times = fact.answers.len();
    if fact.answers.is_empty() {
        return Finding::unknown(format!("nobody answered behind service `{service}`"));
    }
    if others.is_empty() {
        return Finding::open(format!(
            "service `{service}` is answered by {side}, {times} of {times} times"
        ))
        .details(details);
    }
    let who = names(others.iter().map(|answer| answer.address.clone()));
    Finding::held(format!("service `{service}` is answered by another server than {side}: {who}"))
        .details(details)
}

pub(super) fn http(status: u16, contains: Option<&str>, fact: &HttpFact) -> Finding {
    let HttpFact { url, status: answered, body, took, .. } = fact;
    let details = [format!("answered in {} ms", took.as_millis()), format!("body: {body}")];
    let finding = match contains {
        _ if *answered != status => {
            Finding::held(format!("{url} answers {answered}, not {status}"))
        }
        Some(text) if !fact.contains => {
            Finding::held(format!("{url} answers {answered}, without `{text}` in its body"))
        }
        Some(text) => Finding::open(format!("{url} answers {answered}, with `{text}` in its body")),
        None => Finding::open(format!("{url} answers {answered}")),
    };
    finding.details(details)
}

pub(super) fn sql(side: Side, expect: &str, answer: Option<&str>) -> Finding {
    match answer {
        Some(answer) if spoken(answer) == spoken(expect) => {
            Finding::open(format!("{side} answers `{answer}`"))
        }
        Some(answer) => Finding::held(format!("{side} answers `{answer}`, not `{expect}`")),
        None => Finding::held(format!("{side} answers nothing, not `{expect}`")),
    }
}

/// PostgreSQL writes booleans as `t` and `f`; people do not.
fn spoken(value: &str) -> &str {
    match value {
        "t" => "true",
        "f" => "false",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::*;
    use crate::model::Opening;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn fact(selector: &str, endpoints: &[&str], pods: &[&str]) -> EndpointsFact {
        let app = |name: &str| BTreeMap::from([("app".to_owned(), name.to_owned())]);
        EndpointsFact {
            selector: app(selector),
            wanted: app("green"),
            endpoints: set(endpoints),
            pods: set(pods),
        }
    }

    #[test]
    fn endpoints_are_exactly_the_sides_ready_pods() {
        let seen = |fact: &EndpointsFact| endpoints("db", Side::Green, fact);
        assert_eq!(seen(&fact("green", &["g-1"], &["g-1"])).opening, Opening::Open);
        assert_eq!(
            seen(&fact("green", &["b-1", "g-1"], &["g-1"])).summary,
            "service `db` still leads to b-1"
        );
        assert_eq!(
            seen(&fact("green", &[], &["g-1"])).summary,
            "service `db` does not lead to g-1 yet"
        );
        assert_eq!(seen(&fact("green", &[], &[])).opening, Opening::Held);
        assert_eq!(
            seen(&fact("blue", &["b-1"], &["g-1"])).summary,
            "service `db` selects `app=blue`, and green is `app=green`"
        );
    }

    #[test]
    fn one_answer_by_another_server_holds() {
        let answer = |system: &str| Answerer { address: "db:5432".into(), system: system.into() };
        let seen = |systems: &[&str]| {
            let answers = systems.iter().map(|system| answer(system)).collect();
            serving(
                "db",
                Side::Green,
                &ServingFact { wanted: "2".into(), answers, through_proxy: true },
            )
            .opening
        };
        assert_eq!(seen(&["2", "2", "2"]), Opening::Open);
        assert_eq!(seen(&["2", "1", "2"]), Opening::Held);
        assert_eq!(seen(&[]), Opening::Unknown);
    }

    #[test]
    fn an_address_answers_with_the_status_and_the_text() {
        let fact = |status, contains| HttpFact {
            url: "http://x/health".into(),
            status,
            contains,
            body: "ok".into(),
            took: Duration::from_millis(3),
        };
        assert_eq!(http(200, None, &fact(200, false)).opening, Opening::Open);
        assert_eq!(http(200, Some("ok"), &fact(200, true)).opening, Opening::Open);
        assert_eq!(http(200, Some("ok"), &fact(200, false)).opening, Opening::Held);
        assert_eq!(
            http(200, None, &fact(503, false)).summary,
            "http://x/health answers 503, not 200"
        );
    }

    #[test]
    fn a_boolean_answer_may_be_written_either_way() {
        assert_eq!(sql(Side::Green, "true", Some("t")).opening, Opening::Open);
        assert_eq!(sql(Side::Green, "true", Some("f")).opening, Opening::Held);
        assert_eq!(sql(Side::Green, "7", None).summary, "green answers nothing, not `7`");
    }
}
