//! The playhead of a recorded run: which facts and readings have been shown, and what time it is there. Pure: the clock is told.

use std::ops::Range;
use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Event, EventKind, Moment, Observed, Seen, unrecorded};
use crate::session::Playback;

/// After so long without anything the next event is come.
const LONGEST: Duration = Duration::from_secs(5);
/// After so long in which a step only got on the next fact is come: a soak of a day is not watched for a day.
const LONGEST_STEP: Duration = Duration::from_secs(30);
/// What the keys choose from.
const SPEEDS: [f64; 11] = [0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

/// A recorded run that is being shown.
#[derive(Debug)]
pub(in crate::tui) struct Player {
    playback: Playback,
    /// When each event comes: a clock that was set back does not turn the recording back.
    times: Vec<Timestamp>,
    /// How many events have been shown.
    shown: usize,
    /// How many glimpses have.
    glimpsed: usize,
    seen: Seen,
    /// The time of the recording.
    now: Timestamp,
    /// When time last passed for whoever watches.
    ticked: Option<Timestamp>,
    /// For how long they have seen nothing.
    idle: Duration,
    /// For how long they have seen no more than how far a step is.
    waited: Duration,
    pub(in crate::tui) paused: bool,
    pub(in crate::tui) speed: f64,
}

/// What is to be shown.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Turn {
    /// Everything that was shown is forgotten first.
    pub(super) anew: bool,
    /// These events.
    pub(super) events: Range<usize>,
    /// The readings, where they changed.
    pub(super) observed: Option<Observed>,
}

impl Player {
    /// A recording at its beginning, and what is to be shown there.
    pub(super) fn new(playback: Playback) -> (Self, Turn) {
        let (from, speed) = (playback.from, playback.speed);
        let mut latest = Timestamp::MIN;
        let times: Vec<Timestamp> = playback
            .events
            .iter()
            .map(|event| {
                latest = latest.max(event.at);
                latest
            })
            .collect();
        let mut player = Self {
            shown: 0,
            glimpsed: 0,
            seen: Seen::default(),
            now: times.first().copied().unwrap_or(Timestamp::UNIX_EPOCH),
            times,
            ticked: None,
            idle: Duration::ZERO,
            waited: Duration::ZERO,
            paused: false,
            // at once: the end is shown, and from there it goes as it was
            speed: if speed > 0.0 { speed } else { 1.0 },
            playback,
        };
        let from = if speed > 0.0 { from } else { Moment::Share(1.0) };
        let turn = player.seek(from);
        (player, turn)
    }

    /// The events.
    pub(super) fn events(&self) -> &[Event] {
        &self.playback.events
    }

    /// The time of the recording.
    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    /// How far it is, and how long it is in all.
    pub(super) fn place(&self) -> (Duration, Duration) {
        (since(self.began(), self.now), self.whole())
    }

    /// True when everything has been shown.
    pub(super) fn is_over(&self) -> bool {
        self.shown == self.events().len()
    }

    /// Time passes.
    pub(super) fn tick(&mut self, wall: Timestamp) -> Turn {
        let passed = self.ticked.replace(wall).map_or(Duration::ZERO, |before| since(before, wall));
        if self.paused || self.is_over() {
            return Turn::default();
        }
        self.idle += passed;
        self.waited += passed;
        let shown = self.shown;
        let mut to = self.now + passed.mul_f64(self.speed);
        if self.waited >= LONGEST_STEP {
            to = to.max(self.times[self.next_fact()]);
        } else if self.idle >= LONGEST {
            to = to.max(self.times[shown]);
        }
        let until = self.times.partition_point(|at| *at <= to).max(shown);
        if until > shown {
            self.idle = Duration::ZERO;
        }
        if self.events()[shown..until].iter().any(is_fact) {
            self.waited = Duration::ZERO;
        }
        self.shown = until;
        self.now = to.min(self.ends()).max(self.now);
        Turn { events: shown..until, observed: self.look(), ..Turn::default() }
    }

