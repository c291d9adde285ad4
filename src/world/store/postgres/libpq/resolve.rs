//! From strings, files and variables to settings.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use crate::model::Side;

use super::environment::Environment;
use super::hosts::hosts;
use super::keywords::{KEYWORDS, Support};
use super::layers::Layers;
use super::passfile::{self, Found};
use super::settings::{
    ChannelBinding, Credentials, Host, HostAddress, Secret, Settings, TargetAttrs,
};
use super::tls::tls;
use super::{keyvalue, service, uri};

/// How long a connection may take when nobody says.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// libpq waits for ever when it is told 0; a console must not.
const LONGEST_CONNECT_TIMEOUT: Duration = Duration::from_secs(60);

/// Settings from a connection string or URI, with service file and environment behind it.
pub(in super::super) fn for_uri(
    text: &str,
    side: Side,
    environment: &Environment,
) -> Result<Settings, String> {
    let mut said = if uri::is_uri(text) { uri::parse(text)? } else { keyvalue::parse(text)? };
    let service =
        said.get("service").cloned().or_else(|| environment.get("PGSERVICE").map(str::to_owned));
    if let Some(name) = service {
        let file = said
            .get("servicefile")
            .cloned()
            .or_else(|| environment.get("PGSERVICEFILE").map(str::to_owned));
        for (key, value) in service::load(&name, file.as_deref(), environment)? {
            said.entry(key).or_insert(value);
        }
    }
    let layers = Layers { said, environment, side };
    refuse(&layers)?;
    let user = user(&layers)?;
    let hosts = hosts(&layers)?;
    let database = layers.get("dbname").unwrap_or_else(|| user.clone());
    let credentials = credentials(&layers, user, &hosts, &database);
    rest(&layers, hosts, database, credentials)
}

/// Settings for a pod that labels pick. Host, port and database are the profile's, so of the environment only what says
/// who logs in and how far the server must be trusted counts; `secret` goes before all of it.
pub(in super::super) fn for_pod(
    database: &str,
    name: &str,
    port: u16,
    secret: Option<(String, Secret)>,
    side: Side,
    environment: &Environment,
) -> Result<Settings, String> {
    let layers = Layers { said: BTreeMap::new(), environment, side };
    refuse(&layers)?;
    let address = HostAddress::Name(name.to_owned());
    let host = Host { address, port, name: name.to_owned() };
    let credentials = match secret {
        Some((user, password)) => Credentials { user, password: Some(password), note: None },
        None => credentials(&layers, user(&layers)?, std::slice::from_ref(&host), database),
    };
    let mut settings = rest(&layers, Vec::new(), database.to_owned(), credentials)?;
    settings.options = None;
    settings.target = TargetAttrs::Any;
    Ok(settings)
}

fn refuse(layers: &Layers<'_>) -> Result<(), String> {
    let refused = KEYWORDS.iter().filter(|keyword| keyword.support == Support::Refused);
    for keyword in refused {
        if let Some(variable) = keyword.variable
            && layers.environment.get(variable).is_some()
        {
            return Err(format!("`{variable}` is set, and this program does not support it"));
        }
    }
    match layers.get("gssencmode").as_deref() {
        Some("require") => Err("`gssencmode=require` is not supported by this program".to_owned()),
        _ => Ok(()),
    }
}

fn user(layers: &Layers<'_>) -> Result<String, String> {
    layers
        .get("user")
        .or_else(|| layers.environment.user.clone())
        .ok_or_else(|| "no user is named, and the operating system does not know one".to_owned())
}

fn credentials(layers: &Layers<'_>, user: String, hosts: &[Host], database: &str) -> Credentials {
    if let Some(password) = layers.get("password") {
        return Credentials { user, password: Some(Secret::new(password)), note: None };
    }
    let path = layers
        .get("passfile")
        .map(PathBuf::from)
        .or_else(|| layers.environment.home.as_ref().map(|home| home.join(".pgpass")));
    let mut note = None;
    if let Some(path) = path {
        for host in hosts {
            let name = if matches!(host.address, HostAddress::Socket(_)) {
                "localhost"
            } else {
                &host.name
            };
            match passfile::find(&path, name, host.port, database, &user) {
                Found::Password(password) => {
                    return Credentials { user, password: Some(password), note: None };
                }
                Found::Nothing(why) => note = note.or(why),
            }
        }
    }
    Credentials { user, password: None, note }
}

fn rest(
    layers: &Layers<'_>,
    hosts: Vec<Host>,
    database: String,
    credentials: Credentials,
) -> Result<Settings, String> {
    let channel_binding = match layers.get("channel_binding").as_deref() {
        None | Some("prefer") => ChannelBinding::Prefer,
        Some("disable") => ChannelBinding::Disable,
        Some("require") => ChannelBinding::Require,
        Some(other) => return Err(format!("invalid channel_binding value: `{other}`")),
    };
    let target = match layers.get("target_session_attrs").as_deref() {
        None | Some("any") => TargetAttrs::Any,
        Some("read-write") => TargetAttrs::ReadWrite,
        Some("read-only") => TargetAttrs::ReadOnly,
        Some("primary") => TargetAttrs::Primary,
        Some("standby") => TargetAttrs::Standby,
        Some(other) => return Err(format!("invalid target_session_attrs value: `{other}`")),
    };
    let (tls, options) = (tls(layers)?, layers.get("options"));
    let connect_timeout = connect_timeout(layers)?;
    Ok(Settings {
        hosts,
        database,
        credentials,
        tls,
        channel_binding,
        target,
        options,
        connect_timeout,
    })
}

