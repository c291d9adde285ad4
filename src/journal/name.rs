use std::io;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::RunId;

/// No vowels that make words, and nothing that looks like something else.
const TAIL: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";

/// A name for a new run: the profile, the moment (UTC) and four random characters, such as `chronicle-20261121-031500-x7k2`.
///
/// # Errors
/// When the system has no randomness to give.
pub fn run_id(profile: &str, now: Timestamp) -> io::Result<RunId> {
    let mut random = [0_u8; 4];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(named(profile, now, random))
}

fn named(profile: &str, now: Timestamp, random: [u8; 4]) -> RunId {
    let kept = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let profile: String = profile.chars().map(kept).collect();
    let profile = match profile.trim_matches('-') {
        "" => "run",
        name => name,
    };
    let moment = now.to_zoned(TimeZone::UTC).strftime("%Y%m%d-%H%M%S");
    let tail: String = random.iter().map(|byte| char::from(TAIL[usize::from(byte % 32)])).collect();
    RunId::new(format!("{profile}-{moment}-{tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_and_when_and_is_a_file_name() {
        let now: Timestamp = "2026-11-21T03:15:00Z".parse().unwrap();
        assert_eq!(
            named("chronicle", now, [0, 1, 2, 255]).as_str(),
            "chronicle-20261121-031500-abc9"
        );
        assert_eq!(named("../My DB", now, [0; 4]).as_str(), "my-db-20261121-031500-aaaa");
        assert_eq!(named("…", now, [0; 4]).as_str(), "run-20261121-031500-aaaa");
    }
}
