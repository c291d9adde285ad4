//! What a container finds out about Services: names that resolve, and the variables that are set for it.
//!
//! <https://kubernetes.io/docs/concepts/services-networking/service/#discovering-services>

use serde_json::Value;

use super::address::PodAddresses;
use super::translate::Translator;
use crate::lab::cluster::kind::{PODS, SERVICES, STATEFUL_SETS};
use crate::lab::cluster::meta;
use crate::lab::cluster::selector::Selector;
use crate::lab::cluster::store::Store;

/// The cluster's domain.
const DOMAIN: &str = "cluster.local";

/// Teaches the translator every Service's name, as a pod in `ns` may spell it.
pub(super) fn teach(
    translator: &mut Translator,
    store: &Store,
    addresses: &PodAddresses,
    ns: &str,
) {
    for service in store.list(&SERVICES, None).0 {
        let (name, own) = (meta::name(&service), meta::namespace(&service));
        if let Some(address) = resolve(store, addresses, &service) {
            for spelling in spellings(name, own, ns) {
                translator.host(spelling, address.clone());
            }
        }
        for (pod, address) in governed(store, addresses, &service) {
            for spelling in spellings(&format!("{pod}.{name}"), own, ns) {
                translator.host(spelling, address.clone());
            }
        }
    }
}

fn spellings(name: &str, own: &str, ns: &str) -> Vec<String> {
    let full = [
        format!("{name}.{own}"),
        format!("{name}.{own}.svc"),
        format!("{name}.{own}.svc.{DOMAIN}"),
    ];
    let bare = (own == ns).then(|| name.to_owned());
    full.into_iter().chain(bare).collect()
}

fn resolve(store: &Store, addresses: &PodAddresses, service: &Value) -> Option<String> {
    if service["spec"]["type"] == "ExternalName" {
        return service["spec"]["externalName"].as_str().map(str::to_owned);
    }
    match meta::text(service, "/spec/clusterIP") {
        "" => None,
        "None" => governed(store, addresses, service)
            .into_iter()
            .map(|(_, address)| address)
            .next()
            .or_else(|| first_pod(store, service)),
        address => Some(address.to_owned()),
    }
}

/// The pods of the `StatefulSets` that a headless Service gives names to, whether they run already or not.
fn governed(store: &Store, addresses: &PodAddresses, service: &Value) -> Vec<(String, String)> {
    if service["spec"]["clusterIP"] != "None" {
        return Vec::new();
    }
    let ns = meta::namespace(service);
    let (sets, _) = store.list(&STATEFUL_SETS, Some(ns));
    let own = sets.iter().filter(|set| set["spec"]["serviceName"] == meta::name(service));
    let pods = own.flat_map(|set| {
        let first = set.pointer("/spec/ordinals/start").and_then(Value::as_i64).unwrap_or(0);
        let replicas = set.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
        (first..first + replicas).map(|nth| format!("{}-{nth}", meta::name(set)))
    });
    pods.filter_map(|pod| addresses.reserve(ns, &pod).map(|address| (pod, address.to_string())))
        .collect()
}

fn first_pod(store: &Store, service: &Value) -> Option<String> {
    let selector = Selector::of_service(&service["spec"]["selector"])
        .filter(|selector| !selector.is_empty())?;
    let (pods, _) = store.list(&PODS, Some(meta::namespace(service)));
    let mut chosen = pods.iter().filter(|pod| selector.matches(pod));
    chosen.find_map(|pod| pod["status"]["podIP"].as_str()).map(str::to_owned)
}

/// `NAME_SERVICE_HOST` and its like, for the Services of the namespace that exist by now.
pub(super) fn links(store: &Store, ns: &str) -> Vec<(String, String)> {
    let (services, _) = store.list(&SERVICES, Some(ns));
    services.iter().flat_map(links_of).collect()
}

fn links_of(service: &Value) -> Vec<(String, String)> {
    let address = meta::text(service, "/spec/clusterIP");
    if matches!(address, "" | "None") {
        return Vec::new();
    }
    let name = meta::name(service).to_ascii_uppercase().replace('-', "_");
    let mut links = vec![(format!("{name}_SERVICE_HOST"), address.to_owned())];
    let ports: Vec<&Value> = service["spec"]["ports"].as_array().into_iter().flatten().collect();
    for (nth, port) in ports.iter().enumerate() {
        let number = &port["port"];
        if nth == 0 {
            links.push((format!("{name}_SERVICE_PORT"), number.to_string()));
            links.push((format!("{name}_PORT"), format!("tcp://{address}:{number}")));
        }
        if let Some(own) = port["name"].as_str().filter(|own| !own.is_empty()) {
            let own = own.to_ascii_uppercase().replace('-', "_");
            links.push((format!("{name}_SERVICE_PORT_{own}"), number.to_string()));
        }
        let prefix = format!("{name}_PORT_{number}_TCP");
        links.push((prefix.clone(), format!("tcp://{address}:{number}")));
        links.push((format!("{prefix}_PROTO"), "tcp".to_owned()));
        links.push((format!("{prefix}_PORT"), number.to_string()));
        links.push((format!("{prefix}_ADDR"), address.to_owned()));
    }
    links
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_service_is_announced_in_variables() {
        let service = json!({
            "metadata": {"name": "chronicle-db", "namespace": "dsm"},
            "spec": {"clusterIP": "127.9.15.1", "ports": [{"name": "postgres", "port": 5432}]},
        });
        let links = links_of(&service);
        let get =
            |name: &str| links.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
        assert_eq!(get("CHRONICLE_DB_SERVICE_HOST"), Some("127.9.15.1"));
        assert_eq!(get("CHRONICLE_DB_SERVICE_PORT_POSTGRES"), Some("5432"));
        assert_eq!(get("CHRONICLE_DB_PORT_5432_TCP"), Some("tcp://127.9.15.1:5432"));
    }
}
