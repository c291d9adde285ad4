//! What is waited for before the console opens. The normal terminal says it, with its seconds, until it is there or somebody
//! ends it: before it is known who may drive there is nothing that a console could show or do.

use std::convert::Infallible;
use std::io::{self, IsTerminal as _};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::print;

const SECOND: Duration = Duration::from_secs(1);

/// What is waited for and since when, and whether somebody has ended that.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    what: watch::Sender<Option<(String, Instant)>>,
    ended: CancellationToken,
}

impl Waiting {
    /// It is this that is waited for now.
    pub(super) fn begin(&self, what: impl Into<String>) {
        self.what.send_replace(Some((what.into(), Instant::now())));
    }

    /// Waits for an answer. None when somebody ends that.
    pub(super) async fn unless_ended<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        self.ended.run_until_cancelled(answer).await
    }

    /// Waits until something is there, and says what for. A signal ends it, once what was taken is given back; a second one
    /// does not wait for that.
    pub(super) async fn until<T>(
        &self,
        signals: &mut UnboundedReceiver<i32>,
        there: impl Future<Output = T>,
    ) -> Result<T, i32> {
        let (mut there, mut telling) = (std::pin::pin!(there), std::pin::pin!(self.tell()));
        let mut ended_by = None;
        let got = loop {
            tokio::select! {
                biased;
                Some(signal) = signals.recv() => {
                    self.ended.cancel();
                    if ended_by.replace(signal).is_some() {
                        break Err(signal);
                    }
                }
                got = &mut there => break ended_by.map_or(Ok(got), Err),
                never = &mut telling => match never {},
            }
        };
        print::uncount();
        got
    }

    /// Says it every second, where a person reads it.
    async fn tell(&self) -> Infallible {
        if !io::stderr().is_terminal() {
            return std::future::pending().await;
        }
        let mut what = self.what.subscribe();
        loop {
            if let Some((what, since)) = &*what.borrow_and_update() {
                let seconds = since.elapsed().as_secs();
                print::count(format!("waiting {seconds} s for {what}, ctrl-c ends it"));
            }
            let _ = timeout(SECOND, what.changed()).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_signal_ends_it_once_what_was_taken_is_given_back_and_a_second_one_at_once() {
        let (waiting, (sender, mut signals)) = (Waiting::default(), mpsc::unbounded_channel());
        let there = waiting.until(&mut signals, async { 7 }).await;
        assert_eq!(there, Ok(7));
        let gives_back = async {
            assert_eq!(waiting.unless_ended(std::future::pending::<()>()).await, None);
            tokio::task::yield_now().await;
        };
        sender.send(15).unwrap();
        assert_eq!(waiting.until(&mut signals, gives_back).await, Err(15));
        sender.send(2).unwrap();
        sender.send(1).unwrap();
        let never = std::future::pending::<()>();
        assert_eq!(waiting.until(&mut signals, never).await, Err(1));
    }
}
