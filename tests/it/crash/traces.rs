//! What the world remembers of what was done in it.

use k8s_openapi::api::core::v1::Event;
use kube::api::{Api, ListParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::Value;

use crate::support::LabUp;

/// The cluster's own events, and the API server's log.
pub(super) struct Traces {
    events: Vec<Event>,
    requests: Vec<Value>,
}

impl Traces {
    pub(super) fn read(lab: &LabUp) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let events = runtime.block_on(events(lab.kubeconfig()));
        let log = std::fs::read_to_string(lab.folder().join("requests.jsonl")).unwrap();
        let requests = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        Self { events, requests }
    }

    /// What must be done once was done once, however often its console died: the Jobs' pods, the scaling, the switch.
    #[track_caller]
    pub(super) fn show_each_deed_once(&self) {
        for job in ["backup-job", "restore-job"] {
            let pods = self.happened("SuccessfulCreate", job, "Created pod");
            assert_eq!(pods, 2, "pods of {job}: one to practise, one in the window");
        }
        // The world itself has scaled it up once, at its start.
        let service = |message| self.happened("ScalingReplicaSet", "chronicle-service", message);
        assert_eq!((service("Scaled down"), service("Scaled up")), (1, 2));
        let codes = self.switches();
        // A request whose console died before the answer has code 0, and may have been carried out.
        let carried_out = codes.iter().filter(|code| **code == 200).count();
        assert!(carried_out == 1 || (carried_out == 0 && codes.len() == 1), "{codes:?}");
    }

    /// After an undo the application runs once more, and the traffic was never moved.
    #[track_caller]
    pub(super) fn show_nothing_of_green(&self) {
        let service = |message| self.happened("ScalingReplicaSet", "chronicle-service", message);
        assert_eq!((service("Scaled down"), service("Scaled up")), (1, 2));
        assert_eq!(self.switches(), Vec::<u64>::new());
    }

    /// How the requests that would move the traffic were answered.
    fn switches(&self) -> Vec<u64> {
        let is_one = |request: &&Value| {
            request["method"] == "PATCH"
                && request["uri"].as_str().unwrap().contains("/services/chronicle-db?")
        };
        let found = self.requests.iter().filter(is_one);
        found.map(|request| request["code"].as_u64().unwrap()).collect()
    }

    fn happened(&self, reason: &str, name: &str, message: &str) -> i32 {
        let about = |event: &&Event| {
            event.reason.as_deref() == Some(reason)
                && event.involved_object.name.as_deref() == Some(name)
                && event.message.as_deref().is_some_and(|text| text.starts_with(message))
        };
        self.events.iter().filter(about).map(|event| event.count.unwrap_or(1)).sum()
    }
}

async fn events(kubeconfig: &str) -> Vec<Event> {
    let file = Kubeconfig::read_from(kubeconfig).unwrap();
    let config =
        kube::Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await.unwrap();
    let client = kube::Client::try_from(config).unwrap();
    Api::<Event>::namespaced(client, "dsm").list(&ListParams::default()).await.unwrap().items
}
