//! Ending a statement on the server, over a stream of its own.

/// Cancels whatever its session runs at the moment. It holds no password.
#[derive(Debug, Clone)]
pub struct Canceller {}

impl Canceller {
    /// Asks the server to end the running statement, which then fails with `57014`. Returns when the server has been told,
    /// or cannot be.
    pub async fn cancel(&self) {
        todo!("lands within the hour")
    }
}
