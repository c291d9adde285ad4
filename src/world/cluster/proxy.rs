//! The proxy on the way to the API server, as kubectl finds it.
//!
//! kube holds `NO_PROXY` against the proxy's own address, so this is decided here: `proxy-url` of the kubeconfig first, then
//! `HTTPS_PROXY`, unless `NO_PROXY` names the API server or it is on this machine
//! (<https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config>).

use std::net::IpAddr;

use http::Uri;

/// What the environment says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ProxyVariables {
    pub(super) https: Option<String>,
    pub(super) http: Option<String>,
    pub(super) exempt: Option<String>,
}

impl ProxyVariables {
    pub(super) fn of_process() -> Self {
        let read = |upper: &str| {
            let lower = upper.to_lowercase();
            [upper, &lower]
                .iter()
                .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        };
        Self { https: read("HTTPS_PROXY"), http: read("HTTP_PROXY"), exempt: read("NO_PROXY") }
    }
}

/// The proxy for a server, where there is one. A value that is no address is told by its text.
pub(super) fn proxy_for(
    server: &Uri,
    configured: Option<&str>,
    variables: &ProxyVariables,
) -> Result<Option<Uri>, String> {
    let parse = |text: &str| {
        let text = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        text.parse::<Uri>()
            .map(Some)
            .map_err(|error| format!("the proxy's address cannot be read: {error}"))
    };
    if let Some(configured) = configured.filter(|text| !text.is_empty()) {
        return parse(configured);
    }
    let variable =
        if server.scheme_str() == Some("http") { &variables.http } else { &variables.https };
    match variable {
        Some(proxy) if !is_exempt(server, variables.exempt.as_deref().unwrap_or_default()) => {
            parse(proxy)
        }
        _ => Ok(None),
    }
}

fn is_exempt(server: &Uri, list: &str) -> bool {
    let host = server.host().unwrap_or_default().trim_matches(['[', ']']).to_lowercase();
    let ip: Option<IpAddr> = host.parse().ok();
    if host == "localhost" || ip.is_some_and(|ip| ip.is_loopback()) {
        return true;
    }
    let port = server.port_u16().unwrap_or(443);
    list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        let entry = entry.to_lowercase();
        let (name, wanted) = match entry.rsplit_once(':') {
            Some((name, digits)) if !name.contains(':') => (name, digits.parse::<u16>().ok()),
            _ => (entry.as_str(), None),
        };
        wanted.is_none_or(|wanted| wanted == port) && (name == "*" || matches(name, &host, ip))
    })
}

fn matches(entry: &str, host: &str, ip: Option<IpAddr>) -> bool {
    if let Some((network, bits)) = entry.split_once('/') {
        let parsed = (network.parse().ok(), bits.parse().ok(), ip);
        return matches!(parsed, (Some(network), Some(bits), Some(ip)) if contains(network, bits, ip));
    }
    if let Ok(entry) = entry.parse::<IpAddr>() {
        return ip == Some(entry);
    }
    let name = entry.trim_start_matches("*.");
    match name.strip_prefix('.') {
        Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
        None => host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.')),
    }
}

fn contains(network: IpAddr, bits: u32, ip: IpAddr) -> bool {
    let (network, ip, width) = match (network, ip) {
        (IpAddr::V4(network), IpAddr::V4(ip)) => {
            (u128::from(network.to_bits()), u128::from(ip.to_bits()), 32)
        }
        (IpAddr::V6(network), IpAddr::V6(ip)) => (network.to_bits(), ip.to_bits(), 128),
        _ => return false,
    };
    let Some(free) = u32::checked_sub(width, bits) else { return false };
    network.checked_shr(free).unwrap_or(0) == ip.checked_shr(free).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(server: &str, configured: Option<&str>, exempt: &str) -> Option<String> {
        let variables = ProxyVariables {
            https: Some("http://proxy.corp:3128".into()),
            http: None,
            exempt: Some(exempt.into()),
        };
        proxy_for(&server.parse().unwrap(), configured, &variables)
            .unwrap()
            .map(|uri| uri.to_string())
    }

    #[test]
    fn the_kubeconfig_goes_before_the_environment_and_that_yields_to_its_exemptions() {
        let proxy = Some("http://proxy.corp:3128/".to_owned());
        assert_eq!(through("https://api.example:6443", None, ""), proxy);
        assert_eq!(
            through("https://api.example:6443", Some("socks5://127.0.0.1:1080"), "*").as_deref(),
            Some("socks5://127.0.0.1:1080/")
        );
        for exempt in
            ["*", "api.example", "example", ".example", "x, api.example:6443", "*.example"]
        {
            assert_eq!(through("https://api.example:6443", None, exempt), None, "{exempt}");
        }
        for other in ["pi.example", "api.example:443", ".api.example", "proxy.corp"] {
            assert_eq!(through("https://api.example:6443", None, other), proxy, "{other}");
        }
    }

    #[test]
    fn addresses_are_exempt_by_network_and_this_machine_always() {
        assert_eq!(through("https://10.96.0.1", None, "10.0.0.0/8"), None);
        assert!(through("https://11.96.0.1", None, "10.0.0.0/8").is_some());
        assert_eq!(through("https://[fd00::1]:6443", None, "fd00::/8"), None);
        assert!(through("https://10.96.0.1", None, "10.0.0.0/40").is_some());
        for here in [
            "https://127.0.0.1:6443",
            "https://localhost:6443",
            "https://[::1]:6443",
            "https://127.9.0.1",
        ] {
            assert_eq!(through(here, None, ""), None, "{here}");
        }
    }

    #[test]
    fn a_server_without_tls_goes_by_its_own_variable() {
        assert_eq!(through("http://api.example", None, ""), None);
    }
}
