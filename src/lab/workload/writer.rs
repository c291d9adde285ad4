//! One writing connection: connects, writes at its pace, and comes back after an outage.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::database::Session;
use super::ledger::{Entry, Ledger};
use super::log;
use super::operation::Operations;
use super::settings::Settings;

const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Writes until it is stopped. The write that is under way is finished first.
pub(super) async fn write_until_stopped(
    settings: Arc<Settings>,
    ledger: Arc<Ledger>,
    number: u32,
    stop: CancellationToken,
) {
    let mut writer = Writer::new(&settings, &ledger, number);
    let mut pause = SHORTEST_PAUSE;
    while !stop.is_cancelled() {
        match writer.session(&stop).await {
            Ok(0) => pause = (pause * 2).min(LONGEST_PAUSE),
            Ok(_) => pause = SHORTEST_PAUSE,
            Err(why) => {
                writer.say(&why);
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        let _ = tokio::time::timeout(pause, stop.cancelled()).await;
    }
}

struct Writer<'a> {
    settings: &'a Settings,
    ledger: &'a Ledger,
    number: u32,
    written: u64,
    said: String,
}

impl<'a> Writer<'a> {
    fn new(settings: &'a Settings, ledger: &'a Ledger, number: u32) -> Self {
        Self { settings, ledger, number, written: 0, said: String::new() }
    }

    /// Writes on one session until it ends. Answers how many writes were acknowledged on it.
    async fn session(&mut self, stop: &CancellationToken) -> Result<u64, String> {
        let mut session = Session::open(&self.settings.database).await?;
        let operations = Operations::prepare(&session.client)
            .await
            .map_err(|error| super::database::describe(&error))?;
        if !operations.have_sprints() {
            return Err("there is no active sprint".into());
        }
        self.say("connected");
        let mut acknowledged = 0;
        let mut ticks = ticks(self.settings);
        loop {
            tokio::select! {
                () = stop.cancelled() => return Ok(acknowledged),
                _ = ticks.tick() => {}
            }
            let id = request_id();
            let n = self.written * u64::from(self.settings.connections) + u64::from(self.number);
            let written = operations.write(&mut session.client, n, &id).await;
            self.written += 1;
            acknowledged += u64::from(written.why.is_none());
            let entry = Entry {
                at: Timestamp::now(),
                id,
                role: self.settings.role.clone(),
                operation: written.operation.into(),
                outcome: written.outcome,
                why: written.why.clone(),
            };
            self.ledger
                .append(&entry)
                .map_err(|error| format!("the ledger cannot be written: {error}"))?;
            if let Some(why) = &written.why {
                self.say(why);
            }
            if written.leave {
                return Ok(acknowledged);
            }
        }
    }

    /// Logs, on change only: an outage is one line, not a thousand.
    fn say(&mut self, what: &str) {
        if self.said != what {
            log::line(&format!("{} connection {}: {what}", self.settings.role, self.number));
            what.clone_into(&mut self.said);
        }
    }
}

fn ticks(settings: &Settings) -> Interval {
    let period = f64::from(settings.connections) / settings.rate.max(0.01);
    let mut ticks = tokio::time::interval(Duration::from_secs_f64(period));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// A random UUID (version 4). A write of unknown outcome is never sent again under its identifier: it would be there twice.
fn request_id() -> String {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)
        .expect("the system's random source never fails once it has been seeded");
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
