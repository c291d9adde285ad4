//! The addresses of a lab: a part of 127.0.0.0/8 that is its own, so that labs run side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Mutex, PoisonError};

use super::error::NodeError;

/// Held open by the lab as long as it lives: who can bind it has the block.
const LOCK_PORT: u16 = 7410;
/// Addresses in a block.
const SIZE: u32 = 4096;
/// Where the pods' addresses begin in a block, and where those of the Services do.
const PODS: u32 = 256;
const SERVICES: u32 = 15 * 256;
const TRIES: u32 = 50;

/// A /20 of the loopback network: the node's address, the pods', the Services'.
#[derive(Debug)]
pub(crate) struct Block {
    base: u32,
    _lock: TcpListener,
}

impl Block {
    /// Draws blocks until one is free.
    ///
    /// # Errors
    /// When none can be bound, such as where only 127.0.0.1 is configured.
    pub(crate) fn claim() -> Result<Self, NodeError> {
        let mut last = None;
        for _ in 0..TRIES {
            let base = draw()?;
            match TcpListener::bind((Ipv4Addr::from(base + 1), LOCK_PORT)) {
                Ok(lock) => return Ok(Self { base, _lock: lock }),
                Err(error) => last = Some((Ipv4Addr::from(base + 1), error)),
            }
        }
        let (address, source) = last.ok_or(NodeError::NoRandomness)?;
        Err(NodeError::NoAddresses { address, source })
    }

    /// The node's own address.
    pub(crate) fn node(&self) -> Ipv4Addr {
        Ipv4Addr::from(self.base + 1)
    }

    /// The first of the 256 addresses from which Services draw theirs.
    pub(crate) fn services(&self) -> Ipv4Addr {
        Ipv4Addr::from(self.base + SERVICES)
    }
}

/// 127.x.y.0 with x from 64 to 250: the low parts hold what distributions put there, such as 127.0.1.1 and 127.0.0.53.
fn draw() -> Result<u32, NodeError> {
    let mut bytes = [0; 2];
    getrandom::fill(&mut bytes).map_err(|_| NodeError::NoRandomness)?;
    let second = 64 + u32::from(bytes[0]) % 187;
    let third = u32::from(bytes[1] & 0xf0);
    Ok(127 << 24 | second << 16 | third << 8)
}

/// Gives pods their addresses.
#[derive(Debug)]
pub(crate) struct PodAddresses {
    first: u32,
    given: Mutex<Given>,
}

#[derive(Debug, Default)]
struct Given {
    next: u32,
    used: BTreeSet<u32>,
    /// Pods with a name that lasts keep their address: it stands in for their name in DNS.
    reserved: BTreeMap<(String, String), u32>,
}

impl PodAddresses {
    pub(crate) fn new(block: &Block) -> Self {
        Self { first: block.base + PODS, given: Mutex::default() }
    }

    /// An address of its own for a pod, or `None` when all are taken. They are given out in turn, so that one comes back late.
    pub(super) fn give(&self) -> Option<Ipv4Addr> {
        self.given
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .draw()
            .map(|nth| Ipv4Addr::from(self.first + nth))
    }

    /// The address that the pod of this name has whenever it runs.
    pub(super) fn reserve(&self, ns: &str, name: &str) -> Option<Ipv4Addr> {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (ns.to_owned(), name.to_owned());
        if let Some(nth) = given.reserved.get(&key) {
            return Some(Ipv4Addr::from(self.first + nth));
        }
        let nth = given.draw()?;
        given.reserved.insert(key, nth);
        Some(Ipv4Addr::from(self.first + nth))
    }

    /// Takes an address back, unless it is reserved.
    pub(super) fn take_back(&self, address: Ipv4Addr) {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let nth = u32::from(address).wrapping_sub(self.first);
        if !given.reserved.values().any(|reserved| *reserved == nth) {
            given.used.remove(&nth);
        }
    }
}

impl Given {
    fn draw(&mut self) -> Option<u32> {
        let room = SERVICES - PODS;
        // The first and the last of 256 look like a network's and a broadcast's address.
        let usable = |nth: &u32| !matches!(nth % 256, 0 | 255) && !self.used.contains(nth);
        let nth = (0..room).map(|step| (self.next + step) % room).find(usable)?;
        self.next = nth + 1;
        self.used.insert(nth);
        Some(nth)
    }
}

const _: () = assert!(SERVICES + 256 == SIZE, "the Services' addresses are the last of the block");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labs_side_by_side_have_blocks_of_their_own() {
        let blocks: Vec<Block> = (0..5).map(|_| Block::claim().unwrap()).collect();
        let bases: BTreeSet<u32> = blocks.iter().map(|block| block.base).collect();
        assert_eq!(bases.len(), 5);
        assert!(TcpListener::bind((blocks[0].node(), LOCK_PORT)).is_err());
    }

    #[test]
    fn an_address_comes_back_late_and_a_reserved_one_never() {
        let addresses = PodAddresses::new(&Block::claim().unwrap());
        let one = addresses.give().unwrap();
        let kept = addresses.reserve("ns", "db-0").unwrap();
        addresses.take_back(one);
        addresses.take_back(kept);
        assert_eq!(addresses.reserve("ns", "db-0"), Some(kept));
        let next = addresses.give().unwrap();
        assert!(next != one && next != kept);
    }
}
