//! `sslmode` in all its strengths, against a server with a certificate.

use std::path::Path;
use std::process::Command;

use pgcutover::world::{Access, SessionKind, WorldError};

use crate::support::{Server, installations, skip, world};

/// A root, and a certificate that it signed for `db.example`.
struct Certificates {
    folder: tempfile::TempDir,
}

impl Certificates {
    fn make() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let run = |args: &[&str]| {
            let made = Command::new("openssl").args(args).current_dir(folder.path()).output();
            made.is_ok_and(|output| output.status.success())
        };
        let key = ["-newkey", "rsa:2048", "-nodes", "-days", "2"];
        let root =
            ["req", "-x509", "-keyout", "root.key", "-out", "root.crt", "-subj", "/CN=test root"];
        let request =
            ["req", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=db.example"];
        std::fs::write(folder.path().join("names"), "subjectAltName=DNS:db.example").unwrap();
        let made = run(&[&root[..], &key[..]].concat())
            && run(&[&request[..], &key[..3]].concat())
            && run(&[
                "x509",
                "-req",
                "-in",
                "server.csr",
                "-CA",
                "root.crt",
                "-CAkey",
                "root.key",
                "-CAcreateserial",
                "-days",
                "2",
                "-extfile",
                "names",
                "-out",
                "server.crt",
            ]);
        if !made {
            skip("openssl is not installed");
            return None;
        }
        Some(Self { folder })
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Copies certificate and key to where the server's user can read them.
    fn install(&self, server: &Path) {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let owner = std::fs::metadata(server).unwrap();
        for name in ["server.crt", "server.key"] {
            let to = server.join(name);
            std::fs::copy(self.path(name), &to).unwrap();
            std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o600)).unwrap();
            std::os::unix::fs::chown(&to, Some(owner.uid()), Some(owner.gid())).unwrap();
        }
    }
}

async fn tls_server() -> Option<(Server, Certificates)> {
    let (pair, certificates) = (installations()?, Certificates::make()?);
    let server = Server::start(&pair.blue);
    certificates.install(server.folder());
    let client = server.client().await;
    for name in ["cert", "key"] {
        let file =
            server.folder().join(format!("server.{}", if name == "cert" { "crt" } else { "key" }));
        client
            .batch_execute(&format!("ALTER SYSTEM SET ssl_{name}_file = '{}'", file.display()))
            .await
            .unwrap();
    }
    client.batch_execute("ALTER SYSTEM SET ssl = on").await.unwrap();
    client.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    Some((server, certificates))
}

async fn attempt(server: &Server, rest: &str) -> Result<Option<String>, WorldError> {
    let Server { user, password, port, .. } = server;
    let conninfo = format!(
        "hostaddr=127.0.0.1 port={port} user={user} password={password} dbname=postgres {rest}"
    );
    let world = world(&conninfo, "host=x", Access::ReadOnly).await;
    world
        .blue
        .session("look", SessionKind::Observer)
        .await
        .map(|session| session.peer().tls.clone())
}

#[tokio::test]
async fn each_mode_trusts_whom_it_should() {
    let Some((server, certificates)) = tls_server().await else { return };
    let root = certificates.path("root.crt");
    assert_eq!(attempt(&server, "host=db.example sslmode=disable").await.unwrap(), None);
    assert_eq!(attempt(&server, "host=db.example sslmode=allow").await.unwrap(), None);
    for mode in ["prefer", "require"] {
        let cipher =
            attempt(&server, &format!("host=other.example sslmode={mode}")).await.unwrap().unwrap();
        assert!(cipher.starts_with("TLSv1.3 "), "{cipher}");
    }
    let full = format!("host=db.example sslmode=verify-full sslrootcert={root}");
    assert!(attempt(&server, &full).await.unwrap().unwrap().ends_with("name verified"));
    let ca = format!("host=other.example sslmode=verify-ca sslrootcert={root}");
    assert!(attempt(&server, &ca).await.unwrap().unwrap().ends_with("certificate verified"));
    let pinned = format!(
        "host=db.example sslmode=verify-full sslrootcert={}",
        certificates.path("server.crt")
    );
    attempt(&server, &pinned).await.unwrap();
}

#[tokio::test]
async fn another_name_or_another_root_is_refused_and_told() {
    let Some((server, certificates)) = tls_server().await else { return };
    let Some(strangers) = Certificates::make() else { return };
    let wrong_name = format!(
        "host=other.example sslmode=verify-full sslrootcert={}",
        certificates.path("root.crt")
    );
    let error = attempt(&server, &wrong_name).await.unwrap_err();
    assert!(error.to_string().contains("certificate not valid for name"), "{error}");
    assert!(error.hint().unwrap().contains("must carry one of other.example"), "{error:?}");
    for mode in ["require", "verify-ca", "verify-full"] {
        let root = strangers.path("root.crt");
        let error = attempt(&server, &format!("host=db.example sslmode={mode} sslrootcert={root}"))
            .await
            .unwrap_err();
        assert!(error.to_string().contains("invalid peer certificate"), "{mode}: {error}");
        assert!(error.hint().unwrap().contains("sslrootcert must hold"), "{error:?}");
    }
    let missing =
        attempt(&server, "host=db.example sslmode=verify-full sslrootcert=/nonexistent.crt").await;
    assert!(
        missing
            .unwrap_err()
            .to_string()
            .contains("certificate file `/nonexistent.crt` cannot be read")
    );
}
