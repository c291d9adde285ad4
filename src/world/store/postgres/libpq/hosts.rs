//! Which hosts are tried, at which addresses and ports.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use super::layers::Layers;
use super::settings::{Host, HostAddress};

pub(super) fn hosts(layers: &Layers<'_>) -> Result<Vec<Host>, String> {
    let list = |name| {
        let text = layers.get(name).unwrap_or_default();
        if text.is_empty() {
            Vec::new()
        } else {
            text.split(',').map(|one| one.trim().to_owned()).collect::<Vec<_>>()
        }
    };
    let (names, addresses, ports) = (list("host"), list("hostaddr"), list("port"));
    let count = names.len().max(addresses.len()).max(1);
    if !names.is_empty() && !addresses.is_empty() && names.len() != addresses.len() {
        return Err(format!(
            "could not match {} host names to {} hostaddr values",
            names.len(),
            addresses.len()
        ));
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(format!("could not match {} port numbers to {count} hosts", ports.len()));
    }
    (0..count)
        .map(|at| {
            let port = ports.get(at).or_else(|| ports.first()).map_or("", String::as_str);
            host(
                names.get(at).map_or("", String::as_str),
                addresses.get(at).map_or("", String::as_str),
                port,
            )
        })
        .collect()
}

fn host(name: &str, address: &str, port: &str) -> Result<Host, String> {
    let port = match port {
        "" => 5432,
        text => text
            .parse()
            .ok()
            .filter(|port| *port > 0)
            .ok_or_else(|| format!("invalid port number `{text}`"))?,
    };
    let name = if name.is_empty() && address.is_empty() { default_host() } else { name.to_owned() };
    let address = match address {
        "" if name.starts_with('/') || name.starts_with('@') => {
            HostAddress::Socket(PathBuf::from(&name))
        }
        "" => {
            name.parse::<IpAddr>().map_or_else(|_| HostAddress::Name(name.clone()), HostAddress::Ip)
        }
        text => HostAddress::Ip(text.parse().map_err(|_| format!("invalid hostaddr `{text}`"))?),
    };
    let name = match &address {
        HostAddress::Ip(ip) if name.is_empty() => ip.to_string(),
        _ => name,
    };
    Ok(Host { address, port, name })
}

fn default_host() -> String {
    const FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];
    let listens = |folder: &&str| Path::new(folder).join(".s.PGSQL.5432").exists();
    FOLDERS.into_iter().find(listens).unwrap_or("localhost").to_owned()
}
