use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::pods;
use super::super::runner::{Controller, Key, Next};
use super::super::selector;
use super::endpoint::Endpoint;
use crate::lab::cluster::error::ApiError;
use crate::lab::cluster::kind::{ENDPOINT_SLICES, ENDPOINTS, PODS, SERVICES};
use crate::lab::cluster::meta;
use crate::lab::cluster::store::{Change, Store};

const SERVICE_NAME: &str = "kubernetes.io/service-name";
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const MANAGER: &str = "endpointslice-controller.k8s.io";

/// Keeps both lists of a Service that has a selector.
pub(in super::super) struct EndpointSlices {
    store: Store,
}

impl EndpointSlices {
    pub(in super::super) fn new(store: Store) -> Self {
        Self { store }
    }

    fn endpoints(&self, service: &Value) -> Vec<Endpoint> {
        let (all, _) = self.store.list(&PODS, Some(meta::namespace(service)));
        let chosen = all.iter().filter(|pod| selector::by_map(&service["spec"]["selector"], pod));
        chosen.filter_map(|pod| Endpoint::of(service, pod)).collect()
    }

    fn own_slices(&self, key: &Key) -> Vec<Value> {
        let (all, _) = self.store.list(&ENDPOINT_SLICES, Some(&key.ns));
        let own = |slice: &Value| {
            let labels = &slice["metadata"]["labels"];
            labels[SERVICE_NAME] == *key.name && labels[MANAGED_BY] == MANAGER
        };
        all.into_iter().filter(own).collect()
    }

    /// One slice for each set of ports: pods may resolve a named port differently. A Service without pods keeps an empty one.
    fn write_slices(&self, service: &Value, endpoints: &[Endpoint]) -> Result<(), ApiError> {
        let mut wanted = by_ports(endpoints);
        if wanted.is_empty() {
            wanted.push((Vec::new(), Vec::new()));
        }
        let mut present = self.own_slices(&Key::of(service)).into_iter();
        for (ports, group) in wanted {
            let list: Vec<Value> = group.iter().map(|one| one.in_slice()).collect();
            match present.next() {
                Some(slice) => self.rewrite_slice(&slice, &ports, &list)?,
                None => drop(self.store.create(&ENDPOINT_SLICES, slice(service, &ports, &list))?),
            }
        }
        present.try_for_each(|slice| self.remove_slice(&slice))
    }

    fn rewrite_slice(
        &self,
        slice: &Value,
        ports: &[Value],
        list: &[Value],
    ) -> Result<(), ApiError> {
        let edit = |slice: &mut Value| {
            slice["ports"] = ports.into();
            slice["endpoints"] = list.into();
        };
        self.store
            .modify(&ENDPOINT_SLICES, meta::namespace(slice), meta::name(slice), edit)
            .map(drop)
    }

    fn remove_slice(&self, slice: &Value) -> Result<(), ApiError> {
        match self.store.remove(
            &ENDPOINT_SLICES,
            meta::namespace(slice),
            meta::name(slice),
            meta::uid(slice),
        ) {
            Err(error) if error.code != 404 => Err(error),
            _ => Ok(()),
        }
    }

    fn write_endpoints(&self, service: &Value, endpoints: &[Endpoint]) -> Result<(), ApiError> {
        let subsets: Vec<Value> =
            by_ports(endpoints).iter().map(|(ports, group)| subset(ports, group)).collect();
        let (ns, name) = (meta::namespace(service), meta::name(service));
        let set = |object: &mut Value| {
            if !subsets.is_empty() {
                object["subsets"] = subsets.clone().into();
            } else if let Some(object) = object.as_object_mut() {
                object.shift_remove("subsets");
            }
        };
        if self.store.get(&ENDPOINTS, ns, name).is_some() {
            return self.store.modify(&ENDPOINTS, ns, name, set).map(drop);
        }
        let mut object =
            json!({"metadata": {"name": name, "namespace": ns, "labels": labels_of(service)}});
        set(&mut object);
        self.store.create(&ENDPOINTS, object).map(drop)
    }

