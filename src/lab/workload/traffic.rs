//! The users: they call the service's API at a steady rate, through its Service, and remember what they felt.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What the users felt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Felt {
    /// How many requests were sent.
    pub requests: u64,
    /// How many were not answered with 200.
    pub failed: u64,
    /// The sum of all outages, in seconds: each from its first failed request to the next answer.
    pub outage_seconds: f64,
    /// The longest outage, in seconds.
    pub longest_outage_seconds: f64,
}

/// The users' calls, until they are stopped.
#[derive(Debug)]
pub struct Traffic {
    seen: Arc<Mutex<Seen>>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

#[derive(Debug, Default)]
struct Seen {
    felt: Felt,
    down_since: Option<Instant>,
}

const PERIOD: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(2);

impl Traffic {
    /// Starts calling `http://address/path`, twenty times a second, each call on a connection of its own.
    #[must_use]
    pub fn start(address: String, path: String) -> Self {
        let traffic = Self {
            seen: Arc::default(),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        let (seen, stop, tasks) =
            (Arc::clone(&traffic.seen), traffic.stop.clone(), traffic.tasks.clone());
        traffic.tasks.spawn(async move {
            let mut ticks = tokio::time::interval(PERIOD);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while stop.run_until_cancelled(ticks.tick()).await.is_some() {
                let (seen, address, path) = (Arc::clone(&seen), address.clone(), path.clone());
                tasks.spawn(async move {
                    let sent = Instant::now();
                    let answered = tokio::time::timeout(PATIENCE, get(&address, &path)).await;
                    lock(&seen).record(sent, Instant::now(), matches!(answered, Ok(Ok(200))));
                });
            }
        });
        traffic.tasks.close();
        traffic
    }

    /// What was felt until now.
    #[must_use]
    pub fn felt(&self) -> Felt {
        lock(&self.seen).until(Instant::now())
    }

    /// Ends the calls, and says what was felt.
    pub async fn stop(&self) -> Felt {
        self.stop.cancel();
        self.tasks.wait().await;
        self.felt()
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn lock(seen: &Mutex<Seen>) -> std::sync::MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Seen {
    fn record(&mut self, sent: Instant, now: Instant, answered: bool) {
        self.felt.requests += 1;
        if !answered {
            self.felt.failed += 1;
            self.down_since.get_or_insert(sent);
        } else if self.down_since.is_some_and(|since| since <= sent) {
            self.felt = self.until(now);
            self.down_since = None;
        }
    }

    /// What was felt, with an outage that has not ended counted until now.
    fn until(&self, now: Instant) -> Felt {
        let open = self.down_since.map_or(0.0, |since| now.duration_since(since).as_secs_f64());
        Felt {
            outage_seconds: self.felt.outage_seconds + open,
            longest_outage_seconds: self.felt.longest_outage_seconds.max(open),
            ..self.felt
        }
    }
}

/// One request and its status. HTTP/1.0, so that the connection is the request's own, as a user's first one is.
async fn get(address: &str, path: &str) -> std::io::Result<u16> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let status =
        answer.split(|byte| *byte == b' ').nth(1).and_then(|word| std::str::from_utf8(word).ok());
    status
        .and_then(|word| word.parse().ok())
        .ok_or_else(|| std::io::Error::new(std::io::ErrorKind::InvalidData, "no status line"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_lasts_from_the_first_failure_to_the_next_answer() {
        let mut seen = Seen::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        seen.record(at(0), at(0), true);
        seen.record(at(1), at(3), false);
        // Sent before the failure, answered after it: it does not end the outage.
        seen.record(at(0), at(4), true);
        assert_eq!(seen.until(at(4)).outage_seconds.to_string(), "3");
        seen.record(at(4), at(4), false);
        seen.record(at(5), at(6), true);
        let felt = seen.until(at(60));
        assert_eq!((felt.requests, felt.failed), (5, 2));
        assert_eq!(
            (felt.outage_seconds.to_string(), felt.longest_outage_seconds.to_string()),
            ("5".into(), "5".into())
        );
    }
}
