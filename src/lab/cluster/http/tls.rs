//! A certificate authority for one run, and the server's certificate by it.
//!
//! kubectl sends no token over a connection that is not encrypted, so even a cluster on loopback needs one.

use std::io::{Error, ErrorKind};
use std::net::Ipv4Addr;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    SanType,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::TlsAcceptor;

/// What the server proves itself with, and what clients check it by.
#[derive(Clone)]
pub(super) struct Identity {
    pub(super) acceptor: TlsAcceptor,
    /// The authority's certificate, in PEM.
    pub(super) authority: String,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

impl Identity {
    /// A new identity for one address.
    pub(super) fn new(address: Ipv4Addr) -> std::io::Result<Self> {
        let (authority, certificate, key) =
            sign(address).map_err(|why| Error::new(ErrorKind::InvalidData, why))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| {
                builder.with_no_client_auth().with_single_cert(vec![certificate], key.into())
            });
        let mut config = config.map_err(|why| Error::new(ErrorKind::InvalidData, why))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), authority })
    }
}

type Signed = (String, rustls::pki_types::CertificateDer<'static>, PrivatePkcs8KeyDer<'static>);

fn sign(address: Ipv4Addr) -> Result<Signed, rcgen::Error> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    authority.distinguished_name.push(DnType::CommonName, "pgcutover lab authority");
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let mut server = CertificateParams::new(vec!["localhost".to_owned()])?;
    server.distinguished_name.push(DnType::CommonName, "pgcutover lab");
    server.subject_alt_names.push(SanType::IpAddress(address.into()));
    let key = KeyPair::generate()?;
    let certificate = server.signed_by(&key, &authority)?;
    Ok((authority.pem(), certificate.der().clone(), PrivatePkcs8KeyDer::from(key.serialize_der())))
}
