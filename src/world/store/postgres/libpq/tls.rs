//! How far the server must be trusted, and who says so: modes, roots, the client's own certificate.

use std::path::PathBuf;

use super::layers::Layers;
use super::settings::{RootCert, SslMode, Tls};

pub(super) fn tls(layers: &Layers<'_>) -> Result<Tls, String> {
    let environment = layers.environment;
    let root = match layers.get("sslrootcert").as_deref() {
        Some("system") => Some(RootCert::System),
        Some(path) => Some(RootCert::File(PathBuf::from(path))),
        None => environment.postgresql_file("root.crt").map(RootCert::File),
    };
    let mode = ssl_mode(layers, root.as_ref())?;
    let file = |keyword, name| {
        layers.get(keyword).map(PathBuf::from).or_else(|| environment.postgresql_file(name))
    };
    let client = file("sslcert", "postgresql.crt").zip(file("sslkey", "postgresql.key"));
    let direct = match layers.get("sslnegotiation").as_deref() {
        None | Some("postgres") => false,
        Some("direct") if mode >= SslMode::Require => true,
        Some("direct") => {
            return Err(format!(
                "weak sslmode `{}` may not be used with sslnegotiation=direct (use require)",
                mode.word()
            ));
        }
        Some(other) => return Err(format!("invalid sslnegotiation value: `{other}`")),
    };
    let at_least_1_3 = layers
        .get("ssl_min_protocol_version")
        .is_some_and(|version| version.eq_ignore_ascii_case("TLSv1.3"));
    Ok(Tls { mode, root, client, direct, at_least_1_3 })
}

fn ssl_mode(layers: &Layers<'_>, root: Option<&RootCert>) -> Result<SslMode, String> {
    let system = root == Some(&RootCert::System);
    let mode = match layers.get("sslmode") {
        Some(text) => {
            SslMode::parse(&text).ok_or_else(|| format!("invalid sslmode value: `{text}`"))?
        }
        None if layers.get("requiressl").is_some_and(|value| value.starts_with('1')) => {
            SslMode::Require
        }
        None if system => SslMode::VerifyFull,
        None => SslMode::Prefer,
    };
    if system && mode != SslMode::VerifyFull {
        return Err(format!(
            "weak sslmode `{}` may not be used with sslrootcert=system (use verify-full)",
            mode.word()
        ));
    }
    if mode >= SslMode::VerifyCa && root.is_none() {
        return Err(format!(
            "sslmode=`{}` needs a root certificate, and ~/.postgresql/root.crt does not exist: set sslrootcert to a file or to `system`",
            mode.word()
        ));
    }
    Ok(mode)
}
