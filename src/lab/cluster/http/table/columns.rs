//! The columns of each kind.

use super::super::super::kind::Kind;

/// A column's name, and whether it is for wide output only.
pub(super) type Column = (&'static str, bool);

/// A list of columns: names are separated by `|`, wide ones come after `||`.
pub(super) fn columns(kind: &Kind) -> Vec<Column> {
    let (narrow, wide) = text(kind).split_once("||").unwrap_or((text(kind), ""));
    let read = |list: &'static str, wide: bool| {
        list.split('|').filter(|name| !name.is_empty()).map(move |name| (name, wide))
    };
    read(narrow, false).chain(read(wide, true)).collect()
}

fn text(kind: &Kind) -> &'static str {
    match kind.kind {
        "Pod" => "Name|Ready|Status|Restarts|Age||IP|Node|Nominated Node|Readiness Gates",
        "Deployment" => "Name|Ready|Up-to-date|Available|Age||Containers|Images|Selector",
        "ReplicaSet" => "Name|Desired|Current|Ready|Age||Containers|Images|Selector",
        "StatefulSet" => "Name|Ready|Age||Containers|Images",
        "Job" => "Name|Status|Completions|Duration|Age||Containers|Images|Selector",
        "CronJob" => {
            "Name|Schedule|Timezone|Suspend|Active|Last Schedule|Age||Containers|Images|Selector"
        }
        "Service" => "Name|Type|Cluster-IP|External-IP|Port(s)|Age||Selector",
        "Endpoints" => "Name|Endpoints|Age",
        "EndpointSlice" => "Name|AddressType|Ports|Endpoints|Age",
        "Secret" => "Name|Type|Data|Age",
        "ConfigMap" => "Name|Data|Age",
        "PersistentVolumeClaim" => {
            "Name|Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age||VolumeMode"
        }
        "PersistentVolume" => {
            "Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|VolumeAttributesClass|Reason|Age||VolumeMode"
        }
        "StorageClass" => {
            "Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age"
        }
        "Event" => "Last Seen|Type|Reason|Object|Message||Subobject|Source|First Seen|Count|Name",
        "Namespace" => "Name|Status|Age",
        "Node" => {
            "Name|Status|Roles|Age|Version||Internal-IP|External-IP|OS-Image|Kernel-Version|Container-Runtime"
        }
        "ServiceAccount" => "Name|Secrets|Age",
        "Lease" => "Name|Holder|Age",
        "Role" | "ClusterRole" => "Name|Created At",
        "RoleBinding" | "ClusterRoleBinding" => "Name|Role|Age||Users|Groups|ServiceAccounts",
        "ControllerRevision" => "Name|Controller|Revision|Age",
        _ => "Name|Age",
    }
}
