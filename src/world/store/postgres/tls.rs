//! `sslmode` and `sslrootcert` as libpq means them, on rustls.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::libpq::{RootCert, SslMode, Tls};

/// What is verified of a server, and under which names it may show itself.
#[derive(Debug)]
struct Verifier {
    provider: Arc<CryptoProvider>,
    trust: Trust,
}

#[derive(Debug)]
enum Trust {
    /// Any certificate will do: the wire is encrypted, the server is not verified.
    Anyone,
    /// The certificate leads to a root, or is one of the trusted certificates itself.
    Signed {
        roots: RootCertStore,
        pinned: Vec<CertificateDer<'static>>,
        /// The names of which the certificate must carry one; none for `verify-ca`.
        names: Option<Vec<ServerName<'static>>>,
    },
}

/// A connector for a mode, and the names by which the server may be known: the first is asked for in the handshake.
pub(super) fn connector(tls: &Tls, names: &[String]) -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions: &[&rustls::SupportedProtocolVersion] =
        if tls.at_least_1_3 { &[&rustls::version::TLS13] } else { rustls::DEFAULT_VERSIONS };
    let verifier = Verifier { provider: Arc::clone(&provider), trust: trust(tls, names)? };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match &tls.client {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => builder
            .with_client_auth_cert(certificates(certificate)?, private_key(key)?)
            .map_err(|error| {
                format!("client certificate `{}` cannot be used: {error}", certificate.display())
            })?,
    };
    if tls.direct {
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(MakeRustlsConnect::new(config))
}

fn trust(tls: &Tls, names: &[String]) -> Result<Trust, String> {
    let Some(root) = &tls.root else { return Ok(Trust::Anyone) };
    // As in libpq: a root certificate that exists is used for `require` too, and then means `verify-ca`.
    if tls.mode < SslMode::Require {
        return Ok(Trust::Anyone);
    }
    let pinned = match root {
        RootCert::File(path) => certificates(path)?,
        RootCert::System => system_roots()?,
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(pinned.iter().cloned());
    let names = (tls.mode == SslMode::VerifyFull)
        .then(|| names.iter().filter_map(|name| ServerName::try_from(name.clone()).ok()).collect());
    Ok(Trust::Signed { roots, pinned, names })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let unreadable = |why: &dyn std::fmt::Display| {
        format!("certificate file `{}` cannot be read: {why}", path.display())
    };
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(|error| unreadable(&error))?
        .collect::<Result<_, _>>()
        .map_err(|error| unreadable(&error))?;
    if found.is_empty() { Err(unreadable(&"it holds no certificate")) } else { Ok(found) }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    PrivateKeyDer::from_pem_file(path)
        .map_err(|error| format!("private key file `{}` cannot be read: {error}", path.display()))
}

fn system_roots() -> Result<Vec<CertificateDer<'static>>, String> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        let why =
            found.errors.first().map_or_else(|| "none were found".to_owned(), ToString::to_string);
        return Err(format!("the system's root certificates cannot be used: {why}"));
    }
    Ok(found.certs)
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Trust::Signed { roots, pinned, names } = &self.trust else {
            return Ok(ServerCertVerified::assertion());
        };
        let certificate = ParsedCertificate::try_from(end_entity)?;
        // A self-signed certificate that is its own root is common with PostgreSQL, and webpki takes no such chain.
        if !pinned.iter().any(|trusted| trusted == end_entity) {
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(
                &certificate,
                roots,
                intermediates,
                now,
                algorithms,
            )?;
        }
        let Some(names) = names else { return Ok(ServerCertVerified::assertion()) };
        let mut result = Err(Error::General("the server has no name to verify".to_owned()));
        for name in names {
            result = verify_server_name(&certificate, name);
            if result.is_ok() {
                break;
            }
        }
        result.map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
