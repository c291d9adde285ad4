//! Who connects: on the loopback network every connection comes from 127.0.0.1, but the process on its other end belongs to a pod.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::{Path, PathBuf};

use crate::lab::cluster::kind::PODS;
use crate::lab::cluster::meta;
use crate::lab::cluster::node::container::{MARK, marked_pod};
use crate::lab::cluster::store::Store;
use crate::lab::process::{Entry, all_processes};

/// Finds the pods of processes.
#[derive(Debug)]
pub(super) struct Clients {
    store: Store,
    /// The lab's folder: its own processes alone count.
    lab: PathBuf,
}

impl Clients {
    pub(super) fn new(store: Store, lab: PathBuf) -> Self {
        Self { store, lab }
    }

    /// The address of the pod whose process holds the other end of a connection from `peer`; `None` when it is no pod's, or not to be seen.
    pub(super) async fn address_of(&self, peer: SocketAddr) -> Option<SocketAddrV4> {
        let SocketAddr::V4(peer) = peer else { return None };
        // The process table is read file by file.
        let lab = self.lab.clone();
        let uid = tokio::task::spawn_blocking(move || pod_of(&lab, peer)).await.ok()??;
        let (pods, _) = self.store.list(&PODS, None);
        let pod = pods.iter().find(|pod| meta::uid(pod) == uid)?;
        let address: Ipv4Addr = meta::text(pod, "/status/podIP").parse().ok()?;
        Some(SocketAddrV4::new(address, 0))
    }
}

fn pod_of(lab: &Path, peer: SocketAddrV4) -> Option<String> {
    let connections = fs::read_to_string("/proc/net/tcp").ok()?;
    let inode = inode_of(&connections, peer)?;
    let target = format!("socket:[{inode}]");
    let owner = all_processes().into_iter().find(|entry| holds(entry, &target))?;
    let mark = owner.environment_value(MARK)?;
    marked_pod(lab, &mark).map(str::to_owned)
}

/// `proc_pid_net(5)`: addresses are in the machine's byte order, ports are not.
fn inode_of(table: &str, local: SocketAddrV4) -> Option<&str> {
    let address = u32::from_ne_bytes(local.ip().octets());
    let wanted = format!("{address:08X}:{:04X}", local.port());
    let rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.get(1) == Some(&wanted.as_str()))
        .find_map(|row| row.get(9).copied())
        .filter(|inode| *inode != "0")
}

fn holds(entry: &Entry, socket: &str) -> bool {
    // Only the lab's children are looked into: it is few files.
    if !entry.environment_names(MARK) {
        return false;
    }
    let Ok(files) = fs::read_dir(format!("/proc/{}/fd", entry.pid)) else { return false };
    files.flatten().any(|file| fs::read_link(file.path()).is_ok_and(|to| to.as_os_str() == socket))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn a_connection_is_found_by_its_local_end() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
                     0: 0100007F:EE48 0101097F:1538 01 00000000:00000000 00:00000000 00000000   101        0 4711 1 0 20 4 30 10 -1\n";
        assert_eq!(inode_of(table, "127.0.0.1:61000".parse().unwrap()), Some("4711"));
        assert_eq!(inode_of(table, "127.0.0.1:61001".parse().unwrap()), None);
    }
}
