//! The application's HTTP side: its health, and an API that reads from the database.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio_postgres::{Config, Row};

use super::database::{Session, describe};

/// The reading session, opened when it is needed and given up when it fails.
struct Reader {
    config: Config,
    session: Mutex<Option<Session>>,
}

/// The routes.
pub(super) fn router(config: Config) -> Router {
    let reader = Arc::new(Reader { config, session: Mutex::default() });
    Router::new()
        .route("/health", get(health))
        .route("/api/projects", get(projects))
        .with_state(reader)
}

async fn health(State(reader): State<Arc<Reader>>) -> (StatusCode, Json<Value>) {
    match reader.query("SELECT 1").await {
        Ok(_) => (StatusCode::OK, Json(json!({ "status": "ok" }))),
        Err(why) => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "status": "unavailable", "error": why })),
        ),
    }
}

async fn projects(State(reader): State<Arc<Reader>>) -> (StatusCode, Json<Value>) {
    match reader.query(include_str!("../../../assets/lab/chronicle/app/projects.sql")).await {
        Ok(rows) => (StatusCode::OK, Json(rows.iter().map(project).collect())),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "error": why }))),
    }
}

fn project(row: &Row) -> Value {
    json!({ "id": row.get::<_, i32>(0), "name": row.get::<_, &str>(1), "sprints": row.get::<_, i64>(2) })
}

impl Reader {
    async fn query(&self, statement: &str) -> Result<Vec<Row>, String> {
        tokio::time::timeout(Duration::from_millis(1500), self.ask(statement))
            .await
            .unwrap_or_else(|_| Err("no answer in 1.5 s".into()))
    }

    async fn ask(&self, statement: &str) -> Result<Vec<Row>, String> {
        let mut slot = self.session.lock().await;
        // Taken out while it is used: a request that is cancelled or fails leaves no half-used session behind.
        let session = match slot.take().filter(|session| !session.client.is_closed()) {
            Some(session) => session,
            None => Session::open(&self.config).await?,
        };
        let rows = session.client.query(statement, &[]).await.map_err(|error| describe(&error))?;
        *slot = Some(session);
        Ok(rows)
    }
}