    /// The Service is no more: its lists go too. The slices would be collected as well, the Endpoints belong to nobody.
    fn forget(&self, key: &Key) -> Result<(), ApiError> {
        if let Some(object) = self.store.get(&ENDPOINTS, &key.ns, &key.name) {
            let gone = self.store.remove(&ENDPOINTS, &key.ns, &key.name, meta::uid(&object));
            gone.map(drop).or_else(|error| if error.code == 404 { Ok(()) } else { Err(error) })?;
        }
        self.own_slices(key).iter().try_for_each(|slice| self.remove_slice(slice))
    }
}

fn labels_of(service: &Value) -> Value {
    match &service["metadata"]["labels"] {
        Value::Null => json!({}),
        labels => labels.clone(),
    }
}

fn by_ports(endpoints: &[Endpoint]) -> Vec<(Vec<Value>, Vec<&Endpoint>)> {
    let mut groups: BTreeMap<String, (Vec<Value>, Vec<&Endpoint>)> = BTreeMap::new();
    for endpoint in endpoints {
        let key = Value::from(endpoint.ports.clone()).to_string();
        groups.entry(key).or_insert_with(|| (endpoint.ports.clone(), Vec::new())).1.push(endpoint);
    }
    groups.into_values().collect()
}

fn slice(service: &Value, ports: &[Value], list: &[Value]) -> Value {
    let mut labels = labels_of(service);
    labels[SERVICE_NAME] = meta::name(service).into();
    labels[MANAGED_BY] = MANAGER.into();
    if service["spec"]["clusterIP"] == "None" {
        labels["service.kubernetes.io/headless"] = "".into();
    }
    json!({
        "metadata": {
            "generateName": format!("{}-", meta::name(service)), "namespace": meta::namespace(service), "labels": labels,
            "ownerReferences": [meta::owned_by(service)],
        },
        "addressType": "IPv4", "ports": ports, "endpoints": list,
    })
}

fn subset(ports: &[Value], group: &[&Endpoint]) -> Value {
    let (ready, not): (Vec<&Endpoint>, Vec<&Endpoint>) =
        group.iter().copied().partition(|endpoint| endpoint.ready);
    let mut subset = json!({});
    for (key, list) in [("addresses", ready), ("notReadyAddresses", not)] {
        if !list.is_empty() {
            subset[key] = list.iter().map(|endpoint| endpoint.in_subset()).collect();
        }
    }
    subset["ports"] = ports.into();
    subset
}

impl Controller for EndpointSlices {
    fn name(&self) -> &'static str {
        "endpointslice"
    }

    fn concerned(&self, change: &Change) -> Vec<Key> {
        if change.kind.id() == SERVICES.id() {
            return vec![Key::of(&change.object)];
        }
        if change.kind.id() != PODS.id() {
            return Vec::new();
        }
        let versions: Vec<_> =
            std::iter::once(&change.object).chain(change.previous.as_ref()).collect();
        let (services, _) = self.store.list(&SERVICES, Some(meta::namespace(&change.object)));
        let touched = services.iter().filter(|service| {
            versions.iter().any(|pod| selector::by_map(&service["spec"]["selector"], pod))
        });
        touched.map(Key::of).collect()
    }

    fn all(&self) -> Vec<Key> {
        pods::keys(&self.store, &SERVICES)
    }

    fn reconcile(&mut self, key: &Key) -> Result<Next, ApiError> {
        let Some(service) = self.store.get(&SERVICES, &key.ns, &key.name) else {
            return self.forget(key).map(|()| Next::OnChange);
        };
        let selects = service["spec"]["selector"].as_object().is_some_and(|map| !map.is_empty());
        if selects && service["spec"]["type"] != "ExternalName" {
            let endpoints = self.endpoints(&service);
            self.write_slices(&service, &endpoints)?;
            self.write_endpoints(&service, &endpoints)?;
        }
        Ok(Next::OnChange)
    }
}
