//! How long a trouble may last.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::finding::Finding;

/// A trouble that is not seen for this long is over; a container that crashes is well in between.
const FORGET: Duration = Duration::from_secs(15);

/// Remembers since when each trouble lasts.
#[derive(Debug, Default)]
pub struct Patience {
    known: BTreeMap<String, (Instant, Instant)>,
}

impl Patience {
    /// Takes what was found now, and answers with the first finding that lasts for too long.
    pub fn exhausted<'a>(&mut self, findings: &'a [Finding], now: Instant) -> Option<&'a Finding> {
        self.known.retain(|_, (_, last)| now.duration_since(*last) < FORGET);
        for finding in findings {
            let (_, last) = self.known.entry(finding.key()).or_insert((now, now));
            *last = now;
        }
        findings.iter().find(|finding| {
            let (since, _) = self.known[&finding.key()];
            finding.trouble.patience().is_some_and(|limit| now.duration_since(since) >= limit)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::{PullRefusal, Trouble};
    use super::*;

    fn denied(pod: &str) -> Finding {
        Finding {
            trouble: Trouble::ImagePull {
                image: "r.example/x:1".into(),
                refusal: PullRefusal::Denied,
                named: vec![],
                unread: vec![],
            },
            object: format!("pod/{pod}"),
            container: Some("x".into()),
            message: String::new(),
            causes: vec![],
        }
    }

    #[test]
    fn a_trouble_is_borne_for_its_grace_even_when_the_pod_is_replaced() {
        let (mut patience, start) = (Patience::default(), Instant::now());
        assert_eq!(patience.exhausted(&[denied("a")], start), None);
        let later = start + Duration::from_secs(10);
        assert_eq!(patience.exhausted(&[denied("b")], later), None);
        let last = start + Duration::from_secs(20);
        assert_eq!(patience.exhausted(&[denied("b")], last), Some(&denied("b")));
    }

    #[test]
    fn a_trouble_that_is_over_starts_anew() {
        let (mut patience, start) = (Patience::default(), Instant::now());
        patience.exhausted(&[denied("a")], start);
        patience.exhausted(&[], start + Duration::from_secs(16));
        assert_eq!(patience.exhausted(&[denied("a")], start + Duration::from_secs(40)), None);
    }
}
