//! The last readings of a number, drawn as a line.

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::model::{Observed, Reading, Side};

/// How many readings are kept of each.
const KEPT: usize = 60;

/// Writes a second and clients of both sides.
#[derive(Debug, Default)]
pub(super) struct Trends {
    writes: [Trend; 2],
    clients: [Trend; 2],
}

/// The last readings of a number.
#[derive(Debug, Default)]
pub(super) struct Trend {
    points: VecDeque<(Timestamp, u64)>,
}

impl Trends {
    /// Takes what is newer than what was taken before.
    pub(super) fn take(&mut self, observed: &Observed) {
        for (index, side) in Side::BOTH.into_iter().enumerate() {
            let view = observed.side(side);
            self.writes[index].take(&view.flow, |flow| flow.writes.thousandths());
            self.clients[index].take(&view.clients, |clients| *clients);
        }
    }

    /// Writes a second, in thousandths.
    pub(super) const fn writes(&self) -> &[Trend; 2] {
        &self.writes
    }

    /// Clients.
    pub(super) const fn clients(&self) -> &[Trend; 2] {
        &self.clients
    }
}

impl Trend {
    fn take<T>(&mut self, reading: &Reading<T>, number: impl Fn(&T) -> u64) {
        let Reading::Fresh { value, at } = reading else { return };
        if self.points.back().is_some_and(|(last, _)| at <= last) {
            return;
        }
        if self.points.len() == KEPT {
            self.points.pop_front();
        }
        self.points.push_back((*at, number(value)));
    }

    /// The least and the greatest number, and since when. None before there are two readings.
    pub(super) fn span(&self) -> Option<(u64, u64, Timestamp)> {
        let (since, _) = self.points.front()?;
        let numbers = || self.points.iter().map(|(_, number)| *number);
        (self.points.len() > 1).then_some((numbers().min()?, numbers().max()?, *since))
    }

    /// The last readings as a line of so many cells at most, the newest at its end; its height is the greatest number, and
    /// its foot is 0.
    pub(super) fn line(&self, width: usize, ascii: bool) -> String {
        let steps: &[char] = if ascii {
            &['_', '.', '-', '^']
        } else {
            &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
        };
        let Some((_, most, _)) = self.span() else { return String::new() };
        let highest = steps.len() as u64 - 1;
        let skipped = self.points.len().saturating_sub(width);
        let height = |number: u64| {
            let scaled = u128::from(number) * u128::from(highest);
            let step = scaled.div_ceil(u128::from(most.max(1)));
            steps[usize::try_from(step).unwrap_or_default().min(steps.len() - 1)]
        };
        self.points.iter().skip(skipped).map(|(_, number)| height(*number)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_line_goes_from_nothing_to_the_most() {
        let mut trend = Trend::default();
        for (second, value) in [(1_u64, 0_u64), (2, 1), (2, 9), (3, 50), (4, 100)] {
            let at = Timestamp::UNIX_EPOCH + Duration::from_secs(second);
            trend.take(&Reading::Fresh { value, at }, |value| *value);
        }
        assert_eq!(trend.line(9, true), "_.-^", "a reading is taken once");
        assert_eq!(trend.line(2, false), "▅█");
        trend.take(&Reading::<u64>::unknown("refused"), |value| *value);
        assert_eq!(trend.span().map(|(least, most, _)| (least, most)), Some((0, 100)));
    }
}
