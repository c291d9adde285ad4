//! A line: an event and the hash of the line before it.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::model::Event;

#[derive(Serialize)]
struct Written<'a> {
    prev: &'a str,
    #[serde(flatten)]
    event: &'a Event,
}

#[derive(Deserialize)]
struct Read {
    prev: String,
    #[serde(flatten)]
    event: Event,
}

/// The event's line, with its end.
pub(super) fn write(prev: &str, event: &Event) -> Result<String, serde_json::Error> {
    let mut line = serde_json::to_string(&Written { prev, event })?;
    line.push('\n');
    Ok(line)
}

/// The event of a line, if that follows a line of this hash.
pub(super) fn read(prev: &str, line: &str) -> Result<Event, String> {
    let read: Read =
        serde_json::from_str(line).map_err(|error| format!("cannot be read: {error}"))?;
    if read.prev == prev {
        Ok(read.event)
    } else {
        Err("does not follow the one before it: one of them was changed, or a line is missing"
            .to_owned())
    }
}

/// SHA-256 of a line without its end, in lower-case hexadecimal.
pub(super) fn hash(line: &str) -> String {
    let digest = Sha256::digest(line.trim_end_matches('\n'));
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
