//! The request log: what was asked, by whom, and how it was answered.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;

/// One request. Bodies and tokens are never kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LoggedRequest {
    /// When the request came.
    pub at: Timestamp,
    pub method: String,
    /// Path and query.
    pub uri: String,
    /// Empty when nobody was recognised.
    pub user: String,
    /// The API's verb (`get`, `list`, `watch`, `create`, ...); empty for paths that are no resource.
    pub verb: String,
    /// The HTTP status; 0 when the client went before there was one.
    pub code: u16,
    /// Milliseconds until the answer began.
    pub took: u64,
    pub agent: String,
}

impl LoggedRequest {
    /// Whether the request could have changed something: any method but `GET`, reviews and dry runs excepted.
    #[must_use]
    pub fn is_write(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS")
            && !self.uri.contains("dryRun=All")
            && !self.uri.contains("/authorization.k8s.io/")
            && !self.uri.contains("/authentication.k8s.io/")
    }
}

/// All requests so far, in memory and in a file if there is one. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct RequestLog {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    entries: Vec<LoggedRequest>,
    file: Option<File>,
}

impl RequestLog {
    /// A log that is also appended to a file, one JSON object a line.
    pub(super) fn new(file: Option<&Path>) -> std::io::Result<Self> {
        let open = |path: &Path| File::options().create(true).append(true).open(path);
        let inner = Inner { entries: Vec::new(), file: file.map(open).transpose()? };
        Ok(Self { inner: Arc::new(Mutex::new(inner)) })
    }

    pub(super) fn record(&self, entry: LoggedRequest) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let line = serde_json::to_string(&entry).unwrap_or_default();
        if let Some(file) = &mut inner.file
            && let Err(error) = writeln!(file, "{line}")
        {
            tracing::warn!(%error, "cannot write the request log");
            inner.file = None;
        }
        inner.entries.push(entry);
    }

    /// Every request so far.
    #[must_use]
    pub fn entries(&self) -> Vec<LoggedRequest> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).entries.clone()
    }

    /// The requests that could have changed something.
    #[must_use]
    pub fn writes(&self) -> Vec<LoggedRequest> {
        self.entries().into_iter().filter(LoggedRequest::is_write).collect()
    }
}
