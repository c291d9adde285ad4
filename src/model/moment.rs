//! A moment of a recorded run, as a person says it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A place between a run's first and its last event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Moment {
    /// So long after the first event.
    After(Duration),
    /// A share of the way, from 0 to 1.
    Share(f64),
}

impl Moment {
    /// How long after the first event of a run that took so long. Never behind its end.
    #[must_use]
    pub fn of(self, whole: Duration) -> Duration {
        match self {
            Self::After(time) => time.min(whole),
            Self::Share(share) => whole.mul_f64(share.clamp(0.0, 1.0)),
        }
    }
}

/// A text that is no moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAMoment;

impl fmt::Display for NotAMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time since the start such as 90, 02:10 or 1:02:03 is asked for, or a share such as 50%")
    }
}

impl std::error::Error for NotAMoment {}

impl FromStr for Moment {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if let Some(share) = text.strip_suffix('%') {
            let share: f64 = share.trim().parse().map_err(|_| NotAMoment)?;
            let fits = (0.0..=100.0).contains(&share);
            return if fits { Ok(Self::Share(share / 100.0)) } else { Err(NotAMoment) };
        }
        let mut parts = text.split(':').rev();
        let seconds = parts.next().filter(|part| !part.is_empty()).ok_or(NotAMoment)?;
        let seconds: f64 = seconds.parse().map_err(|_| NotAMoment)?;
        let seconds = Duration::try_from_secs_f64(seconds).map_err(|_| NotAMoment)?;
        let mut time = seconds;
        for (unit, part) in [60, 3600].into_iter().zip(parts.by_ref()) {
            let count: u32 = part.parse().map_err(|_| NotAMoment)?;
            time =
                time.checked_add(Duration::from_secs(u64::from(count) * unit)).ok_or(NotAMoment)?;
        }
        if parts.next().is_some() { Err(NotAMoment) } else { Ok(Self::After(time)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_time_or_a_share() {
        let whole = Duration::from_secs(200);
        let at = |text: &str| text.parse::<Moment>().map(|moment| moment.of(whole).as_secs_f64());
        assert_eq!(at("90"), Ok(90.0));
        assert_eq!(at("02:10"), Ok(130.0));
        assert_eq!(at(" 0:02:03.5 "), Ok(123.5));
        assert_eq!(at("1:00:00"), Ok(200.0));
        assert_eq!(at("25%"), Ok(50.0));
        for text in ["", ":", "5:", "-1", "1:2:3:4", "101%", "-1%", "%", "x", "1e400", "NaN", "a:1"]
        {
            assert_eq!(at(text), Err(NotAMoment), "{text}");
        }
    }
}
