//! Who connects: on the loopback network every connection comes from 127.0.0.1, but the process on its other end belongs to a pod.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use nix::unistd::{Pid, getpid};
use tokio::net::TcpStream;

use super::inode;
use crate::lab::cluster::kind::PODS;
use crate::lab::cluster::meta;
use crate::lab::cluster::node::container::{MARK, marked_pod};
use crate::lab::cluster::store::Store;
use crate::lab::process::{all_pids, process_entry};

/// Finds the pods of processes.
#[derive(Debug)]
pub(super) struct Clients {
    store: Store,
    /// The lab's folder: its own processes alone count.
    lab: PathBuf,
    known: Arc<Mutex<Known>>,
}

/// What is known of processes already: the pod of a client, or that a process is none. One that is gone is forgotten.
type Known = BTreeMap<i32, Option<String>>;

impl Clients {
    pub(super) fn new(store: Store, lab: PathBuf) -> Self {
        Self { store, lab, known: Arc::default() }
    }

    /// The address of the pod whose process holds the other end of a connection; `None` when it is no pod's, or not to be seen.
    pub(super) async fn address_of(&self, connection: &TcpStream) -> Option<SocketAddrV4> {
        let (Ok(SocketAddr::V4(peer)), Ok(SocketAddr::V4(own))) =
            (connection.peer_addr(), connection.local_addr())
        else {
            return None;
        };
        let (lab, known) = (self.lab.clone(), self.known.clone());
        // The process table is read file by file.
        let uid =
            tokio::task::spawn_blocking(move || pod_of(&lab, &known, peer, own)).await.ok()??;
        let (pods, _) = self.store.list(&PODS, None);
        let pod = pods.iter().find(|pod| meta::uid(pod) == uid)?;
        let address: Ipv4Addr = meta::text(pod, "/status/podIP").parse().ok()?;
        Some(SocketAddrV4::new(address, 0))
    }
}

fn pod_of(
    lab: &Path,
    known: &Mutex<Known>,
    peer: SocketAddrV4,
    own: SocketAddrV4,
) -> Option<String> {
    let inode = inode::of_connection(peer, own)?;
    let target = format!("socket:[{inode}]");
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    refresh(lab, &mut known);
    let clients = known.iter().filter_map(|(pid, pod)| Some((*pid, pod.as_ref()?)));
    let mut holders = clients.filter(|(pid, _)| holds(*pid, &target));
    holders.next().map(|(_, pod)| pod.clone())
}

/// Looks at the processes that were not there before.
fn refresh(lab: &Path, known: &mut Known) {
    let pids: BTreeSet<i32> = all_pids().map(Pid::as_raw).collect();
    known.retain(|pid, _| pids.contains(pid));
    for pid in pids {
        if known.contains_key(&pid) {
            continue;
        }
        let Some(entry) = process_entry(Pid::from_raw(pid)) else { continue };
        let pod = entry
            .environment_value(MARK)
            .and_then(|mark| marked_pod(lab, &mark).map(str::to_owned));
        // A child that was just forked is not yet what it will be.
        if pod.is_some() || entry.parent != getpid() {
            // A server has many sockets and connects to nobody.
            known.insert(pid, pod.filter(|_| !entry.runs("postgres")));
        }
    }
}

fn holds(pid: i32, socket: &str) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    files.flatten().any(|file| fs::read_link(file.path()).is_ok_and(|to| to.as_os_str() == socket))
}
