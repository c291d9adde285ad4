//! A container's health while it runs: what its probes say, and what follows from that.

use serde_json::Value;

use super::container::{Plan, name_of};
use super::pod::PodRun;
use super::probe::Probe;
use crate::lab::cluster::meta;
use crate::lab::cluster::recorder::Grade;

impl PodRun {
    /// Runs the container's probes; returns the kind of the one that says that the container must be restarted.
    pub(super) async fn probe(&self, pod: &Value, container: &Value, plan: &Plan) -> &'static str {
        let address = meta::text(pod, "/status/podIP");
        let of = |kind: &str| Probe::of(container, kind, address);
        let name = name_of(container);
        if let Some(startup) = of("startupProbe") {
            if !self.starts_up(container, &startup, plan).await {
                return "startup";
            }
            self.report_container(name, |one| one.started = true);
        }
        let ready = async {
            if let Some(probe) = of("readinessProbe") {
                self.follow_readiness(container, &probe, plan).await;
            }
            std::future::pending::<()>().await;
        };
        let alive = async {
            match of("livenessProbe") {
                Some(probe) => self.until_dead(container, &probe, plan).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = ready => "readiness",
            () = alive => "liveness",
        }
    }

    async fn starts_up(&self, container: &Value, probe: &Probe, plan: &Plan) -> bool {
        tokio::time::sleep(probe.delay(self.shared.pace)).await;
        // The tries are closer together than the manifest says; there are as many more of them.
        let tries = probe.failures.saturating_mul(times_more(self.shared.pace.eager));
        for _ in 0..tries {
            if self.attempt(container, probe, plan, "Startup").await {
                return true;
            }
            tokio::time::sleep(probe.pause(false, self.shared.pace)).await;
        }
        false
    }

    async fn follow_readiness(&self, container: &Value, probe: &Probe, plan: &Plan) {
        let (mut passed, mut failed, mut ready) = (0, 0, false);
        tokio::time::sleep(probe.delay(self.shared.pace)).await;
        loop {
            if self.attempt(container, probe, plan, "Readiness").await {
                (passed, failed) = (passed + 1, 0);
                ready |= passed >= probe.successes;
            } else {
                (passed, failed) = (0, failed + 1);
                ready &= failed < probe.failures;
            }
            self.report_container(name_of(container), |one| one.ready = ready);
            tokio::time::sleep(probe.pause(ready, self.shared.pace)).await;
        }
    }

    async fn until_dead(&self, container: &Value, probe: &Probe, plan: &Plan) {
        let mut failed = 0;
        tokio::time::sleep(probe.delay(self.shared.pace)).await;
        loop {
            failed =
                if self.attempt(container, probe, plan, "Liveness").await { 0 } else { failed + 1 };
            if failed >= probe.failures {
                return;
            }
            tokio::time::sleep(probe.pause(true, self.shared.pace)).await;
        }
    }

    async fn attempt(&self, container: &Value, probe: &Probe, plan: &Plan, kind: &str) -> bool {
        match probe.attempt(plan, &self.shared.supervisor).await {
            Ok(()) => true,
            Err(why) => {
                let text = format!("{kind} probe failed: {why}");
                self.container_event(container, Grade::Warning, "Unhealthy", &text);
                false
            }
        }
    }
}

fn times_more(eager: f64) -> u32 {
    [1, 2, 5, 10, 20, 50].into_iter().find(|times| f64::from(*times) * eager >= 1.0).unwrap_or(100)
}
