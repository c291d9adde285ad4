//! Sessions: who they are, what they may do, how their statements end, how their errors read.

use std::time::{Duration, Instant};

use pgcutover::model::Side;
use pgcutover::world::{Access, SessionKind, WorldError};

use crate::support::{Server, installations, uri, world};

const NOWHERE: &str = "host=127.0.0.1 port=1 user=nobody";

#[tokio::test]
async fn a_session_knows_whom_it_talks_to_and_shows_who_it_is() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    let world = world(&uri(&server), NOWHERE, Access::ReadWrite).await;
    let session = world.blue.session("fence", SessionKind::Operator).await.unwrap();
    let peer = session.peer();
    assert_eq!(
        (peer.side, peer.database.as_str(), peer.in_recovery),
        (Side::Blue, "postgres", false)
    );
    assert_eq!(peer.version_num / 10_000, pair.blue.version.major);
    let row = session
        .query_one("SELECT current_setting('application_name'), pg_backend_pid()", &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, String>(0), "pgcutover/run/fence");
    assert_eq!(row.get::<_, i32>(1), peer.backend_pid);
}

#[tokio::test]
async fn an_observer_cannot_write_and_an_operator_can_behind_a_fence() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    server.client().await.batch_execute("CREATE TABLE t (n int)").await.unwrap();
    let shut = "ALTER DATABASE postgres SET default_transaction_read_only = on";
    server.client().await.batch_execute(shut).await.unwrap();
    let world = world(&uri(&server), NOWHERE, Access::ReadWrite).await;
    let write = "INSERT INTO t VALUES (1)";
    let observer = world.blue.session("look", SessionKind::Observer).await.unwrap();
    assert_eq!(observer.execute(write, &[]).await.unwrap_err().sqlstate(), Some("25006"));
    let operator = world.blue.session("unfence", SessionKind::Operator).await.unwrap();
    assert_eq!(operator.execute(write, &[]).await.unwrap(), 1);
    operator
        .batch_execute("ALTER DATABASE postgres RESET default_transaction_read_only")
        .await
        .unwrap();
    let application = world.blue.session("canary", SessionKind::Application).await.unwrap();
    assert_eq!(application.execute(write, &[]).await.unwrap(), 1);
}

#[tokio::test]
async fn a_world_that_only_looks_gives_out_no_session_that_may_write() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    let world = world(&uri(&server), NOWHERE, Access::ReadOnly).await;
    for kind in [SessionKind::Operator, SessionKind::Application] {
        let refused = world.blue.session("x", kind).await.unwrap_err();
        assert!(matches!(refused, WorldError::ReadOnly { .. }), "{refused}");
    }
    let observer = world.blue.session("look", SessionKind::Observer).await.unwrap();
    let error = observer.execute("CREATE TABLE t (n int)", &[]).await.unwrap_err();
    assert_eq!(error.sqlstate(), Some("25006"));
}

#[tokio::test]
async fn a_dropped_statement_ends_on_the_server_and_leaves_the_next_one_alone() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    let world = world(&uri(&server), NOWHERE, Access::ReadWrite).await;
    let session = world.blue.session("slow", SessionKind::Operator).await.unwrap();
    let sleep = session.query("SELECT pg_sleep(60)", &[]);
    assert!(tokio::time::timeout(Duration::from_millis(300), sleep).await.is_err());
    let started = Instant::now();
    for n in 0..20_i32 {
        let row = session.query_one("SELECT $1::int4 FROM pg_sleep(0.01)", &[&n]).await.unwrap();
        assert_eq!(row.get::<_, i32>(0), n);
    }
    assert!(started.elapsed() < Duration::from_secs(10), "the statement was not cancelled");
}

#[tokio::test]
async fn an_error_says_which_side_where_and_what_to_do_and_never_the_password() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    let port = server.port;
    let cases = [
        (
            format!("host=127.0.0.1 port={port} user=app password=wr0ng dbname=postgres"),
            format!(
                "cannot connect to blue at 127.0.0.1:{port} as `app`, database `postgres`: \
                 password authentication failed for user \"app\" [28P01]"
            ),
        ),
        (
            format!("host=127.0.0.1 port={port} user=app dbname=postgres passfile=/nonexistent"),
            format!(
                "cannot connect to blue at 127.0.0.1:{port} as `app`, database `postgres`: \
                 the server asks for a password for user `app`, and there is none"
            ),
        ),
        (
            format!("{}x", uri(&server)),
            format!(
                "cannot connect to blue at 127.0.0.1:{port} as `app`, database `postgresx`: \
                 database \"postgresx\" does not exist [3D000]"
            ),
        ),
        (
            "host=127.0.0.1 port=1 user=app password=wr0ng".to_owned(),
            "cannot connect to blue at 127.0.0.1:1 as `app`, database `app`: connection refused"
                .to_owned(),
        ),
        (
            format!("host=127.0.0.1 port={port} user=app password=wr0ng sslmode=require"),
            format!(
                "cannot connect to blue at 127.0.0.1:{port} as `app`, database `app`: \
                 error performing TLS handshake: server does not support TLS"
            ),
        ),
        (
            "host=db.invalid user=app password=wr0ng".to_owned(),
            "cannot connect to blue at db.invalid:5432 as `app`, database `app`: \
             failed to lookup address information"
                .to_owned(),
        ),
    ];
    for (conninfo, expected) in cases {
        let world = world(&conninfo, NOWHERE, Access::ReadOnly).await;
        let error = world.blue.session("look", SessionKind::Observer).await.unwrap_err();
        assert!(error.to_string().starts_with(&expected), "\n  {error}\n  {expected}");
        let all = format!("{error} {error:?} {:?}", error.hint());
        assert!(!all.contains("wr0ng") && !all.contains(&server.password), "{all}");
    }
}

#[tokio::test]
async fn a_client_program_gets_what_it_needs_in_its_environment() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    let world = world(&uri(&server), NOWHERE, Access::ReadWrite).await;
    let program = world.blue.client_program("dump", SessionKind::Operator).await.unwrap();
    let output = std::process::Command::new(pair.blue.bindir.join("psql"))
        .args(["-XAtc", "SELECT current_setting('application_name')"])
        .env_clear()
        .envs(&program.env)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "pgcutover/run/dump\n", "{output:?}");
    assert!(!format!("{program:?}").contains(&server.password));
}

#[tokio::test]
async fn a_statement_that_the_server_ends_is_known_to_be_lost() {
    let Some(pair) = installations() else { return };
    let server = Server::start(&pair.blue);
    let world = world(&uri(&server), NOWHERE, Access::ReadWrite).await;
    let session = world.blue.session("victim", SessionKind::Operator).await.unwrap();
    let pid = session.peer().backend_pid;
    let end = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        server.client().await.execute("SELECT pg_terminate_backend($1)", &[&pid]).await.unwrap();
    };
    let (result, ()) = tokio::join!(session.query("SELECT pg_sleep(30)", &[]), end);
    let error = result.unwrap_err();
    assert!(error.is_transient(), "{error}");
}