fn connect_timeout(layers: &Layers<'_>) -> Result<Duration, String> {
    match layers.get("connect_timeout") {
        None => Ok(CONNECT_TIMEOUT),
        Some(text) => match text.trim().parse::<i64>() {
            Ok(seconds) if seconds <= 0 => Ok(LONGEST_CONNECT_TIMEOUT),
            // libpq rounds 1 up to 2.
            Ok(seconds) => {
                Ok(Duration::from_secs(seconds.unsigned_abs().max(2)).min(LONGEST_CONNECT_TIMEOUT))
            }
            Err(_) => Err(format!("invalid integer value `{text}` for connect_timeout")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::SslMode;
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        Environment {
            variables: pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            home: None,
            user: Some("me".to_owned()),
        }
    }

    fn uri(text: &str, pairs: &[(&str, &str)]) -> Result<Settings, String> {
        for_uri(text, Side::Blue, &environment(pairs))
    }

    #[test]
    fn the_string_goes_before_the_service_and_that_before_the_environment() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "[s]\nhost=from-service\nport=6000\nuser=sam\n").unwrap();
        let path = file.path().to_str().unwrap();
        let pairs = [
            ("PGSERVICE", "s"),
            ("PGSERVICEFILE", path),
            ("PGHOST", "from-env"),
            ("PGDATABASE", "shop"),
        ];
        let settings = uri("host=from-string", &pairs).unwrap();
        assert_eq!(settings.hosts[0].name, "from-string");
        assert_eq!(settings.hosts[0].port, 6000);
        assert_eq!(
            (settings.credentials.user.as_str(), settings.database.as_str()),
            ("sam", "shop")
        );
    }

    #[test]
    fn defaults_are_libpqs() {
        let settings = uri("host=h", &[]).unwrap();
        assert_eq!((settings.database.as_str(), settings.hosts[0].port), ("me", 5432));
        assert_eq!(settings.tls.mode, SslMode::Prefer);
        assert_eq!(settings.connect_timeout, Duration::from_secs(10));
        assert_eq!(
            uri("host=h connect_timeout=1", &[]).unwrap().connect_timeout,
            Duration::from_secs(2)
        );
    }

    #[test]
    fn several_hosts_have_their_ports_addresses_and_names() {
        let settings = uri("host=a,b,/run/pg hostaddr=,,", &[]).unwrap();
        assert_eq!(settings.hosts.len(), 3);
        assert_eq!(settings.hosts[2].address, HostAddress::Socket("/run/pg".into()));
        let settings = uri("host=db.example hostaddr=127.0.0.1 port=1", &[]).unwrap();
        assert_eq!(settings.hosts[0].address, HostAddress::Ip("127.0.0.1".parse().unwrap()));
        assert_eq!(settings.hosts[0].name, "db.example");
        assert_eq!(
            uri("host=a,b port=1,2,3", &[]).unwrap_err(),
            "could not match 3 port numbers to 2 hosts"
        );
        assert_eq!(uri("host=a port=70000", &[]).unwrap_err(), "invalid port number `70000`");
    }

    #[test]
    fn a_sides_own_variable_goes_before_the_common_one() {
        let pairs = [("PGPASSWORD", "common"), ("PGCUTOVER_BLUE_PASSWORD", "own")];
        let password =
            |text| uri(text, &pairs).unwrap().credentials.password.unwrap().expose().to_owned();
        assert_eq!(password("host=h"), "own");
        assert_eq!(password("host=h password=said"), "said");
    }

    #[test]
    fn weak_modes_and_missing_roots_are_refused_as_libpq_refuses_them() {
        assert!(
            uri("host=h sslmode=verify-full", &[])
                .unwrap_err()
                .contains("set sslrootcert to a file or to `system`")
        );
        assert!(
            uri("host=h sslmode=require sslrootcert=system", &[])
                .unwrap_err()
                .contains("weak sslmode `require`")
        );
        assert_eq!(uri("host=h sslrootcert=system", &[]).unwrap().tls.mode, SslMode::VerifyFull);
        assert!(
            uri("host=h sslmode=full", &[]).unwrap_err().contains("invalid sslmode value: `full`")
        );
        assert!(
            uri("host=h sslnegotiation=direct", &[]).unwrap_err().contains("weak sslmode `prefer`")
        );
        assert!(uri("host=h", &[("PGSSLCRL", "/x")]).unwrap_err().contains("`PGSSLCRL` is set"));
    }

    #[test]
    fn a_pods_host_database_and_options_are_not_taken_from_the_environment() {
        let pairs = [
            ("PGHOST", "x"),
            ("PGDATABASE", "y"),
            ("PGOPTIONS", "-c a=b"),
            ("PGUSER", "u"),
            ("PGSSLMODE", "require"),
        ];
        let settings = for_pod("shop", "db", 5432, None, Side::Blue, &environment(&pairs)).unwrap();
        assert_eq!((settings.database.as_str(), settings.options), ("shop", None));
        assert_eq!(
            (settings.credentials.user.as_str(), settings.tls.mode),
            ("u", SslMode::Require)
        );
        let secret = Some(("app".to_owned(), Secret::new("pw")));
        let settings =
            for_pod("shop", "db", 5432, secret, Side::Blue, &environment(&pairs)).unwrap();
        assert_eq!(settings.credentials.user, "app");
    }

    #[test]
    fn nothing_prints_a_password() {
        let settings = uri("postgresql://u:hunter2@h", &[]).unwrap();
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
