//! The world as one handle.

use std::sync::Arc;

use crate::model::{RunId, Runbook, Side};

use super::{Access, Calls, Cluster, Memory, Postgres, Target, WorldError};

/// The cluster and both stores, for one run. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct World {
    /// The plan, which says where everything is.
    pub runbook: Arc<Runbook>,
    /// The run, for `application_name`, labels and annotations.
    pub run: RunId,
    /// The cluster.
    pub cluster: Cluster,
    /// Blue's store.
    pub blue: Postgres,
    /// Green's store.
    pub green: Postgres,
    /// What may be done.
    pub access: Access,
    /// What looks remember.
    pub memory: Memory,
}

impl World {
    /// Reads the kubeconfig and makes the handles. It sends no request: stores are connected to at their first use.
    ///
    /// # Errors
    /// A kubeconfig that cannot be read, or that lacks the context.
    pub async fn connect(
        runbook: Arc<Runbook>,
        run: RunId,
        target: Target,
        access: Access,
    ) -> Result<Self, WorldError> {
        let cluster = Cluster::connect(&target, &runbook.cluster.namespace, access).await?;
        let store =
            |side| Postgres::new(side, &runbook, run.clone(), cluster.clone(), target.direct);
        let (blue, green) = (store(Side::Blue), store(Side::Green));
        Ok(Self { runbook, run, cluster, blue, green, access, memory: Memory::default() })
    }

    /// What was said through its handles.
    #[must_use]
    pub fn calls(&self) -> &Calls {
        self.cluster.calls()
    }

    /// The store of a side.
    #[must_use]
    pub const fn store(&self, side: Side) -> &Postgres {
        match side {
            Side::Blue => &self.blue,
            Side::Green => &self.green,
        }
    }
}
