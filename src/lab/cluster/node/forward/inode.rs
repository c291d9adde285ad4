//! The inode of a local connection's other end: asked of the kernel directly, or looked up in its table where that is not possible.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::SocketAddrV4;

/// The socket that is bound to `local` and connected to `remote`.
pub(super) fn of_connection(local: SocketAddrV4, remote: SocketAddrV4) -> Option<u32> {
    ask(local, remote)
        .or_else(|| in_table(&fs::read_to_string("/proc/net/tcp").ok()?, local))
        .filter(|inode| *inode != 0)
}

/// `sock_diag(7)`: one socket, by its exact addresses. It costs the same however many connections there are.
#[cfg(target_os = "linux")]
fn ask(local: SocketAddrV4, remote: SocketAddrV4) -> Option<u32> {
    use std::os::fd::{FromRawFd, OwnedFd};

    use nix::libc::{AF_NETLINK, NETLINK_SOCK_DIAG, SOCK_CLOEXEC, SOCK_DGRAM, socket};

    // SAFETY: socket(2) takes no pointer, and the descriptor that it returns belongs to nobody else.
    let socket = unsafe {
        let number = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
        (number >= 0).then(|| OwnedFd::from_raw_fd(number))?
    };
    let mut socket = File::from(socket);
    socket.write_all(&question(local, remote)).ok()?;
    let mut answer = [0; 512];
    let length = socket.read(&mut answer).ok()?;
    read_answer(&answer[..length])
}

#[cfg(not(target_os = "linux"))]
fn ask(_: SocketAddrV4, _: SocketAddrV4) -> Option<u32> {
    None
}

const SOCK_DIAG_BY_FAMILY: u16 = 20;
/// Lengths of `nlmsghdr`, of `inet_diag_req_v2` and of an `inet_diag_msg` up to its inode.
const HEADER: usize = 16;
const REQUEST: usize = 56;
const INODE: usize = HEADER + 4 + 48 + 16;

fn question(local: SocketAddrV4, remote: SocketAddrV4) -> Vec<u8> {
    const NLM_F_REQUEST: u16 = 1;
    let (family, protocol) = (2, 6);
    let length = u32::try_from(HEADER + REQUEST).unwrap_or_default();
    let mut bytes = Vec::with_capacity(HEADER + REQUEST);
    bytes.extend(length.to_ne_bytes());
    bytes.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    bytes.extend(NLM_F_REQUEST.to_ne_bytes());
    bytes.extend([0; 8]);
    bytes.extend([family, protocol, 0, 0]);
    // Any state.
    bytes.extend([0xff; 4]);
    bytes.extend(local.port().to_be_bytes());
    bytes.extend(remote.port().to_be_bytes());
    for address in [local.ip(), remote.ip()] {
        bytes.extend(address.octets());
        bytes.extend([0; 12]);
    }
    // Any interface; no cookie.
    bytes.extend([0; 4]);
    bytes.extend([0xff; 8]);
    bytes
}

/// `None` for an error message, whose type is another one.
fn read_answer(bytes: &[u8]) -> Option<u32> {
    let kind = u16::from_ne_bytes(bytes.get(4..6)?.try_into().ok()?);
    let inode = u32::from_ne_bytes(bytes.get(INODE..INODE + 4)?.try_into().ok()?);
    (kind == SOCK_DIAG_BY_FAMILY).then_some(inode)
}

/// `proc_pid_net(5)`: addresses are in the machine's byte order, ports are not.
fn in_table(table: &str, local: SocketAddrV4) -> Option<u32> {
    let address = u32::from_ne_bytes(local.ip().octets());
    // Searched as a text: the table is long where many connections were closed lately.
    let wanted = format!(": {address:08X}:{:04X} ", local.port());
    table[table.find(&wanted)?..].split_whitespace().nth(9)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::net::{SocketAddr, TcpListener, TcpStream};
    use std::os::fd::AsRawFd;

    use super::*;

    fn v4(address: SocketAddr) -> SocketAddrV4 {
        let SocketAddr::V4(address) = address else { panic!("{address}") };
        address
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn both_ways_find_the_socket_of_a_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let link = fs::read_link(format!("/proc/self/fd/{}", client.as_raw_fd())).unwrap();
        let (local, remote) = (v4(client.local_addr().unwrap()), v4(client.peer_addr().unwrap()));
        let named = |inode: u32| link.as_os_str() == format!("socket:[{inode}]").as_str();
        assert!(named(in_table(&fs::read_to_string("/proc/net/tcp").unwrap(), local).unwrap()));
        assert!(named(of_connection(local, remote).unwrap()));
        if ask(local, remote).is_none() {
            println!("SKIP: this kernel does not answer sock_diag");
        }
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn a_connection_is_found_in_the_table_by_its_local_end() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
                     0: 0100007F:EE48 0101097F:1538 01 00000000:00000000 00:00000000 00000000   101        0 4711 1 0 20 4 30 10 -1\n";
        assert_eq!(in_table(table, "127.0.0.1:61000".parse().unwrap()), Some(4711));
        assert_eq!(in_table(table, "127.0.0.1:61001".parse().unwrap()), None);
    }
}
