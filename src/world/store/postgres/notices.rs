//! What a server says beside its answers: `NOTICE`, `WARNING` and their like.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::{AsyncMessage, Connection};

/// How many are kept; the oldest make room.
const KEPT: usize = 50;

/// The newest notices of a session. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Notices(Arc<Mutex<VecDeque<String>>>);

impl Notices {
    /// Takes them out, oldest first.
    pub(super) fn take(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }

    fn keep(&self, notice: String) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(notice);
    }

    /// Drives a connection to its end, and hears its notices.
    pub(super) async fn drive<S, T>(
        self,
        mut connection: Connection<S, T>,
    ) -> Result<(), tokio_postgres::Error>
    where
        S: AsyncRead + AsyncWrite + Unpin,
        T: AsyncRead + AsyncWrite + Unpin,
    {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notice(notice) = message? {
                let hint = notice.hint().map_or_else(String::new, |hint| format!(" ({hint})"));
                self.keep(format!("{}: {}{hint}", notice.severity(), notice.message()));
            }
        }
        Ok(())
    }
}