    /// Goes to a moment.
    pub(super) fn seek(&mut self, moment: Moment) -> Turn {
        let at = self.began() + moment.of(self.whole());
        let shown = self.times.partition_point(|time| *time <= at);
        self.go(shown, at)
    }

    /// Goes to the step's edge before the one that was shown last.
    pub(super) fn back(&mut self) -> Turn {
        let before = self.shown.saturating_sub(1);
        let edge = self.events()[..before].iter().rposition(|event| event.kind.is_edge());
        self.go_to(edge.unwrap_or_default())
    }

    /// Goes to the next edge of a step.
    pub(super) fn forward(&mut self) -> Turn {
        let edge = self.events()[self.shown..].iter().position(|event| event.kind.is_edge());
        let last = self.events().len().saturating_sub(1);
        self.go_to(edge.map_or(last, |edge| self.shown + edge))
    }

    /// Slower or faster, and how fast then.
    pub(super) fn hurry(&mut self, faster: bool) -> f64 {
        let speed = self.speed;
        let mut fitting = SPEEDS.iter().copied();
        let next = if faster {
            fitting.find(|known| *known > speed)
        } else {
            fitting.rfind(|known| *known < speed)
        };
        self.speed = next.unwrap_or(speed);
        self.speed
    }

    fn go_to(&mut self, index: usize) -> Turn {
        self.times.get(index).copied().map_or_else(Turn::default, |at| self.go(index + 1, at))
    }

    /// Back is from the start again: what was shown is a fold, and a fold has no way back.
    fn go(&mut self, shown: usize, at: Timestamp) -> Turn {
        let anew = shown < self.shown || at < self.now;
        if anew {
            (self.shown, self.glimpsed, self.seen) = (0, 0, Seen::default());
        }
        let events = self.shown..shown;
        (self.shown, self.now) = (shown, at);
        (self.idle, self.waited) = (Duration::ZERO, Duration::ZERO);
        let observed = self.look().or_else(|| anew.then(unrecorded));
        Turn { anew, events, observed }
    }

    fn look(&mut self) -> Option<Observed> {
        let readings = &self.playback.readings;
        let until = readings.partition_point(|glimpse| glimpse.at <= self.now);
        if until <= self.glimpsed {
            return None;
        }
        for glimpse in &readings[self.glimpsed..until] {
            self.seen.take(glimpse);
        }
        self.glimpsed = until;
        self.seen.observed()
    }

    /// The next event that tells more than how far a step is; the last one where none does.
    fn next_fact(&self) -> usize {
        let ahead = self.events()[self.shown..].iter().position(is_fact);
        ahead.map_or(self.events().len() - 1, |ahead| self.shown + ahead)
    }

    fn began(&self) -> Timestamp {
        self.times.first().copied().unwrap_or(self.now)
    }

    fn ends(&self) -> Timestamp {
        self.times.last().copied().unwrap_or(self.now)
    }

    fn whole(&self) -> Duration {
        since(self.began(), self.ends())
    }
}

const fn is_fact(event: &Event) -> bool {
    !matches!(event.kind, EventKind::StepProgress { .. })
}

fn since(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Progress;
    use crate::model::sample::at;

    #[test]
    fn a_step_that_gets_on_for_long_is_not_watched_to_its_end() {
        let fact = |n| at(n, EventKind::Refused { command: "stop".into(), why: "it runs".into() });
        let progress = |n| {
            let progress = Progress { done: Some(n), total: Some(600), ..Progress::default() };
            at(n, EventKind::StepProgress { step: "soak".into(), progress })
        };
        let events = std::iter::once(fact(1)).chain((2..600).map(progress)).chain([fact(600)]);
        let from = Moment::Share(0.0);
        let playback =
            Playback { events: events.collect(), readings: Vec::new(), from, speed: 1.0 };
        let (mut player, _) = Player::new(playback);
        let mut watched = 0;
        while !player.is_over() {
            player.tick(Timestamp::UNIX_EPOCH + Duration::from_secs(watched));
            watched += 1;
        }
        assert_eq!(watched, 31);
    }
}
